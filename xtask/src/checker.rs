//! Other people's programs that check us without sharing a line with us: JOSE libraries, and a robot that refuses.
//!
//! Their own package managers fetch them into `target/checkers/`, at the versions that our manifests pin; nothing of
//! the system is changed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::repo::Repo;
use crate::stamp::{Stamp, read, read_text};
use crate::{browser, process};

/// A program, and how to get what it needs.
pub(crate) struct Checker {
    /// Its name, for people.
    pub(crate) name: &'static str,
    /// How a person gets what it needs.
    pub(crate) remedy: &'static str,
    /// The variable that tells the tests where it is.
    variable: &'static str,
    /// Whether the machine can run it.
    runs: fn() -> bool,
    /// The Debian packages that make it run.
    packages: &'static [&'static str],
    /// Fetches it and says where it is.
    fetch: fn(&Repo) -> Result<PathBuf>,
}

/// Every one that the tests know.
pub(crate) const ALL: [Checker; 4] = [
    Checker {
        name: "jose (JavaScript)",
        remedy: "install Node.js with npm, on Debian: apt-get install nodejs npm",
        variable: "SAYSO_JOSE",
        runs: || {
            ["node", "npm"]
                .iter()
                .all(|name| process::version(name, "--version").is_some())
        },
        packages: &["nodejs", "npm"],
        fetch: |repo| npm(repo, "npm", "vectors/package.json", "jose"),
    },
    Checker {
        name: "autoconsent (JavaScript)",
        remedy: "install Node.js with npm, on Debian: apt-get install nodejs npm",
        variable: "SAYSO_AUTOCONSENT",
        runs: || process::version("npm", "--version").is_some(),
        packages: &["nodejs", "npm"],
        fetch: |repo| {
            npm(
                repo,
                "robot",
                "robots/package.json",
                "@duckduckgo/autoconsent",
            )
        },
    },
    Checker {
        name: "jwcrypto (Python)",
        remedy: "install Python with venv, on Debian: apt-get install python3-venv",
        variable: "SAYSO_PYTHON",
        runs: has_venv,
        packages: &["python3-venv"],
        fetch: jwcrypto,
    },
    Checker {
        name: "schemathesis (Python)",
        remedy: "install Python with venv, on Debian: apt-get install python3-venv",
        variable: "SAYSO_SCHEMATHESIS",
        runs: has_venv,
        packages: &["python3-venv"],
        fetch: schemathesis,
    },
];

/// The one that fuzzes the HTTP interface.
pub(crate) fn fuzzer() -> Option<&'static Checker> {
    ALL.iter()
        .find(|checker| checker.variable == "SAYSO_SCHEMATHESIS")
}

/// The Debian packages that are missing for them.
pub(crate) fn packages() -> Vec<&'static str> {
    let absent = ALL.iter().filter(|checker| !(checker.runs)());
    absent
        .flat_map(|checker| checker.packages)
        .copied()
        .collect()
}

fn has_venv() -> bool {
    process::output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok()
}

impl Checker {
    /// Whether this machine can run it, if need be after installing what it needs.
    pub(crate) fn is_possible(&self, may_install: bool) -> bool {
        (self.runs)() || (may_install && browser::apt_get(self.packages) && (self.runs)())
    }

    /// Makes it ready; the variable is for the tests' environment.
    pub(crate) fn prepare(&self, repo: &Repo) -> Result<(&'static str, PathBuf)> {
        let place = (self.fetch)(repo).with_context(|| format!("fetching {}", self.name))?;
        println!("{}: {}", self.name, place.display());
        Ok((self.variable, place))
    }
}

/// A package of npm's, at the version that one of our manifests pins.
fn npm(repo: &Repo, name: &str, manifest: &str, package: &str) -> Result<PathBuf> {
    let pins: Value = serde_json::from_str(&read_text(&repo.root.join(manifest))?)
        .with_context(|| format!("reading {manifest}"))?;
    let version = pins["dependencies"][package]
        .as_str()
        .with_context(|| format!("{manifest} names no version of {package}"))?;
    // A folder each: what another manifest asks for stays.
    let folder = repo.target.join("checkers").join(name);
    let place = folder.join("node_modules").join(package);
    let stamp = Stamp::of(repo, &format!("checker-{name}"), [version.as_bytes()]);
    if !stamp.is_fresh([place.join("package.json").as_path()]) {
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        process::output(
            Command::new("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--prefix",
                ])
                .arg(&folder)
                .arg(format!("{package}@{version}")),
        )?;
        stamp.keep()?;
    }
    Ok(place)
}

fn jwcrypto(repo: &Repo) -> Result<PathBuf> {
    let folder = python(repo, "jwcrypto", "python", "vectors/requirements.txt")?;
    Ok(folder.join("bin/python"))
}

fn schemathesis(repo: &Repo) -> Result<PathBuf> {
    let pins = "crates/cli/tests/openapi/requirements.txt";
    let folder = python(repo, "schemathesis", "schemathesis", pins)?;
    Ok(folder.join("bin/schemathesis"))
}

/// A Python of our own with what a list names.
fn python(repo: &Repo, name: &str, folder: &str, pins: &str) -> Result<PathBuf> {
    let pins = repo.root.join(pins);
    let folder = repo.target.join("checkers").join(folder);
    let python = folder.join("bin/python");
    let stamp = Stamp::of(repo, &format!("checker-{name}"), [read(&pins)?.as_slice()]);
    if !stamp.is_fresh([python.as_path()]) {
        process::output(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&folder),
        )?;
        process::output(
            Command::new(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "-r",
                ])
                .arg(&pins),
        )?;
        stamp.keep()?;
    }
    Ok(folder)
}
