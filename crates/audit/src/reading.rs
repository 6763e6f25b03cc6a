//! A ledger that is only read, asked one question after the other.

use std::ops::Range;

use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_ledger::document::{Document, DocumentKind};
use sayso_ledger::log::{Head, Inclusion, Published};
use sayso_ledger::receipt::Stored;
use sayso_ledger::record::Record;
use sayso_ledger::{Answer, Ledger, LedgerError};

/// Entries asked for at once: those of two tiles.
pub const PAGE: u64 = 512;

/// A ledger that is only read. The questions block until they are answered, and may come from any thread.
pub struct Reading {
    ledger: Box<dyn Ledger>,
    runtime: tokio::runtime::Runtime,
}

impl Reading {
    /// Reads this ledger.
    pub fn new(ledger: Box<dyn Ledger>) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()?;
        Ok(Self { ledger, runtime })
    }

    fn ask<T>(&self, answer: Answer<'_, T>) -> Result<T, LedgerError> {
        self.runtime.block_on(answer)
    }

    /// The log's origin.
    pub fn log(&self) -> &str {
        self.ledger.log()
    }

    /// The log's size and root, as the ledger says them.
    pub fn head(&self) -> Result<Head, LedgerError> {
        self.ask(self.ledger.head())
    }

    /// How many entries there are.
    pub fn size(&self) -> Result<u64, LedgerError> {
        self.ask(self.ledger.size())
    }

    /// Entries from an index on, with what is kept of them; at least one if there is one.
    pub fn scan(&self, from: u64, limit: u32) -> Result<Vec<Record>, LedgerError> {
        self.ask(self.ledger.scan(from, limit))
    }

    /// The same without proofs.
    pub fn scan_unproved(&self, from: u64, limit: u32) -> Result<Vec<Record>, LedgerError> {
        self.ask(self.ledger.scan_unproved(from, limit))
    }

    /// Entries as they are hashed; at most [`PAGE`].
    pub fn entries(&self, range: Range<u64>) -> Result<Option<Vec<Entry>>, LedgerError> {
        self.ask(self.ledger.entries(range))
    }

    /// Complete nodes; at most [`PAGE`].
    pub fn nodes(&self, level: u8, range: Range<u64>) -> Result<Option<Vec<Digest>>, LedgerError> {
        self.ask(self.ledger.nodes(level, range))
    }

    /// That an entry stands in the tree of a size.
    pub fn inclusion(
        &self,
        index: u64,
        size: Option<u64>,
    ) -> Result<Option<Inclusion>, LedgerError> {
        self.ask(self.ledger.inclusion(index, size))
    }

    /// The newest checkpoint that others have seen.
    pub fn published(&self) -> Result<Option<Published>, LedgerError> {
        self.ask(self.ledger.published())
    }

    /// Every checkpoint kept, oldest first.
    pub fn checkpoints(&self) -> Result<Vec<Published>, LedgerError> {
        self.ask(self.ledger.checkpoints())
    }

    /// A receipt by its hash.
    pub fn by_hash(&self, hash: Digest) -> Result<Option<Stored>, LedgerError> {
        self.ask(self.ledger.by_hash(hash))
    }

    /// A document by its digest.
    pub fn document(
        &self,
        kind: DocumentKind,
        digest: Digest,
    ) -> Result<Option<Document>, LedgerError> {
        self.ask(self.ledger.document(kind, digest))
    }

    /// Every document of a kind.
    pub fn documents(&self, kind: DocumentKind) -> Result<Vec<Document>, LedgerError> {
        self.ask(self.ledger.documents(kind))
    }
}
