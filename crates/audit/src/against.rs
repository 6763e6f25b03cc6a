//! An older state of a log, and whether today's log extends it.

use std::ops::Range;

use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::digest::Digest;
use sayso_core::log::tree::Frontier;
use sayso_core::log::{Entry, checkpoint::Checkpoint, note::Note, proof::Proof};
use sayso_core::verify::{self, Countersigned, Demands};
use sayso_ledger::LedgerError;

use crate::reading::{PAGE, Reading};
use crate::report::{Book, Check};

/// The exit code when history was rewritten.
const REWRITTEN: u8 = 29;
/// The exit code when the log went back.
const WENT_BACK: u8 = 30;

/// An older state.
pub enum Older {
    /// A signed checkpoint, and, if it came with a countersigned receipt, an entry that stands under it.
    Head {
        /// What it says.
        checkpoint: Checkpoint,
        /// The entry and its place.
        entry: Option<(u64, Entry)>,
    },
    /// An older copy of the ledger.
    Copy(Box<Reading>),
}

impl Older {
    /// Reads a signed checkpoint or a countersigned receipt; the sentence says why it cannot be used.
    pub fn read(
        text: &str,
        log: &str,
        keys: &Jwks,
        verifier: &impl Verifier,
    ) -> Result<Self, String> {
        let (note, entry) = match text.starts_with('{') {
            true => {
                let verified = verify::verify(
                    text.trim_end().as_bytes(),
                    keys,
                    &Demands::default(),
                    verifier,
                )
                .map_err(|error| error.to_string())?;
                let file: Countersigned =
                    serde_json::from_str(text).map_err(|error| error.to_string())?;
                let proof = file.proof.ok_or("it carries no proof")?;
                let proof = Proof::parse(&proof).map_err(|error| error.to_string())?;
                let commitment = Digest::parse(&verified.statement.commitment)
                    .ok_or("its commitment is malformed")?;
                (
                    proof.checkpoint,
                    Some((verified.statement.index, Entry::Receipt(commitment))),
                )
            }
            false => (text.to_owned(), None),
        };
        let note = Note::parse(&note).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| error.to_string())?;
        if checkpoint.origin != log {
            return Err(format!(
                "it is of the log {}, and this is {log}",
                checkpoint.origin
            ));
        }
        if !keys
            .log_keys(log)
            .iter()
            .any(|key| note.is_signed_by(key, verifier))
        {
            return Err("the site's log key did not sign its checkpoint".to_owned());
        }
        Ok(Self::Head { checkpoint, entry })
    }
}

/// The root that an older state says today's tree must have had at its size.
pub(crate) struct Demand {
    pub(crate) size: u64,
    pub(crate) root: Digest,
}

/// Compares what can be compared before the tree is built again, and says which root it must pass through. A copy is read
/// to its end, entry by entry, beside today's: so the first difference is known exactly.
pub(crate) fn compare(
    older: &Older,
    newer: &Reading,
    size: u64,
    book: &mut Book,
) -> Result<Option<Demand>, LedgerError> {
    match older {
        Older::Head { checkpoint, entry } => {
            if let Some((index, entry)) = entry {
                let today = newer.entries(*index..index + 1)?;
                book.looked(Check::Against, 1);
                match today.as_deref() {
                    Some([today]) if today == entry => {}
                    Some(_) => book.grave(
                        Check::Against,
                        REWRITTEN,
                        format!(
                            "history was rewritten: entry {index} is not the one that OLD holds"
                        ),
                    ),
                    None => {}
                }
            }
            book.looked(Check::Against, 1);
            if checkpoint.size > size {
                book.grave(Check::Against, WENT_BACK, went_back(size, checkpoint.size));
                return Ok(None);
            }
            Ok(Some(Demand {
                size: checkpoint.size,
                root: checkpoint.root,
            }))
        }
        Older::Copy(copy) => {
            copies(copy, newer, size, book)?;
            Ok(None)
        }
    }
}

/// What is said where the root differs.
pub(crate) fn rewritten(size: u64) -> (u8, String) {
    let what = format!(
        "history was rewritten: something among the first {size} entries was changed, added or taken out since OLD was signed"
    );
    (REWRITTEN, what)
}

fn went_back(size: u64, older: u64) -> String {
    format!("the log went back: it has {size} entries, and OLD knows {older}")
}

fn copies(older: &Reading, newer: &Reading, size: u64, book: &mut Book) -> Result<(), LedgerError> {
    let old_size = older.size()?;
    let common = old_size.min(size);
    let mut tree = Frontier::default();
    let mut start = 0;
    while start < common {
        let range = start..(start + PAGE).min(common);
        let (old, new) = (page(older, range.clone())?, page(newer, range)?);
        for (index, (old, new)) in (start..).zip(old.iter().zip(&new)) {
            if old != new {
                let what = format!(
                    "history was rewritten from entry {index} on: the first {index} entries are the same (root {}), entry \
                     {index} is not",
                    tree.root()
                );
                book.grave(Check::Against, REWRITTEN, what);
                return Ok(());
            }
            tree.append(old.leaf_hash());
        }
        book.looked(Check::Against, old.len() as u64);
        start += PAGE;
    }
    if old_size > size {
        book.grave(Check::Against, WENT_BACK, went_back(size, old_size));
    }
    Ok(())
}

fn page(reading: &Reading, range: Range<u64>) -> Result<Vec<Entry>, LedgerError> {
    let (start, end) = (range.start, range.end);
    reading.entries(range)?.ok_or_else(|| {
        LedgerError::Damaged(format!("an entry from {start} to {} is missing", end - 1))
    })
}
