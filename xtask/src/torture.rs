//! `cargo xtask torture`: the faults that the tests bring about in short, at length.

use anyhow::Result;

use crate::repo::Repo;
use crate::{dist, process};

/// What `cargo xtask torture` understands.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which faults: kill, power, step, full, retry, replay, clock, stall, overload, flips. Default: all.
    names: Vec<String>,
    /// How often, in each fault's own unit. Default: each fault's long form.
    #[arg(long)]
    count: Option<u64>,
    /// What choices are made by; another seed, other choices.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Torture the optimised build.
    #[arg(long)]
    release: bool,
}

impl Options {
    /// Every fault in its long form, with a seed of that night.
    pub(crate) fn nightly(seed: u64) -> Self {
        Self {
            names: Vec::new(),
            count: None,
            seed,
            release: false,
        }
    }
}

/// Bits that turn over in a ledger's files: a test of its own, since it needs no server.
const FLIPS: &str = "flips";
/// How many of them.
const MANY: u64 = 1_000;

/// Brings about what is asked for.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<()> {
    let flips = |name: &String| name == FLIPS;
    let all = options.names.is_empty();
    let served = if all || !options.names.iter().all(flips) {
        with_server(repo, options)
    } else {
        Ok(())
    };
    // What one of them finds is no reason to leave out the other.
    let turned = if all || options.names.iter().any(flips) {
        turn_over(repo, options)
    } else {
        Ok(())
    };
    served.and(turned)
}

fn turn_over(repo: &Repo, options: &Options) -> Result<()> {
    let count = options.count.unwrap_or(MANY);
    println!(
        "=== {FLIPS} ({count} bits turned over, seed {})",
        options.seed
    );
    let mut cargo = repo.cargo();
    cargo.args(["test", "--package", "sayso-audit", "--test", FLIPS]);
    if options.release {
        cargo.arg("--release");
    }
    cargo.args(["--", "--nocapture"]);
    cargo.env("SAYSO_FLIPS", count.to_string());
    process::run(cargo.env("SAYSO_SEED", options.seed.to_string()))
}

/// Builds what is needed and hands over.
fn with_server(repo: &Repo, options: &Options) -> Result<()> {
    let program = build(repo, options.release)?;
    let mut torture = std::process::Command::new(program);
    torture.current_dir(&repo.root).arg("fault");
    torture.args(options.names.iter().filter(|name| *name != FLIPS));
    if let Some(count) = options.count {
        torture.arg("--count").arg(count.to_string());
    }
    process::run(torture.arg("--seed").arg(options.seed.to_string()))
}

/// Builds the server and what tortures it, side by side: the one looks for the other there.
pub(crate) fn build(repo: &Repo, release: bool) -> Result<std::path::PathBuf> {
    dist::pieces(repo)?;
    let mut cargo = repo.cargo();
    cargo.args([
        "build",
        "--bins",
        "--package",
        "sayso-cli",
        "--package",
        "sayso-torture",
    ]);
    if release {
        cargo.arg("--release");
    }
    process::run(&mut cargo)?;
    let profile = if release { "release" } else { "debug" };
    let name = format!("sayso-torture{}", std::env::consts::EXE_SUFFIX);
    Ok(repo.target.join(profile).join(name))
}
