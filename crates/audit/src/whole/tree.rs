//! The tree built again, entry by entry, and held against the stored nodes and the checkpoints as it passes them.

use std::collections::VecDeque;

use sayso_core::digest::Digest;
use sayso_core::log::tree::Frontier;
use sayso_ledger::LedgerError;
use sayso_ledger::log::Published;

use crate::against::{self, Demand};
use crate::reading::{PAGE, Reading};
use crate::report::{Book, Check};

/// Every so many levels are stored; those between follow from the ones below.
const STORED: u8 = 4;

/// The tree as far as it is built.
pub(crate) struct Tree<'a> {
    reading: &'a Reading,
    size: u64,
    frontier: Frontier,
    levels: Vec<Level>,
    /// Checkpoints still ahead, smallest first, with what they say the root is.
    ahead: VecDeque<(u64, Digest, String)>,
    demand: Option<Demand>,
}

/// The stored nodes of one level, fetched ahead of the tree.
struct Level {
    next: u64,
    page: VecDeque<Digest>,
    broken: bool,
}

impl<'a> Tree<'a> {
    /// Begins the tree of a ledger of a size.
    pub(crate) fn new(reading: &'a Reading, size: u64) -> Self {
        Self {
            reading,
            size,
            frontier: Frontier::default(),
            levels: Vec::new(),
            ahead: VecDeque::new(),
            demand: None,
        }
    }

    /// Waits for the root at a size. To be said before the first leaf.
    pub(crate) fn expect(&mut self, size: u64, root: Digest, whose: String) {
        let at = self.ahead.partition_point(|(ahead, ..)| *ahead <= size);
        self.ahead.insert(at, (size, root, whose));
    }

    /// The same for all published checkpoints.
    pub(crate) fn expect_published(&mut self, published: &[Published]) {
        for checkpoint in published {
            self.expect(
                checkpoint.size,
                checkpoint.root,
                format!("the checkpoint of {} entries", checkpoint.size),
            );
        }
    }

    /// Waits for the root that an older state demands.
    pub(crate) fn demand(&mut self, demand: Demand) {
        self.demand = Some(demand);
    }

    /// Adds the next leaf.
    pub(crate) fn append(&mut self, leaf: Digest, book: &mut Book) -> Result<(), LedgerError> {
        self.passed(book);
        for node in self.frontier.append(leaf).into_iter().skip(1) {
            if !node.level.is_multiple_of(STORED) {
                continue;
            }
            let at = usize::from(node.level / STORED) - 1;
            if self.levels.len() <= at {
                self.levels.push(Level {
                    next: 0,
                    page: VecDeque::new(),
                    broken: false,
                });
            }
            let (size, reading) = (self.size, self.reading);
            let level = &mut self.levels[at];
            if level.broken {
                continue;
            }
            let stored = level.next(reading, node.level, size)?;
            book.looked(Check::Tree, 1);
            match stored {
                Some(hash) if hash == node.hash => {}
                Some(_) => book.fault(
                    Check::Tree,
                    None,
                    format!(
                        "node {} of level {} is not the hash of what lies below it",
                        node.index, node.level
                    ),
                ),
                None => {
                    level.broken = true;
                    let what = format!("node {} of level {} is missing", node.index, node.level);
                    book.fault(Check::Tree, None, what);
                }
            }
        }
        Ok(())
    }

    /// Says what the tree came to. `whole` says that there is nothing after its last entry.
    pub(crate) fn finish(mut self, whole: bool, book: &mut Book) -> (u64, Digest) {
        self.passed(book);
        if !whole {
            self.ahead.clear();
        }
        for (size, _, whose) in &self.ahead {
            let have = self.frontier.size();
            book.grave(
                Check::Checkpoints,
                30,
                format!("{whose} covers {size} entries, and the log has {have}: it was taken back"),
            );
        }
        (self.frontier.size(), self.frontier.root())
    }

    fn passed(&mut self, book: &mut Book) {
        if let Some(demand) = &self.demand
            && demand.size == self.frontier.size()
        {
            if demand.root != self.frontier.root() {
                let (code, what) = against::rewritten(demand.size);
                book.grave(Check::Against, code, what);
            }
            self.demand = None;
        }
        while let Some((size, ..)) = self.ahead.front()
            && *size == self.frontier.size()
        {
            if let Some((size, root, whose)) = self.ahead.pop_front()
                && root != self.frontier.root()
            {
                let what = format!("{whose} is of another tree than the first {size} entries make");
                book.fault(Check::Checkpoints, None, what);
            }
        }
    }
}

impl Level {
    fn next(
        &mut self,
        reading: &Reading,
        level: u8,
        size: u64,
    ) -> Result<Option<Digest>, LedgerError> {
        if self.page.is_empty() {
            let end = (self.next + PAGE).min(size >> level);
            if self.next >= end {
                return Ok(None);
            }
            match reading.nodes(level, self.next..end)? {
                Some(hashes) => self.page.extend(hashes),
                // One of them is missing: which one shows when they are asked for alone.
                None => {
                    let alone = reading.nodes(level, self.next..self.next + 1)?;
                    self.page.extend(alone.unwrap_or_default());
                }
            }
            self.next += self.page.len() as u64;
        }
        Ok(self.page.pop_front())
    }
}
