//! What is fetched and built beside everything else: begun when a run begins, waited for when it is needed.

use std::path::PathBuf;
use std::thread::JoinHandle;

use anyhow::{Result, anyhow};

use crate::browser;
use crate::checker::{self, Checker};
use crate::repo::Repo;

/// A variable of the tests' environment, and what it names.
pub(super) type Variable = (&'static str, PathBuf);

/// A checker, and how fetching it went; nothing if this machine cannot run it.
pub(super) struct Fetched {
    pub(super) checker: &'static Checker,
    pub(super) outcome: Option<Result<Variable>>,
}

/// The work under way.
pub(super) struct Beside {
    /// Debian packages for everything at once, then the checkers, which need some of them.
    fetched: JoinHandle<Vec<Fetched>>,
    /// Firefox's driver.
    gecko: JoinHandle<Result<Option<PathBuf>>>,
}

impl Beside {
    /// Begins, as far as `may_install` says.
    pub(super) fn begin(repo: &Repo, may_install: bool) -> Self {
        let (for_packages, for_gecko) = (repo.clone(), repo.clone());
        Self {
            fetched: std::thread::spawn(move || fetch(&for_packages, may_install)),
            gecko: std::thread::spawn(move || browser::gecko(&for_gecko, may_install)),
        }
    }

    /// Waits for the checkers; Firefox's driver may take longer.
    pub(super) fn checkers(self) -> (Vec<Fetched>, Gecko) {
        // A panic has been told of by itself; what is missing then is told as missing.
        (self.fetched.join().unwrap_or_default(), Gecko(self.gecko))
    }
}

/// Firefox's driver, under way.
pub(super) struct Gecko(JoinHandle<Result<Option<PathBuf>>>);

impl Gecko {
    /// Waits for it.
    pub(super) fn wait(self) -> Result<Option<PathBuf>> {
        self.0
            .join()
            .map_err(|_| anyhow!("building geckodriver panicked"))?
    }
}

fn fetch(repo: &Repo, may_install: bool) -> Vec<Fetched> {
    let mut packages = browser::packages();
    packages.extend(checker::packages());
    packages.sort_unstable();
    packages.dedup();
    if may_install && !packages.is_empty() {
        browser::apt_get(&packages);
    }
    let fetch = |checker: &'static Checker| Fetched {
        checker,
        outcome: checker
            .is_possible(may_install)
            .then(|| checker.prepare(repo)),
    };
    checker::ALL.iter().map(fetch).collect()
}
