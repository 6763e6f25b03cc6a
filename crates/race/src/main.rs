//! The command behind `cargo xtask bench browser`.

mod browser;
mod figure;
mod file;
mod link;
mod own;
mod page;
mod peer;
mod pipe;
mod report;
mod server;
mod statistic;
mod trace;
mod visit;
mod wait;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use sayso_machine::Machine;

use crate::browser::{Browser, View};
use crate::file::File;
use crate::link::{Link, Shape};
use crate::own::Own;
use crate::page::Kind;
use crate::report::{Conditions, Report};
use crate::server::Listener;
use crate::visit::Track;

/// Takes the browser's figures: the same page with nothing, with Sayso and with its peers, in turn.
#[derive(Parser)]
struct Arguments {
    /// How often every page is visited; with fewer than 15 the figures bound little.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Visit only these pages beside the one with nothing, such as sayso or klaro, to look into them.
    #[arg(long)]
    only: Vec<String>,
    /// Give the page a stylesheet of its own to wait for, as many have.
    #[arg(long)]
    stylesheet: bool,
    /// Fail if a budget is missed, too; otherwise only if a page does not do what it should.
    #[arg(long)]
    check: bool,
    /// Keep a picture of every page, as it asks and as it is when answered.
    #[arg(long)]
    pictures: bool,
    /// Keep a trace of every visit, for Chromium's performance panel; taking it slows everything down.
    #[arg(long)]
    traces: bool,
    /// Milliseconds to the server and back.
    #[arg(long, default_value_t = 150)]
    round_trip: u64,
    /// Kilobits per second towards the browser.
    #[arg(long, default_value_t = 1600)]
    rate: u64,
    /// How many times slower than this machine the page's main thread is.
    #[arg(long, default_value_t = 4.0)]
    slower: f64,
    /// Where the figures go.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Where the peers' files are kept.
    #[arg(long, default_value = "target/race")]
    peers: PathBuf,
    /// The configuration that Sayso is measured with.
    #[arg(long, default_value = "sites/demo/sayso.toml")]
    site: PathBuf,
    /// The `sayso` to measure. Default: the one beside this program.
    #[arg(long)]
    sayso: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let outcome = runtime
        .context("a runtime")
        .and_then(|runtime| runtime.block_on(run(&arguments)));
    match outcome {
        Ok(kept) if kept || !arguments.check => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Takes the figures and says whether every budget is kept.
async fn run(arguments: &Arguments) -> Result<bool> {
    let machine = Machine::look();
    let folder = tempfile::Builder::new().prefix("sayso-race-").tempdir()?;
    let beside = std::env::current_exe()?.with_file_name("sayso");
    let program = arguments.sayso.as_deref().unwrap_or(&beside);
    let own = Own::new(program, &arguments.site, folder.path())?;

    let mut pages = page::all(
        &own.snippet(&[]).await?,
        &own.snippet(&["--inline"]).await?,
        arguments.stylesheet,
    );
    let only = &arguments.only;
    pages.retain(|page| {
        page.kind == Kind::Bare || only.is_empty() || only.iter().any(|one| one == page.id)
    });
    let mut files = own.files().await?;
    files.extend(peer::files(&arguments.peers).await?);
    files.insert(
        page::SHEET.to_owned(),
        File::new(page::SHEET, page::STYLE.as_bytes()),
    );
    for page in &pages {
        files.insert(format!("/{}", page.id), File::page(&page.html));
    }

    let behind = own.serve().await?;
    let link = Link::new(Shape {
        round_trip: Duration::from_millis(arguments.round_trip),
        rate: arguments.rate * 1000,
    });
    let server = Listener::new()
        .await?
        .serve(files, Some(behind.address), link)?;
    let browser = Browser::start(folder.path(), &server.key).await?;
    let view = View {
        width: 412,
        height: 823,
        slower: arguments.slower,
    };
    let kept = arguments.folder.join("browser");
    let track = Track {
        browser: &browser,
        server: &server,
        view,
        pictures: arguments.pictures.then(|| kept.clone()),
        traces: arguments.traces.then(|| kept.clone()),
    };

    println!("{}, {}", browser.version, machine);
    // The browser's own first steps are nobody's.
    track.visit(&pages[0], 0).await?;
    let mut visits = Vec::new();
    for round in 0..arguments.rounds {
        for turn in 0..pages.len() {
            let page = &pages[(turn + round) % pages.len()];
            visits.push(track.visit(page, round).await?);
        }
        println!("round {} of {}", round + 1, arguments.rounds);
    }

    let conditions = Conditions {
        date: today(),
        machine: machine.after(),
        browser: browser.version.clone(),
        rounds: arguments.rounds,
        stylesheet: arguments.stylesheet,
        round_trip: arguments.round_trip,
        rate: arguments.rate,
        slower: arguments.slower,
        width: view.width,
        height: view.height,
    };
    browser.stop().await;
    let report = Report::new(conditions, &pages, visits);
    println!("\n{report}");
    write(
        &arguments.folder.join("browser.json"),
        &format!("{}\n", serde_json::to_string_pretty(&report.json())?),
    )?;
    write(&arguments.folder.join("browser.md"), &report.to_string())?;
    Ok(report.kept())
}

/// The day, as in `22 Nov 2026`.
#[expect(
    clippy::disallowed_methods,
    reason = "the report says when its figures were taken"
)]
fn today() -> String {
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    now.get(5..16).unwrap_or(&now).to_owned()
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
