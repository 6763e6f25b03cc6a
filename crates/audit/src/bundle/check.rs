//! Checking a bundle with nothing but the site's published keys.

use std::collections::HashSet;
use std::io::BufRead;
use std::ops::ControlFlow;

use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::digest::{Digest, decode_array, sha256};
use sayso_core::json;
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::Note;
use sayso_core::log::proof::cosigned;
use sayso_core::log::tree::Frontier;
use sayso_core::receipt::Kind;
use sayso_core::verify::{self, Demands};
use sha2::Digest as _;

use super::error::BundleError;
use super::lines::{Line, Lines};
use super::{Header, MAX_LINE, OPAQUE, Opaque, RECEIPT, SHOWN, Shown, Trailer, VERSION};
use crate::pool;

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

fn read<T: serde::de::DeserializeOwned>(line: u64, bytes: &[u8]) -> Result<T, BundleError> {
    json::read(bytes, MAX_LINE).map_err(|error| BundleError::Form {
        line,
        what: error.to_string(),
    })
}

/// What one line turned out to be.
enum Item {
    Receipt {
        index: u64,
        entry: Entry,
        checkpoint: Checkpoint,
        site: String,
        kind: Kind,
        named: [Digest; 2],
    },
    Opaque(u64, Entry),
    Shown(Digest),
}

impl Item {
    fn read(
        number: u64,
        line: &[u8],
        keys: &Jwks,
        verifier: &impl Verifier,
    ) -> Result<Self, BundleError> {
        let form = |what: &str| BundleError::Form {
            line: number,
            what: what.to_owned(),
        };
        if line.starts_with(RECEIPT) {
            // Witnesses are asked for once, of the checkpoint that all of them share.
            let verified =
                verify::verify(line, keys, &Demands::default(), verifier).map_err(|error| {
                    BundleError::Receipt {
                        line: number,
                        error,
                    }
                })?;
            let payload = verified.receipt.payload();
            let digest = |text| Digest::parse(text).ok_or_else(|| form("a digest is malformed"));
            Ok(Self::Receipt {
                index: verified.statement.index,
                entry: Entry::Receipt(digest(&verified.statement.commitment)?),
                named: [digest(&payload.notice)?, digest(&payload.layer)?],
                site: payload.site.clone(),
                kind: verified.receipt.kind(),
                checkpoint: verified.checkpoint,
            })
        } else if line.starts_with(OPAQUE) {
            let opaque: Opaque = read(number, line)?;
            let entry = decode_array(&opaque.entry)
                .and_then(|bytes| Entry::from_bytes(&bytes))
                .ok_or_else(|| form("`entry` is not an entry of a log"))?;
            Ok(Self::Opaque(opaque.index, entry))
        } else if line.starts_with(SHOWN) {
            let shown: Shown = read(number, line)?;
            if sha256(shown.text.as_bytes()) != shown.digest {
                return Err(BundleError::Document { line: number });
            }
            Ok(Self::Shown(shown.digest))
        } else {
            Err(form("it is none of the lines of a bundle"))
        }
    }
}

/// What all lines together must add up to.
struct Tally<'a> {
    header: &'a Header,
    checkpoint: &'a Checkpoint,
    next: u64,
    tree: Frontier,
    site: Option<String>,
    signed: u64,
    witnessed: u64,
    documents: HashSet<Digest>,
    document_lines: u64,
    named: HashSet<Digest>,
}

impl<'a> Tally<'a> {
    fn new(header: &'a Header, checkpoint: &'a Checkpoint) -> Self {
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

    fn count(&mut self, line: u64, item: Item) -> Result<(), BundleError> {
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

    fn end(&self, trailer: &Trailer, digest: &Digest) -> Result<(), BundleError> {
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
