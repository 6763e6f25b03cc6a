//! A ledger in one SQLite file.
//!
//! Write-ahead log with `synchronous=FULL`: a commit is on stable storage when it returns. One thread owns the only
//! connection that writes ([`writer`]); reads go through a few read-only connections.

mod address;
mod append;
mod document;
mod mail;
mod reader;
mod schema;
mod writer;

use std::path::Path;
use std::sync::Arc;

use std::ops::Range;

use rusqlite::Connection;
use sayso_core::digest::Digest;
use sayso_core::log::Entry;

use crate::LedgerError;
use crate::address::{Address, AddressChange, AddressOutcome, Token};
use crate::document::{Document, DocumentKind};
use crate::erasure::{Erased, Erasure, Retention};
use crate::error::OpenError;
use crate::ledger::{Answer, Ledger};
use crate::log::{Head, Inclusion, Published};
use crate::mail::{Delivery, QueuedMail};
use crate::receipt::{Append, Outcome, Stored};
use crate::record::Record;
use crate::vault::Vault;
use reader::Readers;
use writer::Writer;

/// The oldest SQLite that keeps a write-ahead log whole (3.51.3).
const OLDEST: i32 = 3_051_003;

/// How many writes may wait; one more is answered "busy".
pub const QUEUE: usize = 4096;

/// A ledger in one SQLite file.
pub struct SqliteLedger {
    writer: Writer,
    readers: Readers,
    vault: Arc<Vault>,
    log: String,
}

impl SqliteLedger {
    /// Opens the file, making or migrating it as needed. `log` becomes the log's origin if it has none yet.
    pub fn open(path: &Path, log: &str, vault: Vault) -> Result<Self, OpenError> {
        Self::with_queue(path, log, vault, QUEUE)
    }

    /// The same with room for another number of waiting writes.
    pub fn with_queue(
        path: &Path,
        log: &str,
        vault: Vault,
        queue: usize,
    ) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST {
            return Err(OpenError::SqliteTooOld {
                found: rusqlite::version(),
            });
        }
        let name = || path.display().to_string();
        let failed = |source| OpenError::Sqlite {
            path: name(),
            source,
        };
        let mut connection = Connection::open(path).map_err(failed)?;
        configure(&connection).map_err(failed)?;
        match schema::migrate(&mut connection).map_err(failed)? {
            schema::Migrated::Current => {}
            schema::Migrated::TooNew(found) => {
                return Err(OpenError::SchemaTooNew {
                    path: name(),
                    found,
                    known: schema::VERSION,
                });
            }
        }
        let log = schema::origin(&connection, log).map_err(failed)?;
        let readers = Readers::open(path).map_err(failed)?;
        let writer = Writer::start(connection, queue).map_err(OpenError::Thread)?;
        Ok(Self {
            writer,
            readers,
            vault: Arc::new(vault),
            log,
        })
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)
}

fn later<T: Send + 'static>() -> Answer<'static, T> {
    Box::pin(async { Err(LedgerError::Unavailable("not built yet".to_owned())) })
}

impl Ledger for SqliteLedger {
    fn log(&self) -> &str {
        &self.log
    }

    fn append(&self, receipts: Vec<Append>) -> Answer<'_, Vec<Outcome>> {
        self.writer.write(move |tx| {
            receipts
                .iter()
                .map(|receipt| append::append(tx, receipt))
                .collect()
        })
    }

    fn size(&self) -> Answer<'_, u64> {
        self.readers.read(append::size)
    }

    fn by_index(&self, index: u64) -> Answer<'_, Option<Stored>> {
        self.readers.read(move |db| append::by_index(db, index))
    }

    fn by_hash(&self, hash: Digest) -> Answer<'_, Option<Stored>> {
        self.readers.read(move |db| append::by_hash(db, hash))
    }

    fn by_decision(&self, decision: String) -> Answer<'_, Vec<Stored>> {
        self.readers
            .read(move |db| append::by_decision(db, &decision))
    }

    fn key_event(&self, _: String, _: [u8; 32], _: u64) -> Answer<'_, u64> {
        later()
    }

    fn scan(&self, _: u64, _: u32) -> Answer<'_, Vec<Record>> {
        later()
    }

    fn head(&self) -> Answer<'_, Head> {
        later()
    }

    fn inclusion(&self, _: u64, _: Option<u64>) -> Answer<'_, Option<Inclusion>> {
        later()
    }

    fn consistency(&self, _: u64, _: u64) -> Answer<'_, Option<Vec<Digest>>> {
        later()
    }

    fn nodes(&self, _: u8, _: Range<u64>) -> Answer<'_, Option<Vec<Digest>>> {
        later()
    }

    fn entries(&self, _: Range<u64>) -> Answer<'_, Option<Vec<Entry>>> {
        later()
    }

    fn publish_checkpoint(&self, _: Published) -> Answer<'_, ()> {
        later()
    }

    fn published(&self) -> Answer<'_, Option<Published>> {
        later()
    }

    fn checkpoints(&self) -> Answer<'_, Vec<Published>> {
        later()
    }

    fn erase(&self, _: Erasure) -> Answer<'_, Erased> {
        later()
    }

    fn retain(&self, _: Retention, _: u64) -> Answer<'_, Erased> {
        later()
    }

    fn suppressed(&self, _: String) -> Answer<'_, bool> {
        later()
    }

    fn publish(&self, documents: Vec<Document>) -> Answer<'_, ()> {
        self.writer.write(move |tx| {
            documents
                .iter()
                .try_for_each(|document| document::publish(tx, document))
        })
    }

    fn document(&self, kind: DocumentKind, digest: Digest) -> Answer<'_, Option<Document>> {
        self.readers
            .read(move |db| document::by_digest(db, kind, digest))
    }

    fn documents(&self, kind: DocumentKind) -> Answer<'_, Vec<Document>> {
        self.readers.read(move |db| document::all(db, kind))
    }

    fn record(&self, change: AddressChange) -> Answer<'_, AddressOutcome> {
        let vault = Arc::clone(&self.vault);
        self.writer
            .write(move |tx| address::record(tx, &vault, &change))
    }

    fn address(&self, email: String) -> Answer<'_, Option<Address>> {
        let vault = Arc::clone(&self.vault);
        self.readers
            .read(move |db| address::by_email(db, &vault, &email))
    }

    fn token(&self, hash: Digest) -> Answer<'_, Option<Token>> {
        let vault = Arc::clone(&self.vault);
        self.readers
            .read(move |db| address::token(db, &vault, hash))
    }

    fn due_mail(&self, now: u64, limit: u32) -> Answer<'_, Vec<QueuedMail>> {
        let vault = Arc::clone(&self.vault);
        self.readers
            .read(move |db| mail::due(db, &vault, now, limit))
    }

    fn delivered(&self, id: i64, delivery: Delivery) -> Answer<'_, ()> {
        self.writer
            .write(move |tx| mail::delivered(tx, id, delivery))
    }

    fn ready(&self) -> Answer<'_, ()> {
        let writing = self.writer.health();
        let reading = self.readers.read(|db| append::size(db).map(|_| ()));
        Box::pin(async move {
            writing?;
            reading.await
        })
    }
}
