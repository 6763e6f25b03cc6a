//! One page of the log, made into what the export holds of it.

use std::collections::HashMap;

use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::log::proof::Proof;
use sayso_core::notice::Notice;
use sayso_ledger::LedgerError;
use sayso_ledger::document::DocumentKind;
use sayso_ledger::log::Head;
use sayso_ledger::record::RecordKind;

use super::prove::Prover;
use super::{Countersigner, ExportError};
use crate::bundle::Opaque;
use crate::filter::Filter;
use crate::kept::Kept;
use crate::reading::{PAGE, Reading};
use crate::{csv, jsonld};

/// What a receipt becomes.
#[derive(Clone, Copy)]
pub(super) enum Form<'a> {
    Bundle {
        countersigner: &'a dyn Countersigner,
        head: Head,
        checkpoint: &'a str,
        complete: bool,
    },
    Csv,
    JsonLd {
        log: &'a str,
        notices: &'a HashMap<String, Notice>,
    },
}

/// Makes pages.
pub(super) struct Pages<'a> {
    pub(super) reading: &'a Reading,
    pub(super) form: Form<'a>,
    pub(super) filter: &'a Filter,
    pub(super) size: u64,
}

/// What the export holds of some entries.
pub(super) struct Page {
    pub(super) items: Vec<Item>,
    pub(super) erased: u64,
    pub(super) left_out: u64,
    pub(super) unsigned: u64,
    /// The first receipt of each site in it; there should be one.
    pub(super) sites: Vec<(u64, String)>,
    /// The index after its last entry.
    pub(super) end: u64,
}

/// What one entry became.
pub(super) struct Item {
    pub(super) bytes: Vec<u8>,
    /// The documents that a receipt names, notices marked; empty for what is no receipt.
    pub(super) named: Vec<(bool, Digest)>,
}

impl Pages<'_> {
    pub(super) fn page(&self, start: u64) -> Result<Page, ExportError> {
        let end = (start + PAGE).min(self.size);
        let mut records = self.reading.scan(start, (end - start) as u32)?;
        records.retain(|record| record.index < end);
        if !records.iter().map(|record| record.index).eq(start..end) {
            return Err(ExportError::Entry {
                index: start,
                what: "it, or one after it, is missing".to_owned(),
            });
        }
        let mut prover = match self.form {
            Form::Bundle { head, .. } => {
                let leaves = records
                    .iter()
                    .map(|record| record.entry.leaf_hash())
                    .collect();
                Some(Prover::new(self.reading, head.size, start, leaves))
            }
            _ => None,
        };
        let mut page = Page {
            items: Vec::new(),
            erased: 0,
            left_out: 0,
            unsigned: 0,
            sites: Vec::new(),
            end,
        };
        for record in records {
            let entry = record.entry;
            match record.kind {
                RecordKind::Receipt(stored) => {
                    let index = record.index;
                    let fault = |what: String| ExportError::Entry { index, what };
                    let kept = Kept::read(stored).map_err(|error| fault(error.to_string()))?;
                    let site = &kept.payload.site;
                    if page.sites.iter().all(|(_, known)| known != site) {
                        page.sites.push((index, site.clone()));
                    }
                    if !self.filter.takes(&kept) {
                        page.left_out += 1;
                    } else if let Some(item) = self.item(&kept, prover.as_mut())? {
                        page.items.push(item);
                        continue;
                    } else {
                        page.unsigned += 1;
                    }
                }
                RecordKind::Erased => page.erased += 1,
                RecordKind::Tombstone { .. } | RecordKind::KeyEvent { .. } => {}
                RecordKind::Unreadable(what) => {
                    return Err(ExportError::Entry {
                        index: record.index,
                        what,
                    });
                }
            }
            self.opaque(record.index, entry, &mut page)?;
        }
        Ok(page)
    }

    /// A complete bundle holds in an entry's own form what it cannot show.
    fn opaque(&self, index: u64, entry: Entry, page: &mut Page) -> Result<(), ExportError> {
        if let Form::Bundle { complete: true, .. } = self.form {
            let bytes =
                serde_json::to_vec(&Opaque::new(index, entry)).map_err(std::io::Error::from)?;
            page.items.push(Item {
                bytes,
                named: Vec::new(),
            });
        }
        Ok(())
    }

    fn item(
        &self,
        kept: &Kept,
        prover: Option<&mut Prover<'_>>,
    ) -> Result<Option<Item>, ExportError> {
        let mut bytes = Vec::new();
        match (self.form, prover) {
            (
                Form::Bundle {
                    countersigner,
                    head,
                    checkpoint,
                    ..
                },
                Some(prover),
            ) => {
                let index = kept.stored.index;
                let fault = |what: String| ExportError::Entry { index, what };
                let mut stored = kept.stored.clone();
                let hashes = prover
                    .inclusion(index)?
                    .ok_or_else(|| fault("a node of the tree is missing".to_owned()))?;
                stored.inclusion.size = head.size;
                stored.inclusion.root = head.root;
                stored.inclusion.hashes = hashes.clone();
                let Some(mut file) = countersigner.countersign(&stored).map_err(fault)? else {
                    return Ok(None);
                };
                // With the cosignatures, which the log's own key alone would not give.
                let proof = Proof {
                    index,
                    hashes,
                    checkpoint: checkpoint.to_owned(),
                };
                file.proof = Some(proof.to_string());
                serde_json::to_writer(&mut bytes, &file).map_err(std::io::Error::from)?;
            }
            (Form::JsonLd { log, notices }, _) => {
                let node = jsonld::node(log, kept, notices.get(&kept.payload.notice));
                serde_json::to_writer(&mut bytes, &node).map_err(std::io::Error::from)?;
            }
            _ => csv::receipt(&mut bytes, kept)?,
        }
        let named = [(true, &kept.payload.notice), (false, &kept.payload.layer)]
            .into_iter()
            .filter_map(|(notice, text)| Some((notice, Digest::parse(text)?)))
            .collect();
        Ok(Some(Item { bytes, named }))
    }
}

/// Every notice kept, by its digest.
pub(super) fn notices(reading: &Reading) -> Result<HashMap<String, Notice>, LedgerError> {
    let notices = reading.documents(DocumentKind::Notice)?;
    Ok(notices
        .into_iter()
        .filter_map(|kept| {
            Some((
                kept.digest.to_string(),
                serde_json::from_slice(&kept.body).ok()?,
            ))
        })
        .collect())
}
