//! Clippy while compiling: `cargo clippy` is a `cargo check` with another compiler in front, and a build may have that
//! compiler just as well. So everything is compiled once, not once to be run and once more to be looked at.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::process;
use crate::repo::Repo;

/// How a person gets it.
pub(super) const REMEDY: &str = "rustup component add clippy";

/// Stands before the compiler for our own packages, if it is installed, and counts what it says.
#[derive(Default)]
pub(super) struct Linter {
    driver: Option<PathBuf>,
    warnings: usize,
}

impl Linter {
    /// Looks beside the compiler.
    pub(super) fn find(repo: &Repo) -> Self {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.current_dir(&repo.root).args(["--print", "sysroot"]);
        let driver = process::output(&mut rustc).ok().map(|sysroot| {
            PathBuf::from(sysroot.trim())
                .join("bin")
                .join(format!("clippy-driver{}", std::env::consts::EXE_SUFFIX))
        });
        Self {
            driver: driver.filter(|driver| driver.is_file()),
            warnings: 0,
        }
    }

    pub(super) fn is_there(&self) -> bool {
        self.driver.is_some()
    }

    /// A cargo that compiles for tests. What is compiled under it and what is not have different names, so that neither
    /// throws the other away; other people's packages are the same for both.
    pub(super) fn cargo(&self, repo: &Repo) -> Command {
        let mut cargo = repo.cargo();
        // Enough to name the line of a panic; more is for a debugger, and a third of the time to link.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        if let Some(driver) = &self.driver {
            cargo.env("RUSTC_WORKSPACE_WRAPPER", driver);
        }
        cargo
    }

    /// Shows and counts what one of cargo's messages says about the code.
    pub(super) fn note(&mut self, message: &Value) {
        if message["reason"] != "compiler-message" {
            return;
        }
        let message = &message["message"];
        eprint!("{}", message["rendered"].as_str().unwrap_or_default());
        // Those without a code only add up the others.
        if message["level"] == "warning" && !message["code"].is_null() {
            self.warnings += 1;
        }
    }

    /// A warning is a failure.
    pub(super) fn verdict(&self) -> Result<()> {
        match self.warnings {
            0 => Ok(()),
            1 => bail!("a warning, above"),
            count => bail!("{count} warnings, above"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_of_cargos_messages_is_a_failure_and_its_count_is_none() {
        let mut linter = Linter::default();
        let said = |level: &str, code: Value| {
            serde_json::json!({
                "reason": "compiler-message",
                "message": { "level": level, "code": code, "rendered": "" },
            })
        };
        linter.note(&serde_json::json!({ "reason": "compiler-artifact" }));
        linter.note(&said("warning", Value::Null));
        assert!(linter.verdict().is_ok());
        linter.note(&said(
            "warning",
            serde_json::json!({ "code": "clippy::all" }),
        ));
        assert!(linter.verdict().is_err());
    }
}
