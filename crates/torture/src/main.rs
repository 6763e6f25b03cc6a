//! The command behind `cargo xtask bench server` and `cargo xtask torture`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};
use sayso_torture::bench;
use sayso_torture::fault::{self, Dose};

/// Loads and tortures the real server.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring faults about, all of them unless some are named.
    Fault {
        /// Which.
        names: Vec<String>,
        /// How often, in each fault's own unit; default: its long form.
        #[arg(long)]
        count: Option<u64>,
        /// What choices are made by.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Take the server's figures.
    Bench {
        /// Seconds that each load lasts.
        #[arg(long, default_value_t = 20)]
        seconds: u64,
        /// Connections at once.
        #[arg(long, default_value_t = 128)]
        connections: usize,
        /// Receipts per second in the open loop.
        #[arg(long, default_value_t = 3_000.0)]
        rate: f64,
        /// How many receipts a ledger is grown to; 0 leaves that out, 10000000 takes half an hour.
        #[arg(long, default_value_t = 100_000)]
        grow: u64,
        /// Where the data lies meanwhile and the figures afterwards.
        #[arg(long, default_value = "target/bench")]
        folder: PathBuf,
        /// What the server logs, as in SAYSO_LOG.
        #[arg(long, default_value = "info")]
        log: String,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Fault { names, count, seed } => torture(&names, count, seed),
        Command::Bench {
            seconds,
            connections,
            rate,
            grow,
            folder,
            log,
        } => measure(&bench::Options {
            time: Duration::from_secs(seconds),
            connections,
            rate,
            grow,
            folder,
            level: log,
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn torture(names: &[String], count: Option<u64>, seed: u64) -> Result<()> {
    let faults = if names.is_empty() {
        fault::ALL.to_vec()
    } else {
        names
            .iter()
            .map(|name| fault::find(name))
            .collect::<Result<_>>()?
    };
    let mut failed = 0;
    for fault in faults {
        let count = count.unwrap_or(fault.long);
        println!("=== {} ({count} {}, seed {seed})", fault.name, fault.unit);
        match runtime()?.block_on(fault.run(Dose { count, seed })) {
            Ok(story) => println!("{story}"),
            Err(error) => {
                println!("FAILED: {error:#}");
                failed += 1;
            }
        }
    }
    ensure!(failed == 0, "{failed} faults found something");
    Ok(())
}

fn measure(options: &bench::Options) -> Result<()> {
    std::fs::create_dir_all(&options.folder)?;
    let report = runtime()?.block_on(bench::run(options))?;
    let file = options.folder.join("server.json");
    std::fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    println!("\n{report}\n{}", file.display());
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}
