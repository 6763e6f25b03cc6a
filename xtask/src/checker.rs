//! Other languages' JOSE libraries, which check our signatures without sharing a line with us.
//!
//! Their own package managers fetch them, pinned, into `target/checkers/`; nothing of the system is changed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::repo::Repo;
use crate::{browser, process};

/// JavaScript's library, and its version.
const JOSE: (&str, &str) = ("jose", "6.2.17");
/// Python's library, and its version.
const JWCRYPTO: (&str, &str) = ("jwcrypto", "1.6.1");

/// How a person gets one.
pub(crate) const REMEDY: &str =
    "install Node.js with npm, or Python with venv, on Debian: apt-get install python3-venv";

/// What was found; the variables tell the tests where it is.
pub(crate) struct Checkers {
    /// Environment variables for the tests: `SAYSO_JOSE`, a folder to import the JavaScript library from, and
    /// `SAYSO_PYTHON`, a Python that has jwcrypto.
    pub(crate) variables: Vec<(&'static str, PathBuf)>,
    /// What to print.
    pub(crate) names: Vec<String>,
}

/// Makes every checker ready that this machine can run.
pub(crate) fn prepare(repo: &Repo, may_install: bool) -> Checkers {
    let mut checkers = Checkers {
        variables: Vec::new(),
        names: Vec::new(),
    };
    checkers.look(repo);
    if checkers.names.is_empty() && may_install && browser::apt_get(&["python3-venv"]) {
        checkers.look(repo);
    }
    checkers
}

impl Checkers {
    fn look(&mut self, repo: &Repo) {
        if process::version("npm", "--version").is_some() {
            self.add("SAYSO_JOSE", JOSE, jose(repo));
        }
        if process::version("python3", "--version").is_some() {
            self.add("SAYSO_PYTHON", JWCRYPTO, jwcrypto(repo));
        }
    }

    fn add(
        &mut self,
        variable: &'static str,
        (name, version): (&str, &str),
        place: Result<PathBuf>,
    ) {
        match place {
            Ok(place) => {
                self.variables.push((variable, place));
                self.names.push(format!("{name} {version}"));
            }
            Err(error) => eprintln!("without {name}: {error:#}"),
        }
    }
}

fn jose(repo: &Repo) -> Result<PathBuf> {
    let (name, version) = JOSE;
    let folder = repo.target.join("checkers/npm");
    let place = folder.join("node_modules").join(name);
    let manifest = std::fs::read_to_string(place.join("package.json")).unwrap_or_default();
    if !manifest.contains(&format!("\"version\": \"{version}\"")) {
        std::fs::create_dir_all(&folder)?;
        process::output(
            Command::new("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--save-exact",
                    "--prefix",
                ])
                .arg(&folder)
                .arg(format!("{name}@{version}")),
        )?;
    }
    Ok(place)
}

fn jwcrypto(repo: &Repo) -> Result<PathBuf> {
    let (name, version) = JWCRYPTO;
    let folder = repo.target.join("checkers/python");
    let python = folder.join("bin/python");
    let found =
        format!("import importlib.metadata as m; assert m.version('{name}') == '{version}'");
    if process::output(Command::new(&python).args(["-c", &found])).is_err() {
        process::output(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        process::output(
            Command::new(&python)
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                ])
                .arg(format!("{name}=={version}")),
        )?;
    }
    Ok(python)
}
