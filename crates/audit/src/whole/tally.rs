//! What all entries together come to, page by page and in order.

use std::ops::Range;

use sayso_core::log::Entry;
use sayso_core::receipt::Kind;
use sayso_ledger::LedgerError;
use sayso_ledger::sqlite::inspect::LookUps;

use super::beneath::Beneath;
use super::erasure::Erasures;
use super::examine::{Examined, What};
use super::tree::Tree;
use crate::report::{Book, Check, Contents};

/// Some entries, looked at.
pub(super) enum Page {
    Entries(Range<u64>, Option<Vec<Entry>>),
    Examined(Range<u64>, Vec<Examined>, LookUps),
}

/// What all entries together come to.
pub(super) struct Tally<'a> {
    pub(super) tree: Tree<'a>,
    pub(super) book: Book,
    pub(super) beneath: Beneath<'a>,
    pub(super) contents: Contents,
    pub(super) erasures: Erasures,
    pub(super) next: u64,
}

impl Tally<'_> {
    pub(super) fn page(&mut self, page: Page) -> Result<(), LedgerError> {
        match page {
            Page::Entries(range, Some(entries)) => {
                self.book.looked(Check::Tree, entries.len() as u64);
                entries
                    .iter()
                    .try_for_each(|entry| self.tree.append(entry.leaf_hash(), &mut self.book))?;
                self.next = range.end;
            }
            Page::Entries(range, None) => {
                let what = format!(
                    "an entry from {} to {} is missing",
                    range.start,
                    range.end - 1
                );
                self.book.fault(Check::Tree, None, what);
                self.next = range.end;
            }
            Page::Examined(range, examined, look_ups) => {
                self.beneath.add(&look_ups);
                for one in examined {
                    self.missing(one.index);
                    self.next = one.index + 1;
                    self.one(one)?;
                }
                self.missing(range.end);
                self.next = range.end;
            }
        }
        Ok(())
    }

    /// Entries that are not there, up to one that is.
    fn missing(&mut self, upto: u64) {
        for index in self.next..upto {
            self.book
                .fault(Check::Tree, Some(index), "the entry is missing");
        }
    }

    fn one(&mut self, one: Examined) -> Result<(), LedgerError> {
        let Examined {
            index,
            leaf,
            what,
            faults,
        } = one;
        let book = &mut self.book;
        book.looked(Check::Tree, 1);
        self.tree.append(leaf, book)?;
        for (check, what) in faults {
            book.fault(check, Some(index), what);
        }
        match what {
            What::Receipt(kept) => {
                book.looked(Check::Entries, 1);
                book.looked(Check::Signatures, 1);
                match kept.kind {
                    Kind::Signed => self.contents.signed += 1,
                    Kind::Witnessed => self.contents.witnessed += 1,
                }
            }
            What::Erased => {
                book.looked(Check::Erasure, 1);
                self.contents.erased += 1;
                self.erasures.erased(index);
            }
            What::Tombstone(tombstone) => {
                book.looked(Check::Erasure, 1);
                self.contents.tombstones += 1;
                self.erasures.told(index, &tombstone, book);
            }
            What::KeyEvent => {
                book.looked(Check::Keys, 1);
                self.contents.key_events += 1;
            }
            What::Unreadable => {}
        }
        Ok(())
    }
}
