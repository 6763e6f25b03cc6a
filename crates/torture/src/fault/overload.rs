//! Three times more than it can do: refusals say when to come back, what it can do it still does, memory stays bounded.
//!
//! How much it still does is told by what a refusal takes of the server's processor time beside what keeping a receipt
//! takes: at three times too much, two are refused for each that is kept. Processor time and not the clock, since the
//! machine may have neighbours; and three for each that was kept, not three times a rate, so that a slow machine is asked
//! too much as surely as a fast one. The long form then does it by the clock, too.

use std::time::Duration;

use anyhow::{Result, ensure};
use sayso_server::clock::{Clock, SystemClock};

use super::stall::make_room;
use super::{Dose, Story};
use crate::acknowledged::Acknowledged;
use crate::load::{self, Outcome, Pace, Plan};
use crate::receipt::{Mint, Signed};
use crate::server::{Server, Setup, Spent};

/// Too much by this.
const TIMES: usize = 3;
/// As many writes may be under way. So few that a generator which gets a share of a busy machine fills them, too.
const WRITES: usize = 128;
/// As many clients at once while the capacity is measured: too few to be refused.
const ABLE: usize = 96;
/// As many clients at once then: more than the server has places for.
const CLIENTS: usize = 600;
/// The same by the clock, where the server takes few more.
const MANY_CLIENTS: usize = 6_000;
/// With more thousands of requests than this it is the long form.
const LONG: u64 = 20;
/// For how long requests fall due by the clock.
const BY_THE_CLOCK: Duration = Duration::from_secs(10);
/// Nothing here takes longer, on any machine.
const PATIENCE: Duration = Duration::from_secs(300);
/// Most memory, in bytes.
const MEMORY: u64 = 256 << 20;
/// Least of its capacity that is left, in percent. Unoptimised and on a very busy machine 68, 74 and 76 were measured; 33
/// would be left if refusing cost as much as keeping.
const LEFT: f64 = 55.0;

/// What was sent, and what became of it.
struct Done {
    receipts: Vec<Signed>,
    outcome: Outcome,
    spent: Spent,
}

/// Measures the capacity, then asks `count` thousand times for three times as much.
pub async fn run(dose: Dose) -> Result<Story> {
    let long = dose.count > LONG;
    let clients = if long { MANY_CLIENTS } else { CLIENTS };
    make_room(clients as u64 * 2 + 200)?;
    let folder = tempfile::tempdir()?;
    let setup = Setup {
        writes: Some(WRITES),
        ..Setup::new(folder.path())?
    };
    let server = setup.start().await?;
    let mut mint = Mint::new(server.shown().await?, 64, dose.seed)?;
    let count = dose.count as usize * 1_000;
    let mut load = |count, connections, pace| {
        let receipts = mint.receipts(count, SystemClock.now())?;
        send(&server, receipts, connections, pace)
    };
    let able = load(count / 4, ABLE, Pace::Closed)?;
    ensure!(able.outcome.refused == 0, "refused within its capacity");
    let mut all = vec![load(count, CLIENTS, Pace::Beyond(TIMES))?];
    let asked = able.outcome.rate() * TIMES as f64;
    if long {
        let count = (asked * BY_THE_CLOCK.as_secs_f64()) as usize;
        all.push(load(count, clients, Pace::Open(asked))?);
    }
    let (kept, refused) = (all[0].outcome.answered, all[0].outcome.refused);
    ensure!(
        refused * 3 >= kept,
        "{kept} were kept and only {refused} refused: that was not too much"
    );
    let keeping = able.spent.cpu / able.outcome.answered as f64;
    let refusing = all[0].refusing(keeping);
    let left = 100.0 * keeping / (keeping + (TIMES - 1) as f64 * refusing);
    let peak = server.spent()?.peak;
    ensure!(peak <= MEMORY, "{} MiB of memory", peak >> 20);
    let mut acknowledged = take(&able)?;
    for done in &all {
        done.check()?;
        acknowledged.extend(take(done)?)?;
    }
    ensure!(
        left >= LEFT,
        "a refusal takes {:.0} us of the processor and a receipt {:.0}: at {TIMES} times too much {left:.0} % would be left",
        refusing * 1e6,
        keeping * 1e6
    );
    acknowledged.verify(&server.keys().await?)?;
    ensure!(server.stop()?.success(), "sayso did not stop in order");
    let found = crate::kept::check(&setup.data, &acknowledged).await?;
    let kept = all.iter().map(|done| done.outcome.answered).sum::<u64>() + able.outcome.answered;
    ensure!(
        found.receipts >= kept,
        "{kept} receipts acknowledged, {} in the log",
        found.receipts
    );
    let told: Vec<String> = all.iter().map(|done| done.tell(&able.outcome)).collect();
    Ok(Story::new(
        format!(
            "asked for {TIMES} receipts for each that was kept, {count} in all{}",
            match long {
                true => format!(", and {asked:.0} a second for {} s", BY_THE_CLOCK.as_secs()),
                false => String::new(),
            }
        ),
        format!(
            "a refusal takes {:.0} us of the processor, a receipt {:.0}: {left:.0} % of its capacity left; {}; memory {} MiB \
             at most",
            refusing * 1e6,
            keeping * 1e6,
            told.join("; "),
            peak >> 20
        ),
    ))
}

fn send(server: &Server, receipts: Vec<Signed>, connections: usize, pace: Pace) -> Result<Done> {
    let plan = Plan {
        receipts: &receipts,
        per_request: 1,
        connections,
        pace,
        limit: PATIENCE,
        keep_every: 97,
    };
    let before = server.spent()?;
    let outcome = load::run(server.address(), plan)?;
    let after = server.spent()?;
    Ok(Done {
        receipts,
        outcome,
        spent: Spent {
            cpu: after.cpu - before.cpu,
            ..after
        },
    })
}

impl Done {
    /// Seconds of the server's processor time for a refusal, if those kept took as much as ever.
    fn refusing(&self, keeping: f64) -> f64 {
        let kept = keeping * self.outcome.answered as f64;
        (self.spent.cpu - kept).max(0.0) / self.outcome.refused.max(1) as f64
    }

    /// That everybody for whom it was too much was told so as they should be.
    fn check(&self) -> Result<()> {
        let (mute, dateless) = (
            self.outcome.refused_without_words,
            self.outcome.refused_without_time,
        );
        ensure!(
            self.outcome.other == 0 && mute == 0 && dateless == 0,
            "answers that are neither kept nor told when to come back: {dateless} without a time, {mute} without a \
             problem document, {} others, the first {:?}",
            self.outcome.other,
            self.outcome.oddity
        );
        Ok(())
    }

    fn tell(&self, able: &Outcome) -> String {
        format!(
            "{} kept ({:.0} a second by the clock, {:.0} before), {} refused with Retry-After, {} connections broken, \
             latency of what was kept p50 {:.0} ms, p99 {:.0} ms",
            self.outcome.answered,
            self.outcome.rate(),
            able.rate(),
            self.outcome.refused,
            self.outcome.broken,
            self.outcome.millis(0.5),
            self.outcome.millis(0.99),
        )
    }
}

/// The sample of answers, as promises.
fn take(done: &Done) -> Result<Acknowledged> {
    let mut acknowledged = Acknowledged::default();
    for kept in &done.outcome.kept {
        let sent: Vec<&Signed> = done.receipts[kept.first..kept.first + kept.count]
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
