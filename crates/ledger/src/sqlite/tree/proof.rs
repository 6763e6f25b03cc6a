//! What is read of a stored tree: nodes, roots and proofs, each at the cost of its logarithm.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::log::tree::{self, node_hash};

use super::{STEP, missing};
use crate::log::{Head, Inclusion};
use crate::sqlite::entry;
use crate::sqlite::error::WorkError;

/// A complete node as it is stored, or as it follows from what is stored.
pub(in crate::sqlite) fn node(
    db: &Connection,
    level: u8,
    number: u64,
) -> Result<Option<Digest>, WorkError> {
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
pub(in crate::sqlite) fn root(db: &Connection, size: u64) -> Result<Option<Digest>, WorkError> {
    if size > entry::size(db)? {
        return Ok(None);
    }
    tree::root(size, |level, number| node(db, level, number))
}

/// Proofs for many entries at one size: what they share is read once.
pub(in crate::sqlite) struct Prover<'a> {
    db: &'a Connection,
    head: Head,
    known: HashMap<(u8, u64), Option<Digest>>,
}

impl<'a> Prover<'a> {
    /// Proves at the present size.
    pub(in crate::sqlite) fn new(db: &'a Connection, heads: &Heads) -> Result<Self, WorkError> {
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

    pub(in crate::sqlite) fn inclusion(
        &mut self,
        index: u64,
    ) -> Result<Option<Inclusion>, WorkError> {
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
pub(in crate::sqlite) struct Heads(Mutex<Option<Head>>);

impl Heads {
    /// The head of the tree of a size, or of the present one.
    pub(in crate::sqlite) fn of(
        &self,
        db: &Connection,
        size: Option<u64>,
    ) -> Result<Option<Head>, WorkError> {
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
pub(in crate::sqlite) fn inclusion(
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
pub(in crate::sqlite) fn consistency(
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
pub(in crate::sqlite) const MOST: u64 = 2 * tile_width();

const fn tile_width() -> u64 {
    sayso_core::log::tile::WIDTH
}

/// Complete nodes in a row.
pub(in crate::sqlite) fn nodes(
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
