//! The figures: what the server does, beside what this machine can do at all in the same minutes.

pub mod bare;
pub mod grow;
pub mod ingest;
pub mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use sayso_machine::Machine;
use sayso_server::clock::{Clock, SystemClock};

use crate::receipt::{Mint, Shown, Signed};
use crate::server::Setup;
use report::{BUILD, Report};

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long each load lasts.
    pub time: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Receipts per second in the open loop.
    pub rate: f64,
    /// How many receipts a ledger is grown to, to time proofs and starts.
    pub grow: u64,
    /// Where the data lies meanwhile: on a real disk.
    pub folder: PathBuf,
    /// What the server logs.
    pub level: String,
}

/// Takes every figure.
pub async fn run(options: &Options) -> Result<Report> {
    let machine = Machine::look();
    println!("{machine}, {BUILD}");
    let folder = tempfile::tempdir_in(&options.folder)
        .with_context(|| format!("making a folder in {}", options.folder.display()))?;
    let mut setup = Setup::new(folder.path())?;
    setup.level = options.level.clone();
    let loads = ingest::run(&setup, options).await?;
    let bare = bare::run(folder.path(), &loads, options.time)?;
    let growth = grow::run(folder.path(), options.grow).await?;
    Ok(Report {
        machine: machine.after(),
        build: BUILD,
        loads,
        bare,
        growth,
    })
}

/// Signs receipts on every core; several thousand keys in turn, ids never twice.
pub(crate) fn sign(shown: &Shown, count: usize, seed: u64) -> Result<Vec<Signed>> {
    let threads = std::thread::available_parallelism()?.get();
    let now = SystemClock.now();
    let each = count.div_ceil(threads);
    std::thread::scope(|scope| {
        let work = |number: usize| {
            let shown = shown.clone();
            let seed = seed * 1_000 + number as u64;
            move || Mint::new(shown, 2_000, seed)?.receipts(each, now)
        };
        let handles: Vec<_> = (0..threads)
            .map(|number| scope.spawn(work(number)))
            .collect();
        let mut all = Vec::with_capacity(count);
        for handle in handles {
            let part = handle
                .join()
                .map_err(|_| anyhow::anyhow!("a signing thread panicked"))?;
            all.extend(part?);
        }
        Ok(all)
    })
}

/// The bytes that files of these beginnings have in a folder.
pub(crate) fn bytes(folder: &Path, beginnings: &[&str]) -> Result<u64> {
    let mut total = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if beginnings
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            total += entry.metadata()?.len();
        }
    }
    Ok(total)
}
