//! `sayso-demo`: runs the demo site until Ctrl-C.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::Parser;
use sayso_demo::{Demo, Options};

/// The demo site: serves its pages, logs hits, and hands /sayso/* to a running `sayso serve`.
#[derive(Parser)]
#[command(name = "sayso-demo", version)]
struct Arguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Origin of the running `sayso serve`.
    #[arg(long, default_value = "http://127.0.0.1:8788")]
    upstream: String,
    /// Folder of the pages.
    #[arg(long, default_value = "www/demo")]
    pages: PathBuf,
    /// Let POST /faults break things on purpose.
    #[arg(long)]
    faults: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments {
        listen,
        upstream,
        pages,
        faults,
    } = Arguments::parse();
    let demo = match Demo::start(Options {
        listen,
        upstream,
        pages,
        faults,
        https: false,
    })
    .await
    {
        Ok(demo) => demo,
        Err(error) => {
            eprintln!("sayso-demo: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("demo site: {}", demo.origin());
    match tokio::signal::ctrl_c().await {
        Ok(()) => demo.stop().await,
        Err(_) => demo.wait().await, // no signals to be had here: serve until killed
    }
    ExitCode::SUCCESS
}
