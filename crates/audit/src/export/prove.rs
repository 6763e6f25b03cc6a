//! Inclusion proofs for all entries of a page at one size: what they share is asked for once.

use std::collections::HashMap;

use sayso_core::digest::Digest;
use sayso_core::log::tree::{self, node_hash};
use sayso_ledger::LedgerError;

use crate::reading::Reading;

/// Proves entries of one page.
pub(super) struct Prover<'a> {
    reading: &'a Reading,
    size: u64,
    start: u64,
    /// The complete nodes over the page, level by level.
    levels: Vec<Vec<Digest>>,
    known: HashMap<(u8, u64), Option<Digest>>,
}

impl<'a> Prover<'a> {
    /// A prover for the leaves from `start` on, a multiple of the page's size.
    pub(super) fn new(reading: &'a Reading, size: u64, start: u64, leaves: Vec<Digest>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last()
            && below.len() > 1
        {
            let level = below
                .chunks_exact(2)
                .map(|pair| node_hash(&pair[0], &pair[1]))
                .collect();
            levels.push(level);
        }
        Self {
            reading,
            size,
            start,
            levels,
            known: HashMap::new(),
        }
    }

    /// From the leaf's sibling up. `None` if a node is missing.
    pub(super) fn inclusion(&mut self, index: u64) -> Result<Option<Vec<Digest>>, LedgerError> {
        tree::inclusion_proof(index, self.size, |level, number| {
            if let Some(hash) = over_page(&self.levels, self.start, level, number) {
                return Ok(Some(hash));
            }
            if let Some(hash) = self.known.get(&(level, number)) {
                return Ok(*hash);
            }
            let node = self.reading.nodes(level, number..number + 1)?;
            let hash = node.and_then(|nodes| nodes.first().copied());
            self.known.insert((level, number), hash);
            Ok(hash)
        })
    }
}

fn over_page(levels: &[Vec<Digest>], start: u64, level: u8, number: u64) -> Option<Digest> {
    let at = number.checked_sub(start.checked_shr(level.into())?)?;
    levels
        .get(usize::from(level))?
        .get(usize::try_from(at).ok()?)
        .copied()
}
