//! Checking a whole ledger, read-only: a live one or a copy.
//!
//! Entries are read in pages by several threads, each checked by itself, and put together in order: the tree is built
//! again, checkpoints are compared as it passes their sizes, tombstones and erased entries are matched, look-ups are summed
//! up. Memory does not grow with the ledger but for a few bits for each entry.

mod beneath;
mod checkpoint;
mod erasure;
mod examine;
mod tally;
mod tombstone;
mod tree;

use std::ops::{ControlFlow, Range};

use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::verify::Demands;
use sayso_ledger::LedgerError;
use sayso_ledger::record::RecordKind;
use sayso_ledger::sqlite::inspect::{Inspector, LookUps};

use crate::against::{self, Older};
use crate::kept::Kept;
use crate::pool;
use crate::reading::{PAGE, Reading};
use crate::report::{Book, Check, Contents, Remarks, Report};
use beneath::Beneath;
use checkpoint::Signed;
use erasure::Erasures;
use examine::{What, With};
use tally::{Page, Tally};
use tree::Tree;

/// What is asked of a check.
#[derive(Clone, Copy)]
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
    /// An older state that this log should extend.
    pub against: Option<&'a Older>,
}

/// What is told of the work while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Entries looked at.
    pub done: u64,
    /// Of how many.
    pub of: u64,
}

/// How often a ledger is looked at again where something was erased while it was looked at.
const AGAIN: u32 = 3;

/// Checks a ledger; `inspector` looks at the same ledger's files. Only what keeps it from being read at all is an error;
/// everything else is in the report.
pub fn check<V: Verifier + Sync>(
    reading: &Reading,
    inspector: Option<&Inspector>,
    options: &Options<'_>,
    verifier: &V,
    mut progress: impl FnMut(Progress),
) -> Result<Report, LedgerError> {
    let mut times = 0;
    loop {
        let report = once(reading, inspector, options, verifier, &mut progress)?;
        times += 1;
        // A server that erases while it is looked at would look damaged.
        if report.exit_code == 0 || times > AGAIN || !erased_since(reading, report.size)? {
            return Ok(report);
        }
    }
}

/// Whether a tombstone was added after the first `size` entries.
fn erased_since(reading: &Reading, size: u64) -> Result<bool, LedgerError> {
    let now = reading.size()?;
    let mut start = size;
    while start < now {
        let end = (start + PAGE).min(now);
        let entries = reading.entries(start..end)?.unwrap_or_default();
        if entries
            .iter()
            .any(|entry| matches!(entry, Entry::Tombstone(_)))
        {
            return Ok(true);
        }
        start = end;
    }
    Ok(false)
}

fn once<V: Verifier + Sync>(
    reading: &Reading,
    inspector: Option<&Inspector>,
    options: &Options<'_>,
    verifier: &V,
    progress: &mut impl FnMut(Progress),
) -> Result<Report, LedgerError> {
    let mut book = Book::default();
    let beneath = Beneath::new(inspector);
    beneath.files(&mut book);
    let expecting = beneath.expecting();
    // The checkpoints first: a server that runs may publish one of a larger tree at any moment.
    let published = reading.checkpoints()?;
    let size = reading.size()?;
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
    if let Some(older) = options.against
        && let Some(demand) = against::compare(older, reading, size, &mut book)?
    {
        tree.demand(demand);
    }
    let contents = Contents::default();
    let mut tally = Tally {
        tree,
        book,
        beneath,
        contents,
        erasures: Erasures::default(),
        next: 0,
    };
    let with = With {
        keys: options.keys,
        verifier,
    };
    let mut pages = pages(size);
    let work = |page: Range<u64>| {
        if options.hashes_only {
            return Ok(Page::Entries(page.clone(), reading.entries(page)?));
        }
        let mut look_ups = LookUps::default();
        let examine = |record| {
            let examined = with.examine(record);
            if let (What::Receipt(kept), Some(expecting)) = (&examined.what, &expecting) {
                let Kept {
                    stored, payload, ..
                } = &**kept;
                look_ups.add(&expecting.expected(stored.index, &stored.hash, payload));
            }
            examined
        };
        let records = reading.scan_unproved(page.start, (page.end - page.start) as u32)?;
        let upto = records
            .into_iter()
            .take_while(|record| record.index < page.end);
        let examined = upto.map(examine).collect();
        Ok(Page::Examined(page, examined, look_ups))
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
    let Tally {
        tree,
        mut book,
        beneath,
        contents,
        erasures,
        next,
    } = tally;
    let (found, root) = tree.finish(failed.is_none(), &mut book);
    let covered = published.last().map_or(0, |last| last.size);
    let mut remarks = Remarks {
        unpublished: size.saturating_sub(covered),
        ..Remarks::default()
    };
    if let Some(error) = failed {
        // What is told of the rest would be guesswork: look again when this is mended.
        book.fault(
            Check::Tree,
            Some(next),
            format!("reading ends here: {error}"),
        );
        ends(&mut book, "reading did not come to the end");
    } else if options.hashes_only {
        head(reading, found, root, &mut book);
        ends(&mut book, "only hashes were asked for (--hashes-only)");
    } else {
        head(reading, found, root, &mut book);
        erasures.finish(&mut book);
        let sizes = (size, reading.size()?);
        let looked = beneath.finish(sizes, &erasures, &mut book, &mut remarks);
        let looked = looked.and_then(|agree| match agree {
            true => Ok(()),
            false => missing_look_ups(reading, inspector, size, &mut book),
        });
        if let Err(error) = looked {
            book.fault(Check::Files, None, error.to_string());
        }
    }
    let size = found;
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

/// Says which checks were not made, or not to the end.
fn ends(book: &mut Book, why: &str) {
    for check in [
        Check::Entries,
        Check::Signatures,
        Check::LookUps,
        Check::Erasure,
        Check::Keys,
        Check::Beside,
    ] {
        book.not_made(check, why);
    }
}

/// Names the receipts that are not found by what they say; only where the sums say that there are any.
fn missing_look_ups(
    reading: &Reading,
    inspector: Option<&Inspector>,
    size: u64,
    book: &mut Book,
) -> Result<(), LedgerError> {
    let Some(inspector) = inspector else {
        return Ok(());
    };
    for page in pages(size) {
        for record in reading.scan_unproved(page.start, (page.end - page.start) as u32)? {
            let RecordKind::Receipt(stored) = record.kind else {
                continue;
            };
            let Ok(kept) = Kept::read(stored) else {
                continue;
            };
            for table in inspector.missing(record.index, &kept.stored.hash, &kept.payload)? {
                let what = format!("it is not found in the table {table} by what it says");
                book.fault(Check::LookUps, Some(record.index), what);
            }
        }
    }
    Ok(())
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
