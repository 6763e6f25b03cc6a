//! What stands in the ledger, read from its file as an auditor would: read-only, beside the running server.

use std::path::{Path, PathBuf};

use base64ct::{Base64UrlUnpadded, Encoding};
use rusqlite::{Connection, OpenFlags};
use sayso_ledger::Ledger;
use sayso_ledger::receipt::Stored;
use sayso_ledger::record::{Record, RecordKind};
use sayso_ledger::sqlite::SqliteLedger;
use serde_json::Value;

use crate::Result;

/// One receipt of the ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The decision it records.
    pub decision: String,
    /// Whether the server recorded it without the visitor's signature.
    pub witnessed: bool,
    /// The receipt's payload.
    pub payload: Value,
}

impl Entry {
    /// The status recorded for a purpose.
    pub fn status(&self, purpose: &str) -> Option<&str> {
        let purposes = self.payload["purposes"].as_array()?;
        purposes.iter().find(|one| one["id"] == purpose)?["status"].as_str()
    }
}

/// All receipts, in the ledger's order.
pub(crate) fn entries(data: &Path) -> Result<Vec<Entry>> {
    let path = database(data)?;
    // The caller may be in a runtime of its own, which must not be blocked on.
    let records = std::thread::scope(|scope| {
        let read = || {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let records = runtime.map(|runtime| runtime.block_on(scan(&path)));
            // Errors do not pass from thread to thread; their sentences do.
            records
                .map_err(|error| error.to_string())?
                .map_err(|error| error.to_string())
        };
        scope.spawn(read).join()
    });
    let records = records.map_err(|_| "reading the ledger panicked")??;
    records
        .into_iter()
        .filter_map(|record| match record.kind {
            RecordKind::Receipt(stored) => Some(entry(stored)),
            RecordKind::Unreadable(why) => Some(Err(why.into())),
            RecordKind::Erased | RecordKind::Tombstone { .. } | RecordKind::KeyEvent { .. } => None,
        })
        .collect()
}

async fn scan(path: &Path) -> Result<Vec<Record>> {
    let ledger = SqliteLedger::read(path, None)?;
    let mut records: Vec<Record> = Vec::new();
    loop {
        let page = ledger.scan(records.len() as u64, 500).await?;
        if page.is_empty() {
            return Ok(records);
        }
        records.extend(page);
    }
}

fn entry(stored: Stored) -> Result<Entry> {
    Ok(Entry {
        payload: payload(&stored.jws)?,
        decision: stored.decision,
        witnessed: stored.witnessed,
    })
}

/// Purpose and status of every subscription, for all addresses together, sorted.
pub(crate) fn subscriptions(data: &Path) -> Result<Vec<(String, String)>> {
    let connection = open(data)?;
    let mut statement =
        connection.prepare("SELECT purpose, status FROM subscription ORDER BY address, purpose")?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The payload of a compact JWS.
pub fn payload(jws: &str) -> Result<Value> {
    let part = jws.split('.').nth(1).ok_or("a JWS has three parts")?;
    let bytes = Base64UrlUnpadded::decode_vec(part).map_err(|error| format!("{error}: {part}"))?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn open(data: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database(data)?, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// The ledger in the folder; the tests have one site.
fn database(data: &Path) -> Result<PathBuf> {
    databases(data)?
        .into_iter()
        .find(|path| path.ends_with("ledger.db"))
        .ok_or_else(|| format!("no ledger in {}", data.display()).into())
}

/// Every SQLite file in the folder, however deep.
fn databases(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(databases(&path)?);
        } else if std::fs::read(&path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
