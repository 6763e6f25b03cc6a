//! Where things lie in the repository and in the target folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process;

/// The folders every command needs.
#[derive(Clone)]
pub(crate) struct Repo {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever its configuration puts it.
    pub(crate) target: PathBuf,
}

impl Repo {
    /// Asks cargo, so that `CARGO_TARGET_DIR` and `build.target-dir` count.
    pub(crate) fn find() -> Result<Self> {
        let text = process::output(process::cargo(Path::new(env!("CARGO_MANIFEST_DIR"))).args([
            "metadata",
            "--format-version=1",
            "--no-deps",
        ]))?;
        let metadata: serde_json::Value =
            serde_json::from_str(&text).context("reading the answer of `cargo metadata`")?;
        let folder = |name: &str| match metadata[name].as_str() {
            Some(path) => Ok(PathBuf::from(path)),
            None => bail!("`cargo metadata` names no {name}; is this a current cargo?"),
        };
        let repo = Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
        };
        // The server looks for this folder while it is compiled: one that comes later is not seen.
        let web = repo.web();
        std::fs::create_dir_all(&web).with_context(|| format!("making {}", web.display()))?;
        Ok(repo)
    }

    /// A `cargo` that works on this checkout.
    pub(crate) fn cargo(&self) -> std::process::Command {
        process::cargo(&self.root)
    }

    /// The built web pieces, embedded by the server from exactly here.
    pub(crate) fn web(&self) -> PathBuf {
        self.root.join("target/web")
    }

    /// The files of one site, with fixed names.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }
}
