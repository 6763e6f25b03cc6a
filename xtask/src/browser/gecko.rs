//! Firefox's driver: from the PATH, or built once from the sources that Mozilla publishes, at one version.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use sayso_machine::on_path;

use crate::process;
use crate::repo::Repo;

/// The version that is built.
const VERSION: &str = "0.37.1";
/// The oldest that knows what today's Firefox says.
const OLDEST: (u32, u32) = (0, 36);

/// Where it is built and kept: a folder for each version, in the person's own cache, since it is the same for every
/// checkout and takes minutes.
pub(super) struct Place {
    checkout: PathBuf,
    folder: PathBuf,
    work: PathBuf,
}

impl Place {
    pub(super) fn of(repo: &Repo) -> Self {
        let kept = cache().unwrap_or_else(|| repo.target.join("tools"));
        Self {
            checkout: repo.root.clone(),
            folder: kept.join(format!("geckodriver-{VERSION}")),
            work: repo.target.join("geckodriver-build"),
        }
    }

    /// The driver; builds it if it must and may.
    pub(super) fn find_or_build(&self, may_build: bool) -> Result<Option<PathBuf>> {
        let built = self
            .folder
            .join("bin")
            .join(format!("geckodriver{}", std::env::consts::EXE_SUFFIX));
        if built.is_file() {
            return Ok(Some(built));
        }
        if let Some(found) = on_path("geckodriver").filter(|found| is_recent(found)) {
            return Ok(Some(found));
        }
        if !may_build {
            return Ok(None);
        }
        println!("building geckodriver {VERSION} beside everything else");
        process::output(&mut self.build())?;
        // Only the program is wanted; what it was made of weighs a hundred times as much.
        let _ = std::fs::remove_dir_all(&self.work);
        Ok(Some(built))
    }

    /// Not optimised, without debugging information and in the background: it hands on a few hundred short messages.
    fn build(&self) -> Command {
        let cargo = process::cargo(&self.checkout);
        let mut command = Command::new(if cfg!(unix) { "nice" } else { "cargo" });
        if cfg!(unix) {
            command.arg("-n10").arg(cargo.get_program());
        }
        command
            .current_dir(&self.checkout)
            .args(["install", "geckodriver", "--version", VERSION])
            .args(["--locked", "--debug", "--quiet", "--no-track"])
            .arg("--root")
            .arg(&self.folder)
            .env("CARGO_TARGET_DIR", &self.work)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "false");
        command
    }
}

/// Our folder among what a person's programs may lose and make again (the XDG base directories).
fn cache() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = named
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(std::env::home_dir()?.join(".cache")))?;
    Some(base.join("sayso"))
}

fn is_recent(driver: &Path) -> bool {
    let version = process::version(driver, "--version").unwrap_or_default();
    let number = version.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = number.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST,
        _ => false,
    }
}
