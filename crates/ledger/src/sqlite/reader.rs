//! A few read-only connections to both files, used off the async threads.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rusqlite::Connection;

use super::error::WorkError;
use super::open;
use super::tree::Heads;
use crate::error::LedgerError;
use crate::ledger::Answer;

/// How many pairs of connections are kept open when idle.
const IDLE: usize = 4;

/// Lets the writer keep the other users of the files in this process out for a moment.
#[derive(Default)]
pub(super) struct Gate {
    readers: RwLock<()>,
    moving: Mutex<()>,
}

impl Gate {
    fn pass(&self) -> RwLockReadGuard<'_, ()> {
        self.readers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held by whoever moves a write-ahead log into its file.
    pub(super) fn moving(&self) -> &Mutex<()> {
        &self.moving
    }

    /// Keeps everybody out.
    pub(super) fn shut(&self) -> (MutexGuard<'_, ()>, RwLockWriteGuard<'_, ()>) {
        (
            self.moving.lock().unwrap_or_else(PoisonError::into_inner),
            self.readers.write().unwrap_or_else(PoisonError::into_inner),
        )
    }
}

/// Both files, for reading.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) db: &'a Connection,
    pub(super) salts: &'a Connection,
}

/// Both files, and the tree's head in them.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) files: Files<'a>,
    pub(super) heads: &'a Heads,
}

/// Read-only connections.
pub(super) struct Readers {
    pool: Arc<Pool>,
}

struct Pool {
    ledger: PathBuf,
    salts: PathBuf,
    gate: Arc<Gate>,
    alone: bool,
    idle: Mutex<Vec<(Connection, Connection)>>,
    heads: Heads,
}

impl Readers {
    /// Beside the writer whose gate this is, or, without one, alone: then the files may be a copy that nobody has open.
    pub(super) fn open(ledger: &Path, gate: Option<Arc<Gate>>) -> rusqlite::Result<Self> {
        let pool = Pool {
            ledger: ledger.to_owned(),
            salts: open::salts_of(ledger),
            alone: gate.is_none(),
            gate: gate.unwrap_or_default(),
            idle: Mutex::new(Vec::new()),
            heads: Heads::default(),
        };
        pool.give_back(pool.take()?);
        Ok(Self {
            pool: Arc::new(pool),
        })
    }

    /// Reads one state of the ledger on a thread where blocking is allowed.
    pub(super) fn read<T, F>(&self, work: F) -> Answer<'static, T>
    where
        T: Send + 'static,
        F: FnOnce(Reading<'_>) -> Result<T, WorkError> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        Box::pin(async move {
            let task = tokio::task::spawn_blocking(move || pool.read(work));
            let value = task
                .await
                .map_err(|error| LedgerError::Unavailable(error.to_string()))?;
            Ok(value?)
        })
    }

    /// The same where blocking does no harm.
    pub(super) fn read_now<T>(
        &self,
        work: impl FnOnce(Reading<'_>) -> Result<T, WorkError>,
    ) -> Result<T, WorkError> {
        self.pool.read(work)
    }
}

impl Pool {
    fn read<T>(
        &self,
        work: impl FnOnce(Reading<'_>) -> Result<T, WorkError>,
    ) -> Result<T, WorkError> {
        let _open = self.gate.pass();
        let (ledger, salts) = self.take()?;
        // One snapshot of the ledger, whatever is committed meanwhile. Salts are read after it, so each is there.
        let snapshot = ledger.unchecked_transaction()?;
        let value = work(Reading {
            files: Files {
                db: &snapshot,
                salts: &salts,
            },
            heads: &self.heads,
        })?;
        snapshot.finish()?;
        self.give_back((ledger, salts));
        Ok(value)
    }

    fn take(&self) -> rusqlite::Result<(Connection, Connection)> {
        if let Some(pair) = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
        {
            return Ok(pair);
        }
        Ok((
            open::for_reading(&self.ledger, self.alone)?,
            open::for_reading(&self.salts, self.alone)?,
        ))
    }

    fn give_back(&self, pair: (Connection, Connection)) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(pair);
        }
    }
}
