//! `cargo xtask test`: everything that this machine can check, and a list of what it could not.

mod beside;
mod breaks;
mod length;
mod lint;
mod suite;

use anyhow::Result;

use self::beside::{Beside, Fetched, Gecko, Variable};
use self::suite::Suite;
use crate::repo::Repo;
use crate::summary::Summary;
use crate::{browser, dist, process, tidy};

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
    /// Every scenario in every browser; set by `nightly`.
    #[arg(skip)]
    pub(crate) at_length: bool,
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
    let beside = Beside::begin(repo, !options.no_install);
    if options.filter.is_none() {
        checks(repo, summary);
    }
    // The pieces first: what embeds them is built anew when they change.
    let pieces = summary.step("web pieces", || dist::pieces(repo));
    let mut suite = Suite::new(repo);
    summary.step("build", || suite.build(repo));
    if options.filter.is_none() {
        lints(repo, &suite, summary);
    }
    let site = summary.step("dist", || dist::site(repo, &suite.binaries()?, "demo"));
    if site && options.filter.is_none() {
        summary.step("sizes", || {
            let table = dist::size::measure(repo)?;
            println!("{table}");
            table.check()
        });
    }
    let (fetched, gecko) = beside.checkers();
    suite.variables(checkers(fetched, summary));
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
        suite.documentation(repo, filter)
    });
    if pieces && site {
        end_to_end(repo, options, &mut suite, gecko, summary);
    } else {
        summary.skip(END_TO_END, "they need what `dist` could not build");
    }
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
}

/// What clippy said while everything was compiled, and what it says of what only the browser compiles.
fn lints(repo: &Repo, suite: &Suite, summary: &mut Summary) {
    if !suite.is_linted() {
        summary.skip("clippy", lint::REMEDY);
        return;
    }
    summary.step("clippy", || suite.lints());
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

const END_TO_END: &str = "end-to-end tests";

fn end_to_end(
    repo: &Repo,
    options: &Options,
    suite: &mut Suite,
    gecko: Gecko,
    summary: &mut Summary,
) {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    summary.step("browsers", || {
        let driver = gecko.wait()?;
        (found, missing) = browser::find(driver.is_some());
        suite.variables(driver.map(|driver| ("SAYSO_GECKODRIVER", driver)));
        for engine in &found {
            println!("{}", engine.name);
        }
        Ok(())
    });
    for engine in &missing {
        summary.skip(engine.name, engine.remedy);
    }
    if !found.is_empty() {
        summary.counted(END_TO_END, || {
            suite.end_to_end(repo, options.filter.as_deref(), options.at_length)
        });
    }
}

/// Other languages' libraries; the tests that need one say so when it is missing.
fn checkers(fetched: Vec<Fetched>, summary: &mut Summary) -> Vec<Variable> {
    let mut variables = Vec::new();
    for Fetched { checker, outcome } in fetched {
        match outcome {
            Some(outcome) => {
                summary.step(checker.name, || {
                    variables.push(outcome?);
                    Ok(())
                });
            }
            None => summary.skip(checker.name, checker.remedy),
        }
    }
    variables
}
