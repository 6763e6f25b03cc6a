//! The programs that run on this machine: `sayso` and the demo site.

use std::path::PathBuf;

use anyhow::Result;

use crate::process;
use crate::repo::Repo;

/// Where the built programs are.
pub(crate) struct Binaries {
    /// The `sayso` command.
    pub(crate) sayso: PathBuf,
    /// The demo site's server.
    pub(crate) demo: PathBuf,
}

impl Binaries {
    /// Where cargo puts them.
    pub(crate) fn of(repo: &Repo) -> Self {
        let program = |name: &str| {
            repo.target
                .join("debug")
                .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
        };
        Self {
            sayso: program("sayso"),
            demo: program("sayso-demo"),
        }
    }
}

/// Builds both in one run, so that what they share is compiled once.
pub(crate) fn build(repo: &Repo) -> Result<Binaries> {
    process::run(repo.cargo().args([
        "build",
        "--bins",
        "--package",
        "sayso-cli",
        "--package",
        "sayso-demo",
    ]))?;
    Ok(Binaries::of(repo))
}
