//! `cargo xtask test`: everything that this machine can check, and a list of what it could not.

mod breaks;
mod suite;

use std::path::PathBuf;

use anyhow::Result;

use self::suite::Suite;
use crate::repo::Repo;
use crate::summary::Summary;
use crate::{browser, checker, dist, process, tidy};

/// What `cargo xtask test` understands.
#[derive(clap::Args, Clone)]
pub(crate) struct Options {
    /// Fail when something had to be skipped.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Never install anything, not even as root.
    #[arg(long)]
    pub(crate) no_install: bool,
    /// Break the gate in one place after the other, and prove that exactly the table's cell about it fails.
    #[arg(long)]
    pub(crate) breaks: bool,
    /// Run only the tests whose names contain this, and no other check.
    filter: Option<String>,
}

/// Runs what there is; the last line printed says how it went.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<()> {
    if options.breaks {
        return breaks::run(repo, options.filter.as_deref());
    }
    let mut summary = Summary::default();
    steps(repo, options, &mut summary);
    conclude(&summary, options.strict)
}

/// Breaks the gate in every place that `tests/breaks.toml` names.
pub(crate) fn every_break(repo: &Repo) -> Result<()> {
    breaks::run(repo, None)
}

/// Every step; one that fails does not keep the next from running, unless that needs its products.
pub(crate) fn steps(repo: &Repo, options: &Options, summary: &mut Summary) {
    if options.filter.is_none() {
        checks(repo, summary);
    }
    // The pieces first: what embeds them is built anew when they change.
    let pieces = summary.step("web pieces", || dist::pieces(repo));
    let mut suite = Suite::default();
    summary.step("build", || suite.build(repo));
    let site = summary.step("dist", || dist::site(repo, &suite.binaries()?, "demo"));
    if site && options.filter.is_none() {
        summary.step("sizes", || {
            let table = dist::size::measure(repo)?;
            println!("{table}");
            table.check()
        });
    }
    suite.variables(checkers(repo, options, summary));
    summary.step("broken gates", || {
        suite.variables([breaks::few(repo)?]);
        Ok(())
    });
    if options.strict {
        suite.variables([("SAYSO_STRICT", "1".into())]);
    }
    let filter = options.filter.as_deref();
    summary.counted("unit and integration tests", || suite.native(repo, filter));
    summary.counted("examples in the documentation", || {
        suite::documentation(repo, filter)
    });
    end_to_end(repo, options, &suite, pieces && site, summary);
}

/// Prints the summary, the plain counts last.
pub(crate) fn conclude(summary: &Summary, strict: bool) -> Result<()> {
    let total = summary.total();
    println!("\n=== summary\n{summary}");
    if strict && total.skipped > 0 {
        println!("--strict: what is skipped counts as failed\n");
    }
    println!("{total}");
    if total.failed > 0 || (strict && total.skipped > 0) {
        // The counts are the last words.
        std::process::exit(1);
    }
    Ok(())
}

fn checks(repo: &Repo, summary: &mut Summary) {
    summary.step("format", || {
        process::run(repo.cargo().args(["fmt", "--all", "--check"]))
    });
    summary.step("tidy", || tidy::run(repo));
    // The build tool apart, as in the build: together they would compile much of what they share twice.
    summary.step("clippy", || {
        process::run(
            repo.cargo()
                .args(["clippy", "--workspace", "--exclude", "xtask"])
                .args(CLIPPY),
        )
    });
    summary.step("clippy for the build tool", || {
        process::run(
            repo.cargo()
                .args(["clippy", "--package", "xtask"])
                .args(CLIPPY),
        )
    });
    summary.step("clippy for the browser", || {
        dist::ensure_target(repo)?;
        process::run(repo.cargo().args([
            "clippy",
            "--package=sayso-browser",
            "--package=sayso-app",
            "--package=sayso-verify",
            "--features=sayso-browser/module",
            "--lib",
            "--target=wasm32-unknown-unknown",
            "--",
            "--deny=warnings",
        ]))
    });
}

const CLIPPY: [&str; 3] = ["--all-targets", "--", "--deny=warnings"];

fn end_to_end(repo: &Repo, options: &Options, suite: &Suite, pieces: bool, summary: &mut Summary) {
    const NAME: &str = "end-to-end tests";
    if !pieces {
        summary.skip(NAME, "they need what `dist` could not build");
        return;
    }
    let Some(browser) = browser::find_or_install(!options.no_install) else {
        summary.skip(NAME, browser::REMEDY);
        return;
    };
    summary.counted(NAME, || {
        println!("browser: {}, {}", browser.version, browser.driver);
        suite.end_to_end(repo, options.filter.as_deref())
    });
}

/// Other languages' libraries; the tests that need one say so when it is missing.
fn checkers(repo: &Repo, options: &Options, summary: &mut Summary) -> Vec<(&'static str, PathBuf)> {
    let mut variables = Vec::new();
    for checker in &checker::ALL {
        if checker.is_possible(!options.no_install) {
            summary.step(checker.name, || {
                variables.push(checker.prepare(repo)?);
                Ok(())
            });
        } else {
            summary.skip(checker.name, checker.remedy);
        }
    }
    variables
}
