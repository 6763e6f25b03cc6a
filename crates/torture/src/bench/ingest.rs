//! Receipts per second through the real server: closed and open loop, one and ten to a request.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::{Options, bytes, sign};
use crate::acknowledged::{Acknowledged, Fate};
use crate::http::Answer;
use crate::load::{self, Outcome, Pace, Plan};
use crate::receipt::Signed;
use crate::server::{Server, Setup};

/// One load and how the server bore it.
#[derive(Clone, Debug, Serialize)]
pub struct Load {
    /// What was done.
    pub name: String,
    /// Receipts to a request.
    pub per_request: usize,
    /// Receipts per second acknowledged: durable, verified, countersigned.
    pub rate: f64,
    /// Requests refused for now.
    pub refused: u64,
    /// Milliseconds: half of the answers took no longer.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// The slowest.
    pub worst: f64,
    /// Cores that the server used, on average.
    pub server_cores: f64,
    /// Cores that this generator used.
    pub generator_cores: f64,
    /// Microseconds of processor time per receipt in the server.
    pub server_micros: f64,
    /// The same in this generator.
    pub generator_micros: f64,
    /// Answers checked offline afterwards.
    pub verified: usize,
    /// The load average when it began: this run and the neighbours.
    pub load_before: f64,
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Loads {
    /// In order.
    pub loads: Vec<Load>,
    /// The most memory the server ever had, in bytes.
    pub peak_memory: u64,
    /// Bytes of memory when idle, before.
    pub idle_memory: u64,
    /// Seconds from starting the process to being ready, over an empty folder.
    pub first_start: f64,
    /// Receipts kept in all.
    pub receipts: u64,
    /// Bytes per receipt in `ledger.db` and `salts.db` once the server has stopped in order.
    pub bytes_per_receipt: f64,
    /// Bytes of one signed receipt as it is sent.
    pub bytes_sent: f64,
}

/// Takes the figures over a fresh folder.
pub async fn run(setup: &Setup, options: &Options) -> Result<Loads> {
    let server = setup.start().await?;
    let first_start = server.started().as_secs_f64();
    let idle_memory = server.spent()?.now;
    let shown = server.shown().await?;
    let seconds = options.time.as_secs_f64();
    let mut seed = 0;
    let mut prepare = |rate: f64, time: f64| {
        seed += 1;
        println!("signing {:.0} receipts", rate * time);
        sign(&shown, (rate * time) as usize, seed)
    };
    let mut loads = Vec::new();
    let mut sent = 0u64;
    let warm = prepare(20_000.0, 1.0)?;
    let mut bench = Bench {
        server: &server,
        options,
        sent: &mut sent,
    };
    let first = bench
        .load("warming up", &warm, 1, Pace::Closed, Duration::from_secs(3))
        .await?;
    let bytes_sent = warm.iter().map(|r| r.jws.len()).sum::<usize>() as f64 / warm.len() as f64;
    drop(warm);
    for (name, per_request) in [
        ("closed loop, 1 per POST", 1),
        ("closed loop, 10 per POST", 10),
    ] {
        // Enough for whatever it can do; what is left over is not sent.
        let receipts = prepare((first.rate * 4.0).max(5_000.0), seconds)?;
        loads.push(
            bench
                .load(name, &receipts, per_request, Pace::Closed, options.time)
                .await?,
        );
    }
    let receipts = prepare(options.rate, seconds)?;
    let name = format!("open loop, {:.0}/s", options.rate);
    loads.push(
        bench
            .load(&name, &receipts, 1, Pace::Open(options.rate), options.time)
            .await?,
    );
    let peak_memory = server.spent()?.peak;
    ensure!(
        server.stop()?.success(),
        "sayso did not stop in order:\n{}",
        setup.log()
    );
    let kept = bytes(&setup.site(), &["ledger.db", "salts.db"])?;
    Ok(Loads {
        loads,
        peak_memory,
        idle_memory,
        first_start,
        receipts: sent,
        bytes_per_receipt: kept as f64 / sent as f64,
        bytes_sent,
    })
}

struct Bench<'a> {
    server: &'a Server,
    options: &'a Options,
    sent: &'a mut u64,
}

impl Bench<'_> {
    async fn load(
        &mut self,
        name: &str,
        receipts: &[Signed],
        per_request: usize,
        pace: Pace,
        limit: Duration,
    ) -> Result<Load> {
        let load_before = sayso_machine::load();
        let pace = match pace {
            Pace::Open(rate) => Pace::Open(rate / per_request as f64),
            other => other,
        };
        let plan = Plan {
            receipts,
            per_request,
            connections: self.options.connections,
            pace,
            limit,
            keep_every: 101,
        };
        let before = self.server.spent()?;
        let outcome = load::run(self.server.address(), plan)?;
        let after = self.server.spent()?;
        ensure!(
            outcome.other == 0 && outcome.broken == 0,
            "{name}: {} odd answers ({:?}), {} connections broken",
            outcome.other,
            outcome.oddity,
            outcome.broken
        );
        let verified = self
            .verify(&outcome, receipts)
            .await
            .with_context(|| name.to_owned())?;
        let kept = outcome.answered * per_request as u64;
        *self.sent += kept;
        let time = outcome.time.as_secs_f64();
        let load = Load {
            name: name.to_owned(),
            per_request,
            rate: outcome.rate() * per_request as f64,
            refused: outcome.refused,
            p50: outcome.millis(0.5),
            p99: outcome.millis(0.99),
            p999: outcome.millis(0.999),
            worst: outcome.millis(1.0),
            server_cores: (after.cpu - before.cpu) / time,
            generator_cores: outcome.cpu / time,
            server_micros: (after.cpu - before.cpu) * 1e6 / kept.max(1) as f64,
            generator_micros: outcome.cpu * 1e6 / kept.max(1) as f64,
            verified,
            load_before,
        };
        println!("{}", super::report::line(&load));
        Ok(load)
    }

    /// Checks the answers that were kept, offline.
    async fn verify(&self, outcome: &Outcome, receipts: &[Signed]) -> Result<usize> {
        let mut acknowledged = Acknowledged::default();
        for kept in &outcome.kept {
            let sent: Vec<&Signed> = receipts[kept.first..kept.first + kept.count]
                .iter()
                .collect();
            let answer = Answer {
                status: 200,
                retry_after: None,
                body: &kept.body,
            };
            ensure!(acknowledged.read(&answer, &sent)? == Fate::Kept, "not kept");
        }
        acknowledged.verify(&self.server.keys().await?)?;
        Ok(acknowledged.len())
    }
}
