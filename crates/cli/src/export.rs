//! `sayso export`: what a ledger keeps, in a form that others can check or read.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sayso_audit::export::{Countersigner, Exported, Format, export};
use sayso_audit::filter::{By, Filter};
use sayso_audit::reading::Reading;
use sayso_core::digest::Digest;
use sayso_core::policy::PurposeId;
use sayso_core::record::Status;
use sayso_core::verify::Countersigned;
use sayso_ledger::log::Head;
use sayso_ledger::receipt::Stored;
use sayso_server::signer::Signer;

use crate::args::{ExportArgs, ExportFormat};
use crate::failure::Failure;
use crate::ledger::{self, Meter};

pub(crate) fn run(args: &ExportArgs) -> Result<String, Failure> {
    let filter = filter(args)?;
    let folder = args
        .keys_folder
        .clone()
        .unwrap_or_else(|| ledger::beside(&args.ledger, "keys"));
    let bundle = args.format == ExportFormat::Jsonl;
    let secrets = if bundle {
        ledger::secrets(&folder).map_err(Failure::of)?
    } else {
        None
    };
    let reading = ledger::open(&args.ledger, secrets.as_ref())?;
    let signer = match secrets {
        Some(secrets) => Some(ledger::signer(secrets, &reading)?),
        None if bundle => {
            return Err(Failure::of(format!(
                "{} does not exist; a bundle is countersigned: name the site's keys with --keys-folder",
                folder.display()
            )));
        }
        None => None,
    };
    let signer = signer.map(Site);
    let format = match (args.format, &signer) {
        (ExportFormat::Jsonl, Some(signer)) => Format::Bundle(signer),
        (ExportFormat::Jsonld, _) => Format::JsonLd,
        _ => Format::Csv,
    };
    let done = match &args.out {
        Some(path) => to_file(path, |out| write(&reading, format, &filter, out))?,
        None => write(&reading, format, &filter, &mut io::stdout().lock())?,
    };
    eprintln!("sayso: {}", summary(&done));
    Ok(String::new())
}

fn write(
    reading: &Reading,
    format: Format<'_>,
    filter: &Filter,
    out: &mut dyn Write,
) -> Result<Exported, Failure> {
    let mut meter = Meter::new();
    let of = reading.size().ok();
    let out = BufWriter::with_capacity(1 << 20, out);
    let done = export(reading, format, filter, out, |at| {
        meter.at("entries", at, of)
    });
    meter.end();
    done.map_err(Failure::of)
}

/// Writes beside the place and moves it there when it is whole, so that nobody takes a part for the export.
fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<Exported, Failure>,
) -> Result<Exported, Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let failed = |error: io::Error| Failure::of(format!("{}: {error}", beside.display()));
    let mut file = create(&beside).map_err(failed)?;
    let written = write(&mut file).and_then(|done| {
        file.sync_all()
            .and_then(|()| fs::rename(&beside, path))
            .map_err(failed)?;
        Ok(done)
    });
    if written.is_err() {
        // Whatever is wrong with it was said already.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Readable by its owner alone: it says what people decided.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn filter(args: &ExportArgs) -> Result<Filter, Failure> {
    let purpose = args
        .purpose
        .as_deref()
        .map(PurposeId::new)
        .transpose()
        .map_err(Failure::of)?;
    let unknown = |what: &str, text: &str| Failure::new(2, format!("{text:?} is not {what}"));
    let status = match &args.status {
        Some(text) => {
            let status: Status = serde_json::from_value(text.as_str().into())
                .map_err(|_| unknown("a status: Given, Refused, Withdrawn, Objected, Requested, Deferred, Acknowledged", text))?;
            Some(status)
        }
        None => None,
    };
    if let Some(text) = &args.notice
        && Digest::parse(text).is_none()
    {
        return Err(unknown("a digest: 43 characters of base64url", text));
    }
    Ok(Filter {
        from: args.from,
        to: args.to,
        purpose,
        status,
        notice: args.notice.clone(),
        language: args.language.clone(),
        jurisdiction: args.jurisdiction.clone(),
        by: args.by.as_deref().map(|by| {
            if by == "visitor" {
                By::Visitor
            } else {
                By::Server
            }
        }),
    })
}

fn summary(done: &Exported) -> String {
    let Exported {
        receipts,
        entries,
        erased,
        left_out,
        unsigned,
        uncovered,
    } = done;
    let mut text = format!(
        "{receipts} receipts exported; {entries} entries looked through, {erased} of them erased"
    );
    for (count, what) in [
        (left_out, "left out by the filter"),
        (unsigned, "without a key that may countersign them any more"),
        (uncovered, "too new for the published checkpoint"),
    ] {
        if *count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text
}

/// The site's own signer.
struct Site(Signer);

impl Countersigner for Site {
    fn countersign(&self, stored: &Stored) -> Result<Option<Countersigned>, String> {
        self.0
            .countersign(stored)
            .map_err(|error| error.to_string())
    }

    fn checkpoint(&self, head: &Head) -> Result<String, String> {
        let note = self
            .0
            .checkpoint(head.size, head.root)
            .map_err(|error| error.to_string())?;
        Ok(note.to_string())
    }
}
