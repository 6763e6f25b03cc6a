//! Exports: everything kept, or what a filter asks for, streamed in pages by several threads in bounded memory.

mod page;
mod prove;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::ControlFlow;

use sayso_core::digest::Digest;
use sayso_core::verify::Countersigned;
use sayso_ledger::LedgerError;
use sayso_ledger::document::DocumentKind;
use sayso_ledger::log::Head;
use sayso_ledger::receipt::Stored;

use crate::bundle::write::{Counts, Writer};
use crate::bundle::{Header, Shown, VERSION};
use crate::filter::Filter;
use crate::reading::{PAGE, Reading};
use crate::{csv, jsonld, pool};
use page::{Form, Page, Pages};

/// What an export is made for.
#[derive(Clone, Copy)]
pub enum Format<'a> {
    /// Countersigned receipts, one to a line, with everything that is needed to check them.
    Bundle(&'a dyn Countersigner),
    /// For people and spreadsheets.
    Csv,
    /// In the words of the DPV.
    JsonLd,
}

/// Who signs for the site.
pub trait Countersigner: Sync {
    /// The countersigned receipt of what the ledger keeps; its proof is made anew here. None where no key is left that may
    /// countersign it.
    fn countersign(&self, stored: &Stored) -> Result<Option<Countersigned>, String>;

    /// A checkpoint of a head that nobody has published yet.
    fn checkpoint(&self, head: &Head) -> Result<String, String>;
}

/// What an export came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Receipts in it.
    pub receipts: u64,
    /// Entries of the log that were looked through.
    pub entries: u64,
    /// How many of them are erased: counted, never shown.
    pub erased: u64,
    /// Receipts that the filter left out.
    pub left_out: u64,
    /// Receipts that no key may countersign any more; a bundle is without them.
    pub unsigned: u64,
    /// Entries that the published checkpoint does not cover yet; a bundle is without them.
    pub uncovered: u64,
}

/// Why an export could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The ledger does not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The output does not take it.
    #[error("the export cannot be written: {0}")]
    Io(#[from] io::Error),
    /// An entry that cannot be exported.
    #[error("entry {index} cannot be exported: {what}; run `sayso verify --ledger` on this ledger")]
    Entry {
        /// Its place in the log.
        index: u64,
        /// Why.
        what: String,
    },
    /// No checkpoint can be made.
    #[error("no checkpoint can be signed: {0}")]
    Checkpoint(String),
}

/// Writes an export. `progress` is told how many entries were looked through.
pub fn export(
    reading: &Reading,
    format: Format<'_>,
    filter: &Filter,
    out: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<Exported, ExportError> {
    let size = reading.size()?;
    match format {
        Format::Bundle(countersigner) => {
            bundle(reading, countersigner, filter, size, out, progress)
        }
        Format::Csv => {
            let mut out = out;
            csv::header(&mut out)?;
            let done = run(reading, Form::Csv, filter, size, |page| {
                progress(page.end);
                page.items
                    .iter()
                    .try_for_each(|item| out.write_all(&item.bytes))
            })?;
            out.flush()?;
            Ok(done)
        }
        Format::JsonLd => {
            let notices = page::notices(reading)?;
            let mut out = out;
            jsonld::begin(&mut out)?;
            let mut before = "\n";
            let form = Form::JsonLd {
                log: reading.log(),
                notices: &notices,
            };
            let done = run(reading, form, filter, size, |page| {
                progress(page.end);
                page.items.iter().try_for_each(|item| {
                    out.write_all(before.as_bytes())?;
                    before = ",\n";
                    out.write_all(&item.bytes)
                })
            })?;
            jsonld::end(&mut out)?;
            out.flush()?;
            Ok(done)
        }
    }
}

fn bundle(
    reading: &Reading,
    countersigner: &dyn Countersigner,
    filter: &Filter,
    size: u64,
    out: impl Write,
    mut progress: impl FnMut(u64),
) -> Result<Exported, ExportError> {
    let (head, checkpoint) = covering(reading, countersigner)?;
    let complete = filter.is_empty();
    let header = Header {
        bundle: VERSION,
        log: reading.log().to_owned(),
        checkpoint: checkpoint.clone(),
        complete,
        filter: filter.clone(),
    };
    let mut writer = Writer::new(out, &header)?;
    let mut named = BTreeSet::new();
    let form = Form::Bundle {
        countersigner,
        head,
        checkpoint: &checkpoint,
        complete,
    };
    let done = run(reading, form, filter, head.size, |page| {
        progress(page.end);
        for item in page.items {
            if item.named.is_empty() {
                writer.other(&item.bytes)?;
            } else {
                writer.receipt_line(&item.bytes)?;
                named.extend(item.named);
            }
        }
        Ok(())
    })?;
    for (kind, digest) in named {
        shown(reading, &mut writer, kind, digest)?;
    }
    writer.end(Counts {
        entries: done.entries,
        erased: done.erased,
        left_out: done.left_out,
        unsigned: done.unsigned,
    })?;
    Ok(Exported {
        uncovered: size.saturating_sub(head.size),
        ..done
    })
}

/// The newest published checkpoint, with all cosignatures it has; one of the present head where none is published yet.
fn covering(
    reading: &Reading,
    countersigner: &dyn Countersigner,
) -> Result<(Head, String), ExportError> {
    if let Some(published) = reading.published()? {
        return Ok((
            Head {
                size: published.size,
                root: published.root,
            },
            published.note,
        ));
    }
    let head = reading.head()?;
    let note = countersigner
        .checkpoint(&head)
        .map_err(ExportError::Checkpoint)?;
    Ok((head, note))
}

/// A notice or layer that receipts name, if it is kept.
fn shown(
    reading: &Reading,
    writer: &mut Writer<impl Write>,
    notice: bool,
    digest: Digest,
) -> Result<(), ExportError> {
    let kind = if notice {
        DocumentKind::Notice
    } else {
        DocumentKind::Layer
    };
    let Some(kept) = reading.document(kind, digest)? else {
        return Ok(());
    };
    // What is not text was never shown to anybody.
    let Ok(text) = String::from_utf8(kept.body) else {
        return Ok(());
    };
    let document = kind.as_str().to_owned();
    Ok(writer.shown(&Shown {
        document,
        digest,
        media: kept.media,
        text,
    })?)
}

/// Looks through the log up to a size and hands on every page as it is done, in order.
fn run(
    reading: &Reading,
    form: Form<'_>,
    filter: &Filter,
    size: u64,
    mut take: impl FnMut(Page) -> io::Result<()>,
) -> Result<Exported, ExportError> {
    let pages = Pages {
        reading,
        form,
        filter,
        size,
    };
    let mut starts = (0..size.div_ceil(PAGE)).map(|page| page * PAGE);
    let mut done = Exported::default();
    let mut site: Option<String> = None;
    let broken = pool::ordered(
        pool::threads(),
        || starts.next(),
        |start| pages.page(start),
        |page| {
            let taken = page.and_then(|page| {
                done.entries = page.end;
                done.erased += page.erased;
                done.left_out += page.left_out;
                done.unsigned += page.unsigned;
                done.receipts += page
                    .items
                    .iter()
                    .filter(|item| !item.named.is_empty())
                    .count() as u64;
                // One ledger is one site's; what says otherwise must not leave the house among it.
                for (index, found) in &page.sites {
                    if site.get_or_insert_with(|| found.clone()) != found {
                        let what = format!("it is of the site {found}, among receipts of another");
                        return Err(ExportError::Entry {
                            index: *index,
                            what,
                        });
                    }
                }
                Ok(take(page)?)
            });
            match taken {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        },
    );
    match broken {
        Some(error) => Err(error),
        None => Ok(done),
    }
}
