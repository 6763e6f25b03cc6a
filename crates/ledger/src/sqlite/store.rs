//! What the writer thread owns: the two connections that write, and the tree's right edge. One batch is one transaction
//! in each file, the salts' first.

use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::WorkError;
use super::mover::Mover;
use super::reader::{Files, Gate};
use super::tree::{Edge, Growth};
use super::writer::Job;
use super::{entry, forget};
use crate::error::LedgerError;
use crate::vault::Vault;

/// The two files, open for writing.
pub(super) struct Store {
    // Dropped first, so that the writer's connections are the last ones, and empty the write-ahead logs.
    mover: Mover,
    ledger: Connection,
    salts: Connection,
    vault: Arc<Vault>,
    gate: Arc<Gate>,
    /// `None` after a failed commit: it is read again, never mended from memory.
    edge: Option<Edge>,
    /// Something was removed, and its traces are not known to be gone.
    unscrubbed: bool,
}

impl Batch<'_> {
    /// Both files as this transaction sees them.
    pub(super) fn files(&self) -> Files<'_> {
        Files {
            db: self.db,
            salts: self.salts,
        }
    }
}

/// What a job works in: a transaction in each file, and the tree as it grows.
pub(super) struct Batch<'a> {
    pub(super) db: &'a Transaction<'a>,
    pub(super) salts: &'a Transaction<'a>,
    pub(super) vault: &'a Vault,
    pub(super) tree: Growth,
    /// Set by who removes something.
    pub(super) removed: bool,
}

/// Why a batch was not committed.
pub(super) enum Failure {
    /// One job cannot be carried out; the others can.
    OfJob(usize, WorkError),
    /// The store failed.
    OfStore(WorkError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::OfStore(error.into())
    }
}

impl From<WorkError> for Failure {
    fn from(error: WorkError) -> Self {
        Self::OfStore(error)
    }
}

impl Store {
    /// Takes over the two connections, completes what a crash interrupted, and leaves both write-ahead logs empty.
    pub(super) fn new(
        (ledger, salts): (Connection, Connection),
        vault: Arc<Vault>,
        gate: Arc<Gate>,
        mover: Mover,
    ) -> Result<Self, WorkError> {
        let edge = Edge::load(&ledger)?;
        let mut store = Self {
            ledger,
            salts,
            vault,
            gate,
            mover,
            edge: Some(edge),
            unscrubbed: true,
        };
        store.scrub()?;
        Ok(store)
    }

    /// Carries out all jobs in one transaction in each file, or none of them.
    pub(super) fn commit(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        let edge = match self.edge.take() {
            Some(edge) => edge,
            None => Edge::load(&self.ledger)?,
        };
        // Dropping a transaction rolls it back.
        let db = self
            .ledger
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        if entry::size(&db)? != edge.size() {
            let why = "something else has written to the ledger".to_owned();
            return Err(WorkError::from(LedgerError::Damaged(why)).into());
        }
        let salts = self.salts.transaction()?;
        let mut batch = Batch {
            db: &db,
            salts: &salts,
            vault: &self.vault,
            tree: edge.grow(),
            removed: false,
        };
        let whose = |at| {
            move |error: WorkError| match error.is_of_the_store() {
                true => Failure::OfStore(error),
                false => Failure::OfJob(at, error),
            }
        };
        for (at, job) in jobs.iter_mut().enumerate() {
            job.work(&mut batch).map_err(whose(at))?;
        }
        for (at, job) in jobs.iter_mut().enumerate() {
            job.settle(&mut batch).map_err(whose(at))?;
        }
        let Batch { tree, removed, .. } = batch;
        tree.write(&db)?;
        // A salt without its entry is harmless and overwritten; an entry without its salt would be lost.
        salts.commit()?;
        self.unscrubbed |= removed;
        db.commit()?;
        self.edge = Some(tree.finish());
        for connection in [&self.ledger, &self.salts] {
            // What is committed stays committed, whatever becomes of the moving.
            if let Err(error) = self.mover.look(connection) {
                tracing::warn!(?error, "a write-ahead log was not looked at");
            }
        }
        Ok(())
    }

    /// Tries to write to both files, changing nothing: after a failure, whether that has passed.
    pub(super) fn probe(&mut self) -> Result<(), WorkError> {
        for connection in [&mut self.salts, &mut self.ledger] {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            tx.execute("UPDATE log SET one = one", ())?;
            tx.commit()?;
        }
        Ok(())
    }

    /// Forgets the salts of what was removed, and empties both write-ahead logs, so that no file holds a trace of it.
    pub(super) fn scrub(&mut self) -> Result<(), LedgerError> {
        if !self.unscrubbed {
            return Ok(());
        }
        let gate = Arc::clone(&self.gate);
        // An open read transaction would keep the write-ahead log as it is.
        let _shut = gate.shut();
        let scrubbed = forget::salts(&self.ledger, &mut self.salts)
            .and_then(|()| forget::truncate(&self.ledger))
            .and_then(|()| forget::truncate(&self.salts));
        scrubbed.map_err(|error| {
            let error = LedgerError::from(error);
            LedgerError::Unavailable(format!(
                "what was erased is out of the ledger, but traces may be left in its files ({error}); ask again"
            ))
        })?;
        self.unscrubbed = false;
        Ok(())
    }
}
