//! The files as SQLite sees them, and the salts in them.

use rusqlite::Connection;

use super::Inspector;
use crate::error::LedgerError;
use crate::sqlite::error::WorkError;
use crate::sqlite::schema::{self, Schema};

impl Inspector {
    /// What SQLite itself finds damaged in the two files, and where their tables are not those that this version makes;
    /// each in a sentence.
    pub fn files(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, connection, schema) in [
            ("ledger.db", &self.ledger, &schema::LEDGER),
            ("salts.db", &self.salts, &schema::SALTS),
        ] {
            let mut look = || {
                faults.extend(
                    whole(connection)?
                        .into_iter()
                        .map(|what| format!("{name}: {what}")),
                );
                if tables(connection)? != made(schema)? {
                    faults.push(format!(
                        "{name}: its tables are not those that this version makes"
                    ));
                }
                Ok::<_, rusqlite::Error>(())
            };
            if let Err(error) = look() {
                faults.push(format!("{name}: {error}"));
            }
        }
        faults
    }

    /// Tells of every salt whether it is forgotten, in order of the entries.
    pub fn salts(&self, mut tell: impl FnMut(u64, bool)) -> Result<(), LedgerError> {
        let mut read = || {
            let mut query = self
                .salts
                .prepare("SELECT log_index, salt = zeroblob(32) FROM salt ORDER BY log_index")?;
            let mut rows = query.query(())?;
            while let Some(row) = rows.next()? {
                tell(row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?);
            }
            Ok::<_, WorkError>(())
        };
        Ok(read()?)
    }
}

/// Pages, indexes and constraints, and the references between tables.
fn whole(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut query = connection.prepare("PRAGMA integrity_check(20)")?;
    let mut rows = query.query(())?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            faults.push(said);
        }
    }
    let mut query = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = query.query(())?;
    while let Some(row) = rows.next()? {
        let table: String = row.get(0)?;
        faults.push(format!(
            "a row of the table {table} refers to one that is not there"
        ));
        if faults.len() > 40 {
            break;
        }
    }
    Ok(faults)
}

type Tables = Vec<(String, String, String, Option<String>)>;

fn tables(connection: &Connection) -> rusqlite::Result<Tables> {
    let mut query = connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")?;
    let rows = query.query_map((), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    rows.collect()
}

/// The tables as they would be made now.
fn made(schema: &Schema) -> rusqlite::Result<Tables> {
    let connection = Connection::open_in_memory()?;
    schema.make(&connection)?;
    tables(&connection)
}
