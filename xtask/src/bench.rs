//! `cargo xtask bench`: what the pieces weigh, as JSON, and how fast the benchmarks of our packages run.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::repo::Repo;
use crate::stamp::write;
use crate::{dist, native, process, torture};

/// What `cargo xtask bench` understands.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Measure sizes only.
    #[arg(long)]
    sizes: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(clap::Subcommand)]
enum What {
    /// Load the optimised server, and measure beside it what this machine can do at all.
    Server {
        /// As `sayso-torture bench` understands them: --seconds, --connections, --rate, --grow, --log.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Load one page with nothing, with Sayso and with its peers, in turn, over a slow link.
    Browser {
        /// As `sayso-race` understands them: --rounds, --pictures, --stylesheet, --only, --check.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
}

/// Prints sizes as JSON, keeps them in `target/bench/sizes.json`, then runs every benchmark there is.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<()> {
    match &options.what {
        Some(What::Server { options }) => return server(repo, options),
        Some(What::Browser { options }) => return browser(repo, options),
        None => {}
    }
    dist::pieces(repo)?;
    let binaries = native::build(repo)?;
    dist::site(repo, &binaries, "demo")?;
    let sizes = serde_json::to_string_pretty(&dist::size::measure(repo)?.json())?;
    println!("{sizes}");
    write(
        &repo.target.join("bench/sizes.json"),
        format!("{sizes}\n").as_bytes(),
    )?;
    if options.sizes {
        return Ok(());
    }
    for package in packages_with_benches(repo)? {
        println!("\n=== {package}");
        process::run(
            repo.cargo()
                .args(["bench", "--benches", "--package", &package]),
        )?;
    }
    Ok(())
}

/// Takes the server's figures; they lie in `target/bench/server.json` afterwards.
fn server(repo: &Repo, options: &[String]) -> Result<()> {
    let program = torture::build(repo, true)?;
    process::run(
        std::process::Command::new(program)
            .current_dir(&repo.root)
            .args(["bench", "--folder"])
            .arg(repo.target.join("bench"))
            .args(options),
    )
}

/// Takes the browser's figures; they lie in `target/bench/browser.json` and `browser.md` afterwards.
pub(crate) fn browser(repo: &Repo, options: &[String]) -> Result<()> {
    dist::pieces(repo)?;
    process::run(repo.cargo().args([
        "build",
        "--bins",
        "--package",
        "sayso-cli",
        "--package",
        "sayso-race",
    ]))?;
    let sayso = native::Binaries::of(repo).sayso;
    process::run(
        std::process::Command::new(
            sayso.with_file_name(format!("sayso-race{}", std::env::consts::EXE_SUFFIX)),
        )
        .current_dir(&repo.root)
        .arg("--folder")
        .arg(repo.target.join("bench"))
        .arg("--peers")
        .arg(repo.target.join("race"))
        .args(options),
    )
}

/// The packages that have a `benches` folder.
fn packages_with_benches(repo: &Repo) -> Result<Vec<String>> {
    let text = process::output(
        repo.cargo()
            .args(["metadata", "--format-version=1", "--no-deps"]),
    )?;
    let metadata: Value =
        serde_json::from_str(&text).context("reading the answer of `cargo metadata`")?;
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let folder = std::path::Path::new(manifest).with_file_name("benches");
        if fs::exists(&folder).unwrap_or(false) {
            found.extend(package["name"].as_str().map(str::to_owned));
        }
    }
    Ok(found)
}
