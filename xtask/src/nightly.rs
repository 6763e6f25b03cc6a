//! `cargo xtask nightly`: everything that `test` does, and what is too slow or changes without us.

use anyhow::Result;

use crate::repo::Repo;
use crate::summary::Summary;
use crate::{bench, checker, fuzz, process, test, torture};

/// What `cargo xtask nightly` understands.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    test: test::Options,
    /// What the faults' choices are made by; another seed, other choices.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seconds each fuzzing target runs.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    fuzz: u32,
}

/// Runs the full test, then asks whether our dependencies are still what we allow.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<()> {
    let mut summary = Summary::default();
    let mut test = options.test.clone();
    test.at_length = true;
    test::steps(repo, &test, &mut summary);
    // The tests proved a handful.
    summary.step("broken gates, all of them", || test::every_break(repo));
    // The tests brought the faults about in short; this is the long form.
    summary.step("torture", || {
        torture::run(repo, &torture::Options::nightly(options.seed))
    });
    // Likewise the HTTP interface: the test sends some hundred requests, this some thousand.
    if let Some(fuzzer) = checker::fuzzer().filter(|fuzzer| fuzzer.is_possible(false)) {
        summary.step("HTTP interface, at length", || {
            let (variable, place) = fuzzer.prepare(repo)?;
            process::run(
                repo.cargo()
                    .args(["test", "--package", "sayso-cli", "--test", "openapi"])
                    .env(variable, place)
                    .env("SAYSO_SCHEMATHESIS_EXAMPLES", "400"),
            )
        });
    }
    // In short: that every peer's page still does what it should; figures want a quiet machine and more rounds.
    let there = |name: &&str| process::version(name, "--version").is_some();
    let race = there(&"npm") && ["chromium", "google-chrome"].iter().any(there);
    if race {
        summary.step("browser figures, in short", || {
            bench::browser(repo, &["--rounds".to_owned(), "2".to_owned()])
        });
    } else {
        summary.skip("browser figures, in short", "install Chromium and npm");
    }
    fuzz::steps(repo, options.fuzz, &mut summary);
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
