//! A ledger in two SQLite files: `ledger.db`, which tells nothing by itself, and `salts.db` beside it, which opens it.
//!
//! Write-ahead logs with `synchronous=FULL`: a commit is on stable storage when it returns. One thread owns the only
//! connections that write ([`writer`], [`store`]); reads go through a few read-only connections.

mod address;
mod append;
mod checkpoint;
mod document;
mod entry;
mod erase;
mod error;
mod event;
mod forget;
pub mod inspect;
mod ledger;
mod mail;
mod mark;
mod mover;
mod open;
mod reader;
mod receipt;
mod retain;
mod scan;
mod schema;
mod store;
mod tree;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use crate::body::Shelf;
use crate::error::{LedgerError, OpenError};
use crate::ledger::Answer;
use crate::receipt::Append;
use crate::vault::Vault;
use append::Prepared;
use mover::Mover;
use reader::{Gate, Readers};
use store::Store;
use writer::Writer;

/// How many writes may wait; one more is answered "busy".
pub const QUEUE: usize = 4096;

/// A ledger in two SQLite files.
pub struct SqliteLedger {
    // Dropped in this order: the writer's connections are the last ones, and empty the write-ahead logs.
    readers: Readers,
    writer: Option<Writer>,
    vault: Option<Arc<Vault>>,
    shelf: Arc<RwLock<Shelf>>,
    origin: String,
    _lock: Option<File>,
}

impl SqliteLedger {
    /// Opens a ledger, making or migrating its files as needed. `log` becomes the log's origin if it has none yet.
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
        let opened = open::for_writing(path, log, &vault)?;
        let failed = |source| OpenError::Ledger {
            path: path.display().to_string(),
            source,
        };
        let (vault, gate) = (Arc::new(vault), Arc::new(Gate::default()));
        let (ledger, salts) = opened.moving;
        let mover = Mover::start(ledger, salts, Arc::clone(&gate)).map_err(OpenError::Thread)?;
        let store = Store::new(
            (opened.ledger, opened.salts),
            Arc::clone(&vault),
            Arc::clone(&gate),
            mover,
        )
        .map_err(|error| failed(error.into()))?;
        let (readers, shelf) = read_beside(path, Some(gate)).map_err(failed)?;
        Ok(Self {
            readers,
            writer: Some(Writer::start(store, queue).map_err(OpenError::Thread)?),
            vault: Some(vault),
            shelf,
            origin: opened.origin,
            _lock: Some(opened.lock),
        })
    }

    /// Opens a ledger for reading alone: a copy, or the files of a running server. Nothing is ever written to them or
    /// beside them. Without a vault, what is found by a keyed hash is not found.
    pub fn read(path: &Path, vault: Option<Vault>) -> Result<Self, OpenError> {
        let origin = open::inspect(path)?;
        let (readers, shelf) = read_beside(path, None).map_err(|source| OpenError::Ledger {
            path: path.display().to_string(),
            source,
        })?;
        Ok(Self {
            readers,
            writer: None,
            vault: vault.map(Arc::new),
            shelf,
            origin,
            _lock: None,
        })
    }

    fn writer(&self) -> Result<(&Writer, &Arc<Vault>), LedgerError> {
        match (&self.writer, &self.vault) {
            (Some(writer), Some(vault)) => Ok((writer, vault)),
            _ => Err(LedgerError::Unavailable(
                "the ledger is open for reading only".to_owned(),
            )),
        }
    }

    fn vault(&self) -> Result<Arc<Vault>, LedgerError> {
        self.vault
            .clone()
            .ok_or_else(|| LedgerError::Unavailable("this takes the site's address key".to_owned()))
    }

    fn prepare(&self, append: Append, vault: &Vault) -> Prepared {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        Prepared::new(append, vault, &shelf)
    }
}

type Beside = (Readers, Arc<RwLock<Shelf>>);

fn read_beside(path: &Path, gate: Option<Arc<Gate>>) -> Result<Beside, LedgerError> {
    let readers = Readers::open(path, gate).map_err(error::WorkError::from)?;
    let shelf = readers.read_now(|reading| document::shelf(reading.files.db))?;
    Ok((readers, Arc::new(RwLock::new(shelf))))
}

/// An answer that is known at once.
fn at_once<T: Send + 'static>(answer: Result<T, LedgerError>) -> Answer<'static, T> {
    Box::pin(std::future::ready(answer))
}
