//! `cargo xtask dist`: from sources to the files a browser loads, and their sizes.
//!
//! Two folders come out: `target/web/` with the pieces that the server embeds, and `dist/` with the files of one
//! site under their fixed names. What has not changed since the last run is skipped.

pub(crate) mod compress;
mod join;
mod minify;
mod names;
mod page;
mod script;
pub(crate) mod size;
mod wasm;

pub(crate) use wasm::ensure_target;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::native::{self, Binaries};
use crate::process;
use crate::repo::Repo;

/// What `cargo xtask dist` understands.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The site under sites/ whose files are written.
    #[arg(long, default_value = "demo")]
    site: String,
}

/// Builds everything and holds it to the budgets.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<()> {
    pieces(repo)?;
    let binaries = native::build(repo)?;
    site(repo, &binaries, &options.site)?;
    let table = size::measure(repo)?;
    println!("\n{table}");
    table.check()
}

/// Builds the pieces that every site shares into `target/web/`.
pub(crate) fn pieces(repo: &Repo) -> Result<()> {
    script::build(repo)?;
    page::build(repo)?;
    wasm::build(repo)?;
    compress::folder(repo, &repo.web())
}

/// Builds the plain scripts alone.
pub(crate) fn scripts(repo: &Repo) -> Result<()> {
    script::build(repo)
}

/// The plain scripts by name, from the gate's sources as `read` gives them.
pub(crate) fn script_pieces(
    sources: &Path,
    read: &dyn Fn(&Path) -> Result<String>,
) -> Result<BTreeMap<String, String>> {
    script::pieces(sources, read)
}

/// Lets `sayso build` put one site's files together in `dist/`.
pub(crate) fn site(repo: &Repo, binaries: &Binaries, site: &str) -> Result<()> {
    let dist = repo.dist();
    process::run(
        std::process::Command::new(&binaries.sayso)
            .current_dir(&repo.root)
            .args(["build", "--sites", "sites", "--site", site, "--out"])
            .arg(&dist),
    )
    .with_context(|| format!("putting the files of site {site:?} together"))?;
    compress::folder(repo, &dist)
}
