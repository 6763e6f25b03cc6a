//! `sayso verify` of a whole ledger or a bundle; one receipt goes to [`crate::verify`].

use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::Path;

use sayso_audit::against::Older;
use sayso_audit::bundle::check::{Checked, check};
use sayso_audit::pool;
use sayso_audit::reading::Reading;
use sayso_audit::whole::{self, Options};
use sayso_core::crypto::Jwks;
use sayso_core::verify::Demands;
use sayso_server::crypto::RingVerifier;
use sayso_server::signer::Secrets;
use serde_json::{Value, json};

use crate::args::VerifyCommand;
use crate::failure::Failure;
use crate::ledger::{self, Meter};
use crate::verify;

pub(crate) fn verify(args: VerifyCommand) -> Result<String, Failure> {
    if let Some(folder) = &args.ledger {
        return of_ledger(folder, &args);
    }
    if let Some(file) = &args.bundle {
        return of_bundle(file, &args);
    }
    let args = args
        .of_file()
        .ok_or_else(|| Failure::new(2, "name a FILE and --keys JWKS"))?;
    verify::run(&args)
}

fn of_ledger(folder: &Path, args: &VerifyCommand) -> Result<String, Failure> {
    let secrets = ledger::secrets(&ledger::beside(folder, "keys")).map_err(Failure::of)?;
    let reading = ledger::open(folder, secrets.as_ref())?;
    let keys = match &args.keys {
        Some(path) => verify::keys(path)?,
        None => own_keys(folder, secrets, &reading)?,
    };
    let inspector = ledger::inspector(folder)?;
    let checkpoint = fs::read_to_string(ledger::beside(folder, "checkpoint")).ok();
    let against = match &args.against {
        Some(older) => Some(older_state(older, &reading, &keys)?),
        None => None,
    };
    let options = Options {
        keys: &keys,
        demands: verify::demands(&args.witnesses, args.quorum)?,
        hashes_only: args.hashes_only,
        threads: pool::threads(),
        checkpoint: checkpoint.as_deref(),
        against: against.as_ref(),
    };
    let mut meter = Meter::new();
    let report = whole::check(
        &reading,
        Some(&inspector),
        &options,
        &RingVerifier,
        |progress| {
            meter.at("entries", progress.done, Some(progress.of));
        },
    );
    meter.end();
    let report = report.map_err(|error| Failure::new(ledger::UNOPENED, error.to_string()))?;
    let text = if args.json {
        let report = serde_json::to_string_pretty(&report).map_err(Failure::of)?;
        report + "\n"
    } else {
        printable(&report.to_string())
    };
    if report.exit_code == 0 {
        return Ok(text);
    }
    // The report is the answer also where the ledger does not hold.
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::of)?;
    let faults = report.findings.len();
    let what = if faults == 1 {
        "one thing does"
    } else {
        "several things do"
    };
    Err(Failure::new(
        report.exit_code,
        format!("{}: {what} not hold", folder.display()),
    ))
}

/// The exit code when an older state cannot be used.
const UNUSABLE: u8 = 41;

/// A checkpoint, a countersigned receipt, or an older copy of the ledger.
fn older_state(path: &Path, reading: &Reading, keys: &Jwks) -> Result<Older, Failure> {
    let unusable = |what: String| {
        let what = verify::printable(&what);
        Failure::new(
            UNUSABLE,
            format!("{} cannot be compared with: {what}", path.display()),
        )
    };
    if path.is_dir() || path.extension().is_some_and(|end| end == "db") {
        let copy = ledger::open(path, None).map_err(|failure| unusable(failure.message))?;
        if copy.log() != reading.log() {
            return Err(unusable(format!(
                "it is of the log {}, and this is {}",
                copy.log(),
                reading.log()
            )));
        }
        return Ok(Older::Copy(Box::new(copy)));
    }
    let text = fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    Older::read(&text, reading.log(), keys, &RingVerifier).map_err(unusable)
}

/// The public keys of the secret ones that lie beside the ledger, the retired ones among them.
fn own_keys(folder: &Path, secrets: Option<Secrets>, reading: &Reading) -> Result<Jwks, Failure> {
    let secrets = secrets.ok_or_else(|| {
        let path = folder.join("keys");
        let what = format!(
            "{} does not exist; give the site's public keys with --keys",
            path.display()
        );
        Failure::new(verify::KEYS_UNUSABLE, what)
    })?;
    Ok(ledger::signer(secrets, reading)?.jwks())
}

/// A report may hold a stranger's texts; its own lines stay lines.
fn printable(text: &str) -> String {
    text.lines()
        .map(|line| verify::printable(line) + "\n")
        .collect()
}

fn of_bundle(file: &Path, args: &VerifyCommand) -> Result<String, Failure> {
    let keys = args
        .keys
        .as_deref()
        .ok_or_else(|| Failure::new(2, "--bundle needs --keys JWKS"))?;
    let keys = verify::keys(keys)?;
    let demands = verify::demands(&args.witnesses, args.quorum)?;
    let input =
        File::open(file).map_err(|error| Failure::of(format!("{}: {error}", file.display())))?;
    let mut meter = Meter::new();
    let input = BufReader::with_capacity(1 << 20, input);
    let checked = check(
        input,
        &keys,
        &demands,
        &RingVerifier,
        pool::threads(),
        |done| meter.at("receipts", done, None),
    );
    meter.end();
    let checked = checked.map_err(|error| {
        let what = verify::printable(&error.to_string());
        Failure::new(error.exit_code(), format!("{}: {what}", file.display()))
    })?;
    Ok(if args.json {
        format!("{:#}\n", as_json(&checked))
    } else {
        printable(&as_text(&checked, &demands))
    })
}

fn as_json(checked: &Checked) -> Value {
    let Checked {
        header,
        checkpoint,
        trailer,
        ..
    } = checked;
    json!({
        "v": 1,
        "holds": true,
        "log": header.log,
        "site": checked.site,
        "complete": header.complete,
        "filter": header.filter,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "cosigned": checked.cosigned.iter().map(|(name, time)| json!({ "witness": name, "time": time })).collect::<Vec<_>>(),
        "signed": checked.signed,
        "witnessed": checked.witnessed,
        "entries": trailer.entries,
        "erased": trailer.erased,
        "left_out": trailer.left_out,
        "unsigned": trailer.unsigned,
        "documents_missing": checked.documents_missing,
    })
}

fn as_text(checked: &Checked, demands: &Demands<'_>) -> String {
    let Checked {
        header,
        checkpoint,
        trailer,
        ..
    } = checked;
    let mut text = format!(
        "The bundle holds.\n\n  log         {}\n  site        {}\n  checkpoint  {} entries, root {}\n  receipts    {} signed by \
         visitors, {} recorded by the server\n  looked at   {} entries: {} erased, {} left out by the filter, {} that no \
         key may countersign any more\n  documents   {} in it, {} named and not in it\n",
        header.log,
        checked.site.as_deref().unwrap_or("none"),
        checkpoint.size,
        checkpoint.root,
        checked.signed,
        checked.witnessed,
        trailer.entries,
        trailer.erased,
        trailer.left_out,
        trailer.unsigned,
        trailer.documents,
        checked.documents_missing,
    );
    text += "\nWhat this proves:\n  - Each receipt holds by itself: signed, countersigned, and in the log under this checkpoint.\n";
    text += if header.complete {
        "  - Nothing was left out: all entries together make the tree that the checkpoint names.\n"
    } else {
        "  - The file is as it was written: its digest covers all of it.\n"
    };
    if demands.quorum > 0 {
        text += &format!(
            "  - {} of the witnesses asked for cosigned the checkpoint.\n",
            checked.cosigned.len()
        );
    }
    text += "\nWhat this does not prove:\n";
    if !header.complete {
        text += "  - That nothing was left out: the bundle holds what a filter asked for, by the word of who made it.\n";
    }
    if demands.quorum == 0 {
        text += "  - That this is the only log ever shown: ask witnesses with --witness.\n";
    }
    text += "  - That a person pressed a button, or who the visitors are.\n";
    text +=
        "  - That the keys given here are the site's: compare them with what the site publishes.\n";
    text
}
