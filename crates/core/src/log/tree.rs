//! Hashing and proving in an RFC 6962 tree (section 2.1): leaves under 0x00, nodes under 0x01, an uneven tree split at the
//! largest power of two below its size.
//!
//! A tree is stored as its *complete* nodes: node `(level, index)` covers leaves `index·2^level ..` and is written once,
//! when its last leaf arrives, and never changes. Every root and proof of every size follows from these.

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;

/// The hash of a leaf.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest(
        Sha256::new()
            .chain_update([0])
            .chain_update(entry)
            .finalize()
            .into(),
    )
}

/// The hash of a node.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest(
        Sha256::new()
            .chain_update([1])
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}

/// The root of a tree without leaves.
pub fn empty_root() -> Digest {
    Digest(Sha256::digest([]).into())
}

/// A complete node and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// 0 for leaves.
    pub level: u8,
    /// Counted from 0 within its level.
    pub index: u64,
    /// Its hash.
    pub hash: Digest,
}

/// The right edge of a tree: the hashes of its complete subtrees, largest first. All that appending needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The frontier of a stored tree of a given size. `None` if a node is missing.
    pub fn load<E>(
        size: u64,
        mut node: impl FnMut(u8, u64) -> Result<Option<Digest>, E>,
    ) -> Result<Option<Self>, E> {
        let mut peaks = Vec::new();
        for (level, index) in peaks_of(size) {
            match node(level, index)? {
                Some(hash) => peaks.push(hash),
                None => return Ok(None),
            }
        }
        Ok(Some(Self { size, peaks }))
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf; the nodes that became complete by it, the leaf first.
    pub fn append(&mut self, leaf: Digest) -> Vec<Node> {
        let mut nodes = vec![Node {
            level: 0,
            index: self.size,
            hash: leaf,
        }];
        let mut hash = leaf;
        for level in 0..self.size.trailing_ones() as u8 {
            // As many trailing ones as there are peaks to fold, so the peak is always there.
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            nodes.push(Node {
                level: level + 1,
                index: self.size >> (level + 1),
                hash,
            });
        }
        self.peaks.push(hash);
        self.size += 1;
        nodes
    }

    /// The root.
    pub fn root(&self) -> Digest {
        fold(&self.peaks)
    }
}

/// The complete subtrees that make up a tree of a size, largest first.
fn peaks_of(size: u64) -> Vec<(u8, u64)> {
    let mut peaks = Vec::with_capacity(size.count_ones() as usize);
    let mut begin = 0;
    while begin < size {
        let level = 63 - (size - begin).leading_zeros();
        peaks.push((level as u8, begin >> level));
        begin += 1 << level;
    }
    peaks
}

fn fold(peaks: &[Digest]) -> Digest {
    let mut rest = peaks.iter().rev();
    let Some(last) = rest.next() else {
        return empty_root();
    };
    rest.fold(*last, |right, left| node_hash(left, &right))
}

/// A part of a proof: the leaves from `begin` up to `end`, of a tree of size `end` or as one complete node.
type Range = (u64, u64);

/// The hash over a range that begins on a boundary of its own size.
fn range_hash<E>(
    (begin, end): Range,
    node: &mut impl FnMut(u8, u64) -> Result<Option<Digest>, E>,
) -> Result<Option<Digest>, E> {
    // Most of a proof is complete nodes.
    if (end - begin).is_power_of_two() {
        let level = (end - begin).trailing_zeros();
        return node(level as u8, begin >> level);
    }
    let mut hashes = Vec::new();
    for (level, index) in peaks_of(end - begin) {
        match node(level, (begin >> level) + index)? {
            Some(hash) => hashes.push(hash),
            None => return Ok(None),
        }
    }
    Ok(Some(fold(&hashes)))
}

fn hashes<E>(
    ranges: Vec<Range>,
    mut node: impl FnMut(u8, u64) -> Result<Option<Digest>, E>,
) -> Result<Option<Vec<Digest>>, E> {
    let mut found = Vec::with_capacity(ranges.len());
    for range in ranges {
        match range_hash(range, &mut node)? {
            Some(hash) => found.push(hash),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// Largest power of two below `size`, which must be at least 2.
fn split(size: u64) -> u64 {
    1 << (63 - (size - 1).leading_zeros())
}

/// The root of the first `size` leaves. `None` if a node is missing.
pub fn root<E>(
    size: u64,
    node: impl FnMut(u8, u64) -> Result<Option<Digest>, E>,
) -> Result<Option<Digest>, E> {
    Ok(hashes(vec![(0, size)], node)?.and_then(|h| h.first().copied()))
}

/// The inclusion proof of a leaf in a tree of `size` (RFC 6962 section 2.1.1), leaf's sibling first. `None` if the leaf is
/// not in that tree or a node is missing.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    node: impl FnMut(u8, u64) -> Result<Option<Digest>, E>,
) -> Result<Option<Vec<Digest>>, E> {
    match siblings(index, size) {
        Some(ranges) => hashes(ranges, node),
        None => Ok(None),
    }
}

/// What the hashes of an inclusion proof cover, each as the leaves from a first up to but not including a last, the leaf's
/// sibling first. `None` if the leaf is not in that tree.
pub fn siblings(index: u64, size: u64) -> Option<Vec<(u64, u64)>> {
    if index >= size {
        return None;
    }
    let (mut begin, mut end) = (0, size);
    let mut ranges = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((begin, middle));
            begin = middle;
        }
    }
    ranges.reverse();
    Some(ranges)
}

/// The consistency proof between two sizes (RFC 6962 section 2.1.2). Empty where there is nothing to prove. `None` if the
/// sizes are in the wrong order or a node is missing.
pub fn consistency_proof<E>(
    old: u64,
    new: u64,
    node: impl FnMut(u8, u64) -> Result<Option<Digest>, E>,
) -> Result<Option<Vec<Digest>>, E> {
    if old > new {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let (mut begin, mut end) = (0, new);
    let mut ranges = Vec::new();
    let mut whole = true;
    while end != old {
        let middle = begin + split(end - begin);
        if old <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((begin, middle));
            begin = middle;
            whole = false;
        }
    }
    if !whole {
        ranges.push((begin, end));
    }
    ranges.reverse();
    hashes(ranges, node)
}

/// Checks an inclusion proof (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(sibling, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Checks a consistency proof (RFC 9162 section 2.1.4.2).
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Digest,
    new_root: &Digest,
    proof: &[Digest],
) -> bool {
    if old > new {
        return false;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let mut steps = proof.iter();
    let (mut position, mut last) = (old - 1, new - 1);
    while position & 1 == 1 {
        position >>= 1;
        last >>= 1;
    }
    // An old tree that is one complete node is itself the first step.
    let first = if position == 0 {
        Some(old_root)
    } else {
        steps.next()
    };
    let Some(first) = first else { return false };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            old_hash = node_hash(step, &old_hash);
            new_hash = node_hash(step, &new_hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, step);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}
