//! The tree: its right edge in memory, where it grows, and its stored nodes, from which every proof follows.
//!
//! Stored are the complete nodes of every fourth level above the leaves. Leaf hashes follow from the entries, and a node
//! between is at most seven hashes away from the stored ones below it: a fifteenth of the space and of the writing, for
//! twice the reading.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction};
use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::log::tree::{self, Frontier, node_hash};

use super::entry;
use super::error::WorkError;
use crate::error::LedgerError;
use crate::log::{Head, Inclusion};

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

/// A complete node as it is stored, or as it follows from what is stored.
pub(super) fn node(db: &Connection, level: u8, number: u64) -> Result<Option<Digest>, WorkError> {
    let above = level % STEP;
    let Some(begin) = number.checked_shl(u32::from(above)) else {
        return Ok(None);
    };
    let mut hashes = stored(db, level - above, begin..begin + (1 << above))?;
    if hashes.len() < 1 << above {
        return Ok(None);
    }
    while hashes.len() > 1 {
        hashes = hashes
            .chunks_exact(2)
            .map(|pair| node_hash(&pair[0], &pair[1]))
            .collect();
    }
    Ok(hashes.pop())
}

/// The nodes of a stored level, as many as there are in a row.
fn stored(db: &Connection, level: u8, numbers: Range<u64>) -> Result<Vec<Digest>, WorkError> {
    if level == 0 {
        let entries = entry::range(db, numbers)?;
        return Ok(entries.into_iter().map(Entry::leaf_hash).collect());
    }
    let Some((begin, end)) = entry::signed(&numbers) else {
        return Ok(Vec::new());
    };
    let mut query = db.prepare_cached(
        "SELECT number, hash FROM node WHERE level = ?1 AND number >= ?2 AND number < ?3 ORDER BY number",
    )?;
    let mut rows = query.query((level, begin, end))?;
    let mut hashes = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? != begin + hashes.len() as i64 {
            break;
        }
        hashes.push(Digest(row.get(1)?));
    }
    Ok(hashes)
}

/// The root of the first `size` entries.
pub(super) fn root(db: &Connection, size: u64) -> Result<Option<Digest>, WorkError> {
    if size > entry::size(db)? {
        return Ok(None);
    }
    tree::root(size, |level, number| node(db, level, number))
}

/// Proofs for many entries at one size: what they share is read once.
pub(super) struct Prover<'a> {
    db: &'a Connection,
    head: Head,
    known: HashMap<(u8, u64), Option<Digest>>,
}

impl<'a> Prover<'a> {
    /// Proves at the present size.
    pub(super) fn new(db: &'a Connection, heads: &Heads) -> Result<Self, WorkError> {
        let head = heads.of(db, None)?.ok_or_else(missing)?;
        Ok(Self::at(db, head))
    }

    fn at(db: &'a Connection, head: Head) -> Self {
        Self {
            db,
            head,
            known: HashMap::new(),
        }
    }

    pub(super) fn inclusion(&mut self, index: u64) -> Result<Option<Inclusion>, WorkError> {
        let Head { size, root } = self.head;
        let (db, known) = (self.db, &mut self.known);
        let hashes = tree::inclusion_proof(index, size, |level, number| {
            if let Some(hash) = known.get(&(level, number)) {
                return Ok(*hash);
            }
            let hash = node(db, level, number)?;
            known.insert((level, number), hash);
            Ok::<_, WorkError>(hash)
        })?;
        Ok(hashes.map(|hashes| Inclusion {
            index,
            size,
            root,
            hashes,
        }))
    }
}

/// The head asked for last: proofs are asked for at the size of the newest checkpoint again and again.
#[derive(Default)]
pub(super) struct Heads(Mutex<Option<Head>>);

impl Heads {
    /// The head of the tree of a size, or of the present one.
    pub(super) fn of(&self, db: &Connection, size: Option<u64>) -> Result<Option<Head>, WorkError> {
        let size = match size {
            Some(size) => size,
            None => entry::size(db)?,
        };
        if let Some(head) = *self.last()
            && head.size == size
        {
            return Ok(Some(head));
        }
        let head = root(db, size)?.map(|root| Head { size, root });
        if head.is_some() {
            *self.last() = head;
        }
        Ok(head)
    }

    fn last(&self) -> MutexGuard<'_, Option<Head>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That an entry stands in the tree of a size, or of the present one.
pub(super) fn inclusion(
    db: &Connection,
    heads: &Heads,
    index: u64,
    size: Option<u64>,
) -> Result<Option<Inclusion>, WorkError> {
    match heads.of(db, size)? {
        Some(head) => Prover::at(db, head).inclusion(index),
        None => Ok(None),
    }
}

/// That a tree extends an earlier one.
pub(super) fn consistency(
    db: &Connection,
    old: u64,
    new: u64,
) -> Result<Option<Vec<Digest>>, WorkError> {
    if new > entry::size(db)? {
        return Ok(None);
    }
    tree::consistency_proof(old, new, |level, number| node(db, level, number))
}

/// The most that is asked for at once: the hashes of two tiles.
pub(super) const MOST: u64 = 2 * tile_width();

const fn tile_width() -> u64 {
    sayso_core::log::tile::WIDTH
}

/// Complete nodes in a row.
pub(super) fn nodes(
    db: &Connection,
    level: u8,
    range: Range<u64>,
) -> Result<Option<Vec<Digest>>, WorkError> {
    if range.start > range.end || range.end - range.start > MOST || level > 63 {
        return Ok(None);
    }
    if level.is_multiple_of(STEP) {
        let wanted = range.end - range.start;
        let hashes = stored(db, level, range)?;
        return Ok((hashes.len() as u64 == wanted).then_some(hashes));
    }
    range.map(|number| node(db, level, number)).collect()
}
