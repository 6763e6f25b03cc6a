//! What all lines of a bundle together must add up to.

use std::collections::HashSet;

use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::tree::Frontier;
use sayso_core::receipt::Kind;

use super::super::error::BundleError;
use super::super::{Header, Trailer};
use super::item::Item;

/// The sums so far.
pub(super) struct Tally<'a> {
    header: &'a Header,
    checkpoint: &'a Checkpoint,
    next: u64,
    tree: Frontier,
    pub(super) site: Option<String>,
    pub(super) signed: u64,
    pub(super) witnessed: u64,
    pub(super) documents: HashSet<Digest>,
    document_lines: u64,
    pub(super) named: HashSet<Digest>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(header: &'a Header, checkpoint: &'a Checkpoint) -> Self {
        Self {
            header,
            checkpoint,
            next: 0,
            tree: Frontier::default(),
            site: None,
            signed: 0,
            witnessed: 0,
            documents: HashSet::new(),
            document_lines: 0,
            named: HashSet::new(),
        }
    }

    pub(super) fn count(&mut self, line: u64, item: Item) -> Result<(), BundleError> {
        match item {
            Item::Receipt {
                index,
                entry,
                checkpoint,
                site,
                kind,
                named,
            } => {
                if checkpoint != *self.checkpoint {
                    return Err(BundleError::Elsewhere {
                        line,
                        what: "its proof leads to another checkpoint than the bundle's",
                    });
                }
                if self.site.get_or_insert_with(|| site.clone()) != &site {
                    return Err(BundleError::Elsewhere {
                        line,
                        what: "it is of another site than the receipts before it",
                    });
                }
                match kind {
                    Kind::Signed => self.signed += 1,
                    Kind::Witnessed => self.witnessed += 1,
                }
                self.named.extend(named);
                self.place(line, index, entry)
            }
            Item::Opaque(index, entry) => self.place(line, index, entry),
            Item::Shown(digest) => {
                self.documents.insert(digest);
                self.document_lines += 1;
                Ok(())
            }
        }
    }

    fn place(&mut self, line: u64, index: u64, entry: Entry) -> Result<(), BundleError> {
        let ordered = if self.header.complete {
            index == self.next
        } else {
            index >= self.next
        };
        if !ordered {
            return Err(BundleError::Order {
                line,
                index,
                next: self.next,
            });
        }
        self.next = index + 1;
        if self.header.complete {
            self.tree.append(entry.leaf_hash());
        }
        Ok(())
    }

    pub(super) fn end(&self, trailer: &Trailer, digest: &Digest) -> Result<(), BundleError> {
        let receipts = self.signed + self.witnessed;
        if trailer.end != receipts || trailer.documents != self.document_lines {
            return Err(BundleError::Count);
        }
        if trailer.digest != *digest {
            return Err(BundleError::Digest);
        }
        let whole =
            self.tree.size() == self.checkpoint.size && self.tree.root() == self.checkpoint.root;
        if self.header.complete && !whole {
            return Err(BundleError::Incomplete);
        }
        Ok(())
    }
}
