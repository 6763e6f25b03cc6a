//! The `sayso` command: reads what was asked, lets the libraries do it, prints what came of it.
//!
//! No logic of its own: serving is `sayso_server`'s, checking is `sayso_core`'s.

mod admin;
mod args;
mod failure;
mod ledger;

mod audit;
mod build;
mod check;
mod erase;
mod export;
mod keygen;
mod rotate;
mod serve;
mod site;
mod snippet;
mod verify;
mod witness;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::failure::Failure;

/// Serving takes and gives back small blocks from several threads all the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let said = match Cli::parse().command {
        Command::Serve(args) => serve::run(args),
        Command::Check(args) => check::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Snippet(args) => snippet::run(&args),
        Command::Keygen(args) => keygen::run(&args),
        Command::Rotate(args) => rotate::run(&args),
        Command::Erase(args) => erase::run(&args),
        Command::Witness(args) => witness::run(args),
        Command::Verify(args) => audit::verify(args),
        Command::Export(args) => export::run(&args),
    };
    let said = said.and_then(|text| {
        // A reader that has gone, such as `head`, is no failure worth a panic.
        std::io::stdout()
            .write_all(text.as_bytes())
            .map_err(Failure::of)
    });
    match said {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, message }) => {
            eprintln!("sayso: {message}");
            ExitCode::from(code)
        }
    }
}
