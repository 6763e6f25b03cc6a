//! `cargo xtask nightly`: everything that `test` does, and what is too slow or changes without us.

use anyhow::Result;

use crate::repo::Repo;
use crate::summary::Summary;
use crate::{process, test};

/// What `cargo xtask nightly` understands.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    test: test::Options,
}

/// Runs the full test, then asks whether our dependencies are still what we allow.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<()> {
    let mut summary = Summary::default();
    test::steps(repo, &options.test, &mut summary);
    if process::output(repo.cargo().args(["deny", "--version"])).is_ok() {
        summary.step("dependencies", || {
            process::run(repo.cargo().args(["deny", "check"]))
        });
    } else {
        summary.skip(
            "dependencies",
            "install cargo-deny: cargo install --locked cargo-deny",
        );
    }
    // Sources may be up to date and the documentation still not build.
    summary.step("documentation", || {
        process::run(repo.cargo().env("RUSTDOCFLAGS", "--deny=warnings").args([
            "doc",
            "--workspace",
            "--no-deps",
            "--document-private-items",
        ]))
    });
    test::conclude(&summary, options.test.strict)
}
