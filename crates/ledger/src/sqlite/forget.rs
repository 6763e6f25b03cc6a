//! Forgetting for good: salts overwritten where they lie, and write-ahead logs emptied.

use rusqlite::{Connection, OptionalExtension};

use super::error::WorkError;
use crate::error::LedgerError;

/// How much longer to wait for other processes that read.
const TRIES: u32 = 3;

/// Overwrites the salts of all that the ledger says is to be forgotten. Also completes what a crash interrupted, and
/// forgets again what an older copy of the salts brought back.
pub(super) fn salts(ledger: &Connection, salts: &mut Connection) -> Result<(), WorkError> {
    let tx = salts.transaction()?;
    let last: i64 = ledger
        .query_row("SELECT max(number) FROM forget", (), |row| {
            row.get::<_, Option<i64>>(0)
        })?
        .unwrap_or_default();
    let done: i64 = tx.query_row("SELECT forgotten FROM log", (), |row| row.get(0))?;
    // An older copy of the ledger numbers anew from where it was.
    let done = done.min(last);
    let mut query =
        ledger.prepare_cached("SELECT log_index, address FROM forget WHERE number > ?1")?;
    let mut rows = query.query([done])?;
    while let Some(row) = rows.next()? {
        // The same length as before, so SQLite writes over the old bytes and moves nothing.
        if let Some(index) = row.get::<_, Option<i64>>(0)? {
            tx.prepare_cached("UPDATE salt SET salt = zeroblob(32) WHERE log_index = ?1")?
                .execute([index])?;
        }
        if let Some(number) = row.get::<_, Option<i64>>(1)? {
            tx.prepare_cached("UPDATE address SET salt = zeroblob(32) WHERE number = ?1")?
                .execute([number])?;
        }
    }
    tx.execute(
        "UPDATE log SET forgotten = ?1 WHERE forgotten <> ?1",
        [last],
    )?;
    Ok(tx.commit()?)
}

/// Says that an entry's salt is to be forgotten.
pub(super) fn entry(db: &Connection, index: u64) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO forget (log_index) VALUES (?1)")?
        .execute([index.cast_signed()])?;
    Ok(())
}

/// Says that an address's salt is to be forgotten.
pub(super) fn address(db: &Connection, number: i64) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO forget (address) VALUES (?1)")?
        .execute([number])?;
    Ok(())
}

/// Moves the write-ahead log into the file and cuts it to nothing.
pub(super) fn truncate(connection: &Connection) -> Result<(), WorkError> {
    for _ in 0..TRIES {
        // Waits for readers for as long as the connection's busy timeout.
        let busy: i64 =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
        if busy == 0 {
            return Ok(());
        }
    }
    let why = "another process keeps a read transaction open".to_owned();
    Err(LedgerError::Unavailable(why).into())
}

/// An address's salt, unless it is forgotten.
pub(super) fn address_salt(salts: &Connection, number: i64) -> Result<Option<[u8; 32]>, WorkError> {
    let salt: Option<[u8; 32]> = salts
        .prepare_cached("SELECT salt FROM address WHERE number = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    let salt = salt.ok_or_else(|| {
        LedgerError::Damaged("an address has no salt: salts.db is older than ledger.db".to_owned())
    })?;
    Ok((salt != [0; 32]).then_some(salt))
}
