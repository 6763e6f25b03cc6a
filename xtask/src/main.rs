//! The one door for people and CI: reads the command line and hands over to one module per command.

mod bench;
mod browser;
mod checker;
mod demo;
mod dist;
mod fuzz;
mod native;
mod nightly;
mod process;
mod repo;
mod stamp;
mod summary;
mod test;
mod tidy;
mod torture;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::repo::Repo;

/// Builds, runs and checks Sayso.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and serve the demo site until Ctrl-C.
    Demo(demo::Options),
    /// Check and test everything that this machine can.
    Test(test::Options),
    /// Build the browser's pieces, write them into dist/ and hold them to their budgets.
    Dist(dist::Options),
    /// Check the house rules that no other tool checks.
    Tidy,
    /// Measure: sizes as JSON and the benchmarks of the packages that have some, or the server's figures.
    Bench(bench::Options),
    /// Bring about every fault at length: kills, power cuts, full disks, stalled sockets and more.
    Torture(torture::Options),
    /// Everything that `test` does and what takes longer.
    Nightly(nightly::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = Repo::find().and_then(|repo| match arguments.command {
        Command::Demo(options) => demo::run(&repo, &options),
        Command::Test(options) => test::run(&repo, &options),
        Command::Dist(options) => dist::run(&repo, &options),
        Command::Tidy => tidy::run(&repo),
        Command::Bench(options) => bench::run(&repo, &options),
        Command::Torture(options) => torture::run(&repo, &options),
        Command::Nightly(options) => nightly::run(&repo, &options),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
