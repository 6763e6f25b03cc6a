//! Three times more than it can do: refusals say when to come back, what it can do it still does, memory stays bounded.
//!
//! How much it still does is held against its own processor time, since the machine may have neighbours: what a second
//! of that came to in receipts kept, before and then. What is missing went into refusals.

use std::time::Duration;

use anyhow::{Result, ensure};
use sayso_server::clock::{Clock, SystemClock};

use super::stall::make_room;
use super::{Dose, Story};
use crate::acknowledged::Acknowledged;
use crate::load::{self, Outcome, Pace, Plan};
use crate::receipt::{Mint, Signed};
use crate::server::{Setup, Spent};

/// As many clients as wait at once; the server takes few more.
const CLIENTS: usize = 6_000;
/// The same in the short form.
const FEW_CLIENTS: usize = 1_500;
/// Most memory, in bytes.
const MEMORY: u64 = 256 << 20;
/// Least of its capacity that is left, in percent; 33 would be left if refusing cost as much as keeping.
const LEFT: f64 = 40.0;

/// Measures the capacity for a second, then asks three times as much for `count` seconds.
pub async fn run(dose: Dose) -> Result<Story> {
    let clients = if dose.count < 5 { FEW_CLIENTS } else { CLIENTS };
    make_room(clients as u64 * 2 + 200)?;
    let folder = tempfile::tempdir()?;
    let setup = Setup::new(folder.path())?;
    let server = setup.start().await?;
    let mut mint = Mint::new(server.shown().await?, 64, dose.seed)?;
    let plan = |receipts, connections, pace, limit| Plan {
        receipts,
        per_request: 1,
        connections,
        pace,
        limit,
        keep_every: 97,
    };
    let receipts = mint.receipts(4_000, SystemClock.now())?;
    let second = Duration::from_secs(1);
    let idle = server.spent()?;
    let capacity = load::run(server.address(), plan(&receipts, 64, Pace::Closed, second))?;
    let before = server.spent()?;
    let asked = (capacity.rate() * 3.0).max(30.0);
    let count = (asked * dose.count as f64) as usize;
    let more = mint.receipts(count, SystemClock.now())?;
    let limit = Duration::from_secs(dose.count);
    let outcome = load::run(
        server.address(),
        plan(&more, clients, Pace::Open(asked), limit),
    )?;
    let after = server.spent()?;
    let each = |outcome: &Outcome, begin: Spent, end: Spent| {
        outcome.answered as f64 / (end.cpu - begin.cpu).max(0.01)
    };
    let (able, bore) = (each(&capacity, idle, before), each(&outcome, before, after));
    let left = 100.0 * bore / able;
    ensure!(
        outcome.other == 0 && outcome.refused_without_time == 0,
        "answers that are neither kept nor told when to come back: {} without a time, {} others, the first {:?}",
        outcome.refused_without_time,
        outcome.other,
        outcome.oddity
    );
    ensure!(after.peak <= MEMORY, "{} MiB of memory", after.peak >> 20);
    ensure!(
        left >= LEFT,
        "{bore:.0} receipts for a second of the processor, {able:.0} before: refusing takes the rest"
    );
    let mut acknowledged = take(&capacity, &receipts)?;
    acknowledged.extend(take(&outcome, &more)?)?;
    acknowledged.verify(&server.keys().await?)?;
    ensure!(server.stop()?.success(), "sayso did not stop in order");
    let found = crate::kept::check(&setup.data, &acknowledged).await?;
    let kept = capacity.answered + outcome.answered;
    ensure!(
        found.receipts >= kept,
        "{kept} receipts acknowledged, {} in the log",
        found.receipts
    );
    Ok(Story::new(
        format!(
            "asked {asked:.0} receipts a second for {} s, three times the {:.0} measured before",
            dose.count,
            capacity.rate()
        ),
        format!(
            "{left:.0} % of its capacity left ({bore:.0} receipts for a second of its processor time, {able:.0} \
             before); {:.0} a second kept by the clock ({:.0} % of before), {} refused with Retry-After, {} connections broken; \
             latency of what was kept p50 {:.0} ms, p99 {:.0} ms; memory {} MiB before, {} MiB at most",
            outcome.rate(),
            100.0 * outcome.rate() / capacity.rate(),
            outcome.refused,
            outcome.broken,
            outcome.millis(0.5),
            outcome.millis(0.99),
            before.peak >> 20,
            after.peak >> 20
        ),
    ))
}

/// The sample of answers, as promises.
fn take(outcome: &Outcome, receipts: &[Signed]) -> Result<Acknowledged> {
    let mut acknowledged = Acknowledged::default();
    for kept in &outcome.kept {
        let sent: Vec<&Signed> = receipts[kept.first..kept.first + kept.count]
            .iter()
            .collect();
        let answer = crate::http::Answer {
            status: 200,
            retry_after: None,
            body: &kept.body,
        };
        acknowledged.read(&answer, &sent)?;
    }
    Ok(acknowledged)
}
