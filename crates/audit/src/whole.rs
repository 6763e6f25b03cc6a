//! Checking a whole ledger, read-only: a live one or a copy.
//!
//! Entries are read in pages by several threads, each checked by itself, and put together in order: the tree is built
//! again, checkpoints are compared as it passes their sizes, tombstones and erased entries are matched, look-ups are summed
//! up. Memory does not grow with the ledger but for a few bits for each entry.

mod checkpoint;
mod erasure;
mod examine;
mod tombstone;
mod tree;

use std::ops::{ControlFlow, Range};

use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::receipt::Kind;
use sayso_core::verify::Demands;
use sayso_ledger::LedgerError;

use crate::pool;
use crate::reading::{PAGE, Reading};
use crate::report::{Book, Check, Contents, Remarks, Report};
use checkpoint::Signed;
use erasure::Erasures;
use examine::{Examined, What, With};
use tree::Tree;

/// What is asked of a check.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The site's published keys.
    pub keys: &'a Jwks,
    /// What is asked of witnesses.
    pub demands: Demands<'a>,
    /// Entries, tree and checkpoints alone: no body is opened, no signature checked.
    pub hashes_only: bool,
    /// How many threads.
    pub threads: usize,
    /// The text of the file `checkpoint` in the ledger's folder, if there is one.
    pub checkpoint: Option<&'a str>,
}

/// What is told of the work while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries looked at.
    pub done: u64,
    /// Of how many.
    pub of: u64,
}

/// Checks a ledger. Only what keeps it from being read at all is an error; everything else is in the report.
pub fn check<V: Verifier + Sync>(
    reading: &Reading,
    options: &Options<'_>,
    verifier: &V,
    mut progress: impl FnMut(Progress),
) -> Result<Report, LedgerError> {
    let mut book = Book::default();
    let size = reading.size()?;
    let published = reading.checkpoints()?;
    let signed = Signed::new(reading.log(), options.keys, verifier);
    let mut tree = Tree::new(reading, size);
    tree.expect_published(&published);
    signed.check_all(&published, &mut book);
    signed.witnesses(published.last(), &options.demands, &mut book);
    if let Some(text) = options.checkpoint {
        match signed.open(text) {
            Ok((checkpoint, _)) => tree.expect(
                checkpoint.size,
                checkpoint.root,
                "the file `checkpoint`".to_owned(),
            ),
            Err(what) => book.fault(
                Check::Checkpoints,
                None,
                format!("the file `checkpoint`: {what}"),
            ),
        }
    }
    let mut tally = Tally {
        tree,
        book,
        contents: Contents::default(),
        erasures: Erasures::default(),
        next: 0,
    };
    let with = With {
        keys: options.keys,
        verifier,
        signatures: true,
    };
    let mut pages = pages(size);
    let work = |page: Range<u64>| {
        if options.hashes_only {
            Ok(Page::Entries(page.clone(), reading.entries(page)?))
        } else {
            let records = reading.scan(page.start, (page.end - page.start) as u32)?;
            Ok(Page::Examined(
                page,
                records
                    .into_iter()
                    .map(|record| with.examine(record))
                    .collect(),
            ))
        }
    };
    let failed = pool::ordered(
        options.threads,
        || pages.next(),
        work,
        |page: Result<Page, LedgerError>| {
            let counted = page.and_then(|page| tally.page(page));
            progress(Progress {
                done: tally.next,
                of: size,
            });
            match counted {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        },
    );
    if let Some(error) = failed {
        return Err(error);
    }
    let Tally {
        tree,
        mut book,
        contents,
        erasures,
        ..
    } = tally;
    let (size, root) = tree.finish(&mut book);
    head(reading, size, root, &mut book);
    if !options.hashes_only {
        erasures.finish(&mut book);
    }
    let covered = published.last().map_or(0, |last| last.size);
    let remarks = Remarks {
        unpublished: size.saturating_sub(covered),
        ..Remarks::default()
    };
    let log = reading.log().to_owned();
    let (checks, findings, exit_code) = book.close();
    Ok(Report {
        v: 1,
        log,
        size,
        root,
        contents,
        checks,
        findings,
        remarks,
        exit_code,
    })
}

/// What the ledger itself says its head is; it may have grown since.
fn head(reading: &Reading, size: u64, root: Digest, book: &mut Book) {
    match reading.inclusion(0, Some(size)) {
        _ if size == 0 => {}
        Ok(Some(proof)) if proof.root == root => {}
        Ok(_) => book.fault(
            Check::Tree,
            None,
            "the ledger says another root than its entries make",
        ),
        Err(error) => book.fault(Check::Tree, None, error.to_string()),
    }
}

fn pages(size: u64) -> impl Iterator<Item = Range<u64>> {
    (0..size.div_ceil(PAGE)).map(move |page| page * PAGE..((page + 1) * PAGE).min(size))
}

/// Some entries, looked at.
enum Page {
    Entries(Range<u64>, Option<Vec<Entry>>),
    Examined(Range<u64>, Vec<Examined>),
}

/// What all entries together come to.
struct Tally<'a> {
    tree: Tree<'a>,
    book: Book,
    contents: Contents,
    erasures: Erasures,
    next: u64,
}

impl Tally<'_> {
    fn page(&mut self, page: Page) -> Result<(), LedgerError> {
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
            Page::Examined(range, examined) => {
                for one in examined {
                    if one.index >= range.end {
                        break;
                    }
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
