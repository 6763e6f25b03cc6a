//! Checking a bundle with nothing but the site's published keys.

mod item;
mod tally;

use std::io::BufRead;
use std::ops::ControlFlow;

use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::digest::Digest;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::Note;
use sayso_core::log::proof::cosigned;
use sayso_core::verify::Demands;
use sha2::Digest as _;

use super::error::BundleError;
use super::lines::{Line, Lines};
use super::{Header, Trailer, VERSION};
use crate::pool;
use item::{Item, read};
use tally::Tally;

/// A bundle that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its first line.
    pub header: Header,
    /// The tree head that everything in it stands under.
    pub checkpoint: Checkpoint,
    /// The witnesses that cosigned that head, each with its time in seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
    /// The site that its receipts name; none if there is no receipt.
    pub site: Option<String>,
    /// Receipts signed by visitors.
    pub signed: u64,
    /// Receipts that the server recorded.
    pub witnessed: u64,
    /// Notices and layers that receipts name and that are not in it.
    pub documents_missing: u64,
    /// Its last line.
    pub trailer: Trailer,
}

/// Checks a bundle. `seen` is told how many receipts were checked so far.
pub fn check<V: Verifier + Sync>(
    mut input: impl BufRead,
    keys: &Jwks,
    demands: &Demands<'_>,
    verifier: &V,
    threads: usize,
    mut seen: impl FnMut(u64),
) -> Result<Checked, BundleError> {
    let mut lines = Lines::default();
    let first = lines.next(&mut input)?.ok_or(BundleError::Cut)?;
    let header: Header = read(1, &first)?;
    if header.bundle != VERSION {
        return Err(BundleError::Form {
            line: 1,
            what: format!("`bundle` is not {VERSION}"),
        });
    }
    let (checkpoint, cosigned) = open(&header, keys, demands, verifier)?;
    let mut tally = Tally::new(&header, &checkpoint);
    let mut trailer = None;
    let mut broken = None;
    let refused = pool::ordered(
        threads,
        || {
            if trailer.is_some() || broken.is_some() {
                return None;
            }
            match lines.batch(&mut input) {
                Ok((batch, last)) => {
                    trailer = last;
                    (!batch.is_empty()).then_some(batch)
                }
                Err(error) => {
                    broken = Some(error);
                    None
                }
            }
        },
        |batch: Vec<Line>| {
            batch
                .into_iter()
                .map(|(number, line)| {
                    Item::read(number, &line, keys, verifier).map(|item| (number, item))
                })
                .collect::<Result<Vec<_>, _>>()
        },
        |items| {
            let counted = items.and_then(|items| {
                items
                    .into_iter()
                    .try_for_each(|(number, item)| tally.count(number, item))
            });
            seen(tally.signed + tally.witnessed);
            match counted {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        },
    );
    if let Some(error) = refused.or(broken) {
        return Err(error);
    }
    let (number, line) = trailer.ok_or(BundleError::Cut)?;
    let trailer: Trailer = read(number, &line)?;
    let exact = serde_json::to_vec(&trailer).is_ok_and(|bytes| bytes == line);
    if !exact || lines.next(&mut input)?.is_some() {
        return Err(BundleError::Form {
            line: number,
            what: "the last line is not as it was written".into(),
        });
    }
    lines.hash.update(Trailer::covered(&line));
    tally.end(&trailer, &Digest(lines.hash.finalize().into()))?;
    Ok(Checked {
        site: tally.site,
        signed: tally.signed,
        witnessed: tally.witnessed,
        documents_missing: tally.named.difference(&tally.documents).count() as u64,
        checkpoint,
        cosigned,
        header,
        trailer,
    })
}

/// The checkpoint of a bundle, if the site's log key signed it and enough witnesses did.
fn open(
    header: &Header,
    keys: &Jwks,
    demands: &Demands<'_>,
    verifier: &impl Verifier,
) -> Result<(Checkpoint, Vec<(String, u64)>), BundleError> {
    let fault = |what: &str| BundleError::Checkpoint(what.to_owned());
    let note = Note::parse(&header.checkpoint).map_err(|e| fault(&e.to_string()))?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|e| fault(&e.to_string()))?;
    if checkpoint.origin != header.log {
        return Err(fault("it is of another log than the bundle names"));
    }
    let log_keys = keys.log_keys(&checkpoint.origin);
    if !log_keys.iter().any(|key| note.is_signed_by(key, verifier)) {
        return Err(fault("the site's log key did not sign it"));
    }
    let cosigned = cosigned(&note, demands.witnesses, verifier);
    if cosigned.len() < demands.quorum {
        return Err(BundleError::Quorum {
            found: cosigned.len(),
            wanted: demands.quorum,
        });
    }
    Ok((checkpoint, cosigned))
}
