//! A ledger's folder, opened to be read: its files, and the keys if they lie beside them.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use sayso_audit::reading::Reading;
use sayso_ledger::sqlite::SqliteLedger;
use sayso_ledger::sqlite::inspect::Inspector;
use sayso_server::random::OsRandom;
use sayso_server::signer::{KeyError, Missing, Secrets, Signer};

use crate::failure::Failure;

/// The exit code when a ledger cannot be opened.
pub(crate) const UNOPENED: u8 = 40;

/// The database in a ledger's folder; the file itself may be named as well.
pub(crate) fn file(folder: &Path) -> PathBuf {
    if folder.is_file() {
        folder.to_owned()
    } else {
        folder.join("ledger.db")
    }
}

/// What lies beside the database in a ledger's folder.
pub(crate) fn beside(folder: &Path, name: &str) -> PathBuf {
    file(folder).with_file_name(name)
}

/// A look at the files themselves, with the keys that lie beside them.
pub(crate) fn inspector(folder: &Path) -> Result<Inspector, Failure> {
    let secrets = secrets(&beside(folder, "keys")).map_err(Failure::of)?;
    let vault = secrets.map(|secrets| secrets.vault(Arc::new(OsRandom::new())));
    Inspector::open(&file(folder), vault).map_err(|error| Failure::new(UNOPENED, error.to_string()))
}

/// The site's secrets in a folder; none if there is no such folder.
pub(crate) fn secrets(folder: &Path) -> Result<Option<Secrets>, KeyError> {
    if !folder.is_dir() {
        return Ok(None);
    }
    Secrets::open(folder, Missing::Refuse, &OsRandom::new()).map(Some)
}

/// The ledger in a folder, to be read.
pub(crate) fn open(folder: &Path, secrets: Option<&Secrets>) -> Result<Reading, Failure> {
    let path = file(folder);
    let unopened = |what: String| Failure::new(UNOPENED, what);
    if !path.is_file() {
        return Err(unopened(format!(
            "{} does not exist; name the folder DATA/SITE of a server, or a copy of it",
            path.display()
        )));
    }
    let vault = secrets.map(|secrets| secrets.vault(Arc::new(OsRandom::new())));
    let ledger = SqliteLedger::read(&path, vault).map_err(|error| unopened(error.to_string()))?;
    Reading::new(Box::new(ledger)).map_err(Failure::of)
}

/// The signer of a ledger that is there already: no key is ever made here, as one would be for an empty log.
pub(crate) fn signer(secrets: Secrets, reading: &Reading) -> Result<Signer, Failure> {
    let entries = reading.size().map_err(Failure::of)?.max(1);
    secrets
        .into_signer(reading.log(), entries, &OsRandom::new())
        .map_err(Failure::of)
}

/// Tells on a terminal how far a long work is.
pub(crate) struct Meter {
    begun: Instant,
    told: Instant,
    shown: bool,
    quiet: bool,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            begun: now,
            told: now,
            shown: false,
            quiet: !std::io::stderr().is_terminal(),
        }
    }

    /// So much is done, of so much if that is known. Says so a few times a second.
    pub(crate) fn at(&mut self, what: &str, done: u64, of: Option<u64>) {
        let now = Instant::now();
        if self.quiet || now.duration_since(self.told).as_millis() < 200 {
            return;
        }
        self.told = now;
        self.shown = true;
        let seconds = now.duration_since(self.begun).as_secs_f64();
        let rate = done as f64 / seconds.max(0.001);
        let rest = of.map_or(String::new(), |of| {
            let left = of.saturating_sub(done) as f64 / rate.max(0.001);
            format!(" of {of}, {left:.0} s to go")
        });
        eprint!("\r\x1b[K{what}: {done}{rest}, {rate:.0}/s");
    }

    /// Wipes the line.
    pub(crate) fn end(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}
