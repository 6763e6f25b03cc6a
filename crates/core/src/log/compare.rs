//! Two heads of one log side by side, with nothing else to go by: what contradicts, and what can be said where nothing
//! does.
//!
//! A node whose leaves are all there never changes. So whatever two proofs show of the same node must be the same, and
//! where the newer shows every part of the older tree, it either extends it or is another log under the same name.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::checkpoint::Checkpoint;
use super::tree;
use crate::digest::Digest;

/// A head and the complete nodes that are known to stand under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The head, its signature checked.
    pub checkpoint: Checkpoint,
    nodes: BTreeMap<(u8, u64), Digest>,
}

/// What two heads have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// How many nodes both show, all of them the same.
    pub nodes: usize,
    /// Whether the newer is shown to hold the whole older tree at its beginning.
    pub extends: bool,
}

/// Why two heads cannot both be of one honest log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Two logs: nothing can be compared.
    #[error(
        "the two files are of different logs, {older:?} and {newer:?}: nothing can be compared"
    )]
    Logs {
        /// The older file's.
        older: String,
        /// The newer file's.
        newer: String,
    },
    /// The entries from `begin` up to `end` have two different hashes.
    #[error(
        "the log {log:?} shows two faces: its entries {begin} to {} are not the same in both files, and both heads are signed by the log's key. Keep both files: together they are the proof",
        end - 1
    )]
    Faces {
        /// The log.
        log: String,
        /// The first entry concerned.
        begin: u64,
        /// The entry after the last.
        end: u64,
    },
    /// The newer head has fewer entries.
    #[error(
        "the log {log:?} went back: the older file knows {older} entries and the newer one only {newer}. If FILE is simply the older of the two, give them the other way round"
    )]
    Back {
        /// The log.
        log: String,
        /// Entries that the older file knows.
        older: u64,
        /// Entries that the newer file knows.
        newer: u64,
    },
}

impl Seen {
    /// A head alone.
    pub fn head(checkpoint: Checkpoint) -> Self {
        let mut seen = Self {
            nodes: BTreeMap::new(),
            checkpoint,
        };
        seen.note((0, seen.checkpoint.size), seen.checkpoint.root);
        seen
    }

    /// A head and a proof that leads to it. Only for a proof that was verified.
    pub fn proof(checkpoint: Checkpoint, leaf: Digest, index: u64, hashes: &[Digest]) -> Self {
        let mut seen = Self::head(checkpoint);
        let mut at = (index, index + 1);
        let mut hash = leaf;
        seen.note(at, hash);
        let siblings = tree::siblings(index, seen.checkpoint.size).unwrap_or_default();
        for (sibling, other) in siblings.into_iter().zip(hashes) {
            seen.note(sibling, *other);
            if sibling.0 < at.0 {
                hash = tree::node_hash(other, &hash);
                at.0 = sibling.0;
            } else {
                hash = tree::node_hash(&hash, other);
                at.1 = sibling.1;
            }
            seen.note(at, hash);
        }
        seen
    }

    /// Keeps a hash if what it covers is one complete node.
    fn note(&mut self, (begin, end): (u64, u64), hash: Digest) {
        let length = end - begin;
        if length.is_power_of_two() {
            let level = length.trailing_zeros() as u8;
            self.nodes.insert((level, begin >> level), hash);
        }
    }

    /// The root of its first `size` entries, where all parts of that are known.
    fn root(&self, size: u64) -> Option<Digest> {
        let node = |level, index| Ok::<_, Infallible>(self.nodes.get(&(level, index)).copied());
        match tree::root(size, node) {
            Ok(root) => root,
        }
    }
}

/// Lays a newer head beside an older one.
pub fn compare(older: &Seen, newer: &Seen) -> Result<Agreement, Conflict> {
    let (old, new) = (&older.checkpoint, &newer.checkpoint);
    if old.origin != new.origin {
        return Err(Conflict::Logs {
            older: old.origin.clone(),
            newer: new.origin.clone(),
        });
    }
    let faces = |begin, end| Conflict::Faces {
        log: new.origin.clone(),
        begin,
        end,
    };
    if old.size == new.size && old.root != new.root {
        return Err(faces(0, old.size));
    }
    let mut common = 0;
    for ((level, index), hash) in &newer.nodes {
        match older.nodes.get(&(*level, *index)) {
            Some(other) if other != hash => {
                return Err(faces(index << level, (index + 1) << level));
            }
            Some(_) => common += 1,
            None => {}
        }
    }
    let (smaller, larger) = if old.size <= new.size {
        (old, newer)
    } else {
        (new, older)
    };
    let root = larger.root(smaller.size);
    if smaller.size > 0 && root.is_some_and(|root| root != smaller.root) {
        return Err(faces(0, smaller.size));
    }
    if new.size < old.size {
        return Err(Conflict::Back {
            log: new.origin.clone(),
            older: old.size,
            newer: new.size,
        });
    }
    Ok(Agreement {
        nodes: common,
        extends: old.size == new.size || smaller.size == 0 || root.is_some(),
    })
}
