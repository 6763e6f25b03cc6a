//! The tree: its right edge in memory, where it grows, and its stored nodes, from which every proof follows.
//!
//! Stored are the complete nodes of every fourth level above the leaves. Leaf hashes follow from the entries, and a node
//! between is at most seven hashes away from the stored ones below it: a fifteenth of the space and of the writing, for
//! twice the reading.

mod proof;

use rusqlite::{Connection, Transaction};
use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::log::tree::{self, Frontier};

use super::entry;
use super::error::WorkError;
use crate::error::LedgerError;
use crate::log::Inclusion;
use proof::node;
pub(super) use proof::{Heads, MOST, Prover, consistency, inclusion, nodes, root};

/// Every so many levels are stored.
const STEP: u8 = 4;

/// The right edge of the committed tree.
#[derive(Clone)]
pub(super) struct Edge {
    frontier: Frontier,
    /// The last complete node of each level.
    last: Vec<Digest>,
}

impl Edge {
    /// The edge of the tree as it is stored: a few reads for each level, however large the tree.
    pub(super) fn load(db: &Connection) -> Result<Self, WorkError> {
        let size = entry::size(db)?;
        let mut last = Vec::new();
        for level in 0..64 - size.leading_zeros() as u8 {
            let node = node(db, level, (size >> level) - 1)?;
            last.push(node.ok_or_else(missing)?);
        }
        let frontier = Frontier::load(size, |level, _| {
            Ok::<_, WorkError>(last.get(usize::from(level)).copied())
        })?;
        Ok(Self {
            frontier: frontier.ok_or_else(missing)?,
            last,
        })
    }

    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Begins to grow; nothing of it counts until it is made the edge again.
    pub(super) fn grow(&self) -> Growth {
        Growth {
            frontier: self.frontier.clone(),
            before: self.clone(),
            new: Vec::new(),
            root: None,
        }
    }
}

/// A tree that is growing within a transaction.
pub(super) struct Growth {
    before: Edge,
    frontier: Frontier,
    /// The nodes completed since, level by level.
    new: Vec<Vec<Digest>>,
    root: Option<Digest>,
}

impl Growth {
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Appends an entry.
    pub(super) fn append(&mut self, entry: Entry) {
        self.root = None;
        for node in self.frontier.append(entry.leaf_hash()) {
            let level = usize::from(node.level);
            if self.new.len() <= level {
                self.new.push(Vec::new());
            }
            self.new[level].push(node.hash);
        }
    }

    /// Writes the completed nodes that are stored.
    pub(super) fn write(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        for (level, hashes) in (0u8..).zip(&self.new) {
            if level == 0 || level % STEP != 0 {
                continue;
            }
            let mut insert =
                tx.prepare_cached("INSERT INTO node (level, number, hash) VALUES (?1, ?2, ?3)")?;
            for (number, hash) in (self.first(level)..).zip(hashes) {
                insert.execute((level, number.cast_signed(), hash.0))?;
            }
        }
        Ok(())
    }

    /// That an entry stands in the tree as it is now. What this growth has put there is proved from memory.
    pub(super) fn inclusion(
        &mut self,
        db: &Connection,
        index: u64,
    ) -> Result<Inclusion, WorkError> {
        let size = self.size();
        let root = *self.root.get_or_insert_with(|| self.frontier.root());
        let hashes = tree::inclusion_proof(index, size, |level, number| {
            match self.node(level, number) {
                Some(hash) => Ok(Some(hash)),
                None => node(db, level, number),
            }
        })?;
        Ok(Inclusion {
            index,
            size,
            root,
            hashes: hashes.ok_or_else(missing)?,
        })
    }

    /// What it has grown into.
    pub(super) fn finish(self) -> Edge {
        let mut last = self.before.last;
        for (level, hashes) in self.new.iter().enumerate() {
            let Some(hash) = hashes.last() else { continue };
            match last.get_mut(level) {
                Some(last) => *last = *hash,
                None => last.push(*hash),
            }
        }
        Edge {
            frontier: self.frontier,
            last,
        }
    }

    /// The number of the first node that this growth completed, or will complete, on a level.
    fn first(&self, level: u8) -> u64 {
        self.before.size() >> level
    }

    /// A node, if it is in memory: new ones, and the last of each level before.
    fn node(&self, level: u8, number: u64) -> Option<Digest> {
        let (first, at) = (self.first(level), usize::from(level));
        if number + 1 == first {
            return self.before.last.get(at).copied();
        }
        let place = usize::try_from(number.checked_sub(first)?).ok()?;
        self.new.get(at)?.get(place).copied()
    }
}

pub(super) fn missing() -> WorkError {
    LedgerError::Damaged("a node of the tree is missing".to_owned()).into()
}
