//! Load: requests prepared beforehand, sent over connections that are kept alive.
//!
//! Closed loop: every connection sends its next request when it has its answer, which finds the highest rate. Open loop:
//! requests are due at fixed times whether the server keeps up or not, and a latency counts from the time due, so that a
//! server which stalls cannot hide it by being asked less (no coordinated omission). Beyond: what falls due follows what is
//! kept, so that it is too much by the same measure on a machine of any speed.

mod outcome;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::join_all;
use tokio::sync::Semaphore;

use crate::http::Connection;
use crate::receipt::Signed;
use outcome::says_why;
pub use outcome::{Kept, Outcome};

/// How requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each connection waits for its answer.
    Closed,
    /// So many requests per second fall due.
    Open(f64),
    /// One for each connection, and so many more for each that is kept.
    Beyond(usize),
}

/// Receipts to be sent, some to each request.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// All of them, each sent once.
    pub receipts: &'a [Signed],
    /// How many go into a request.
    pub per_request: usize,
    /// How many connections there are.
    pub connections: usize,
    /// How they follow each other.
    pub pace: Pace,
    /// Sending ends then, even if receipts are left.
    pub limit: Duration,
    /// Of every so many answers one is kept, to be verified later.
    pub keep_every: usize,
}

/// What the connections share.
struct Shared<'a> {
    plan: Plan<'a>,
    /// Written out beforehand: making them costs as much as sending them.
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
    due: Semaphore,
    /// How many requests fell due in all, once that is known.
    end: AtomicUsize,
    /// Requests that have fallen due and have no answer yet.
    owed: AtomicUsize,
    start: Instant,
    over: AtomicBool,
}

/// Runs a plan on a thread and a runtime of its own, which is all that the generator takes of the machine.
pub fn run(to: SocketAddr, plan: Plan<'_>) -> Result<Outcome> {
    let request = |receipts: &[Signed]| {
        let texts: Vec<&str> = receipts
            .iter()
            .map(|receipt| receipt.jws.as_str())
            .collect();
        crate::http::post(&texts)
    };
    let requests = plan.receipts.chunks(plan.per_request).map(request);
    let shared = Shared {
        plan,
        requests: requests.collect(),
        next: AtomicUsize::new(0),
        due: Semaphore::new(0),
        end: AtomicUsize::new(usize::MAX),
        owed: AtomicUsize::new(plan.connections),
        start: Instant::now(),
        over: AtomicBool::new(false),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the generator's runtime")?;
    let before = own_cpu();
    let outcome = std::thread::scope(|scope| {
        let shared = &shared;
        match plan.pace {
            Pace::Closed => {}
            Pace::Open(rate) => {
                scope.spawn(move || keep_pace(shared, rate));
            }
            Pace::Beyond(_) => shared.due.add_permits(plan.connections),
        }
        let driving = scope.spawn(move || {
            let outcome = runtime.block_on(drive(to, shared));
            shared.over.store(true, Ordering::Relaxed);
            outcome
        });
        let panicked = |_| anyhow::anyhow!("the generator panicked");
        driving.join().map_err(panicked)?
    });
    let cpu = own_cpu() - before;
    outcome.map(|outcome| Outcome { cpu, ..outcome })
}

/// Processor seconds of this process.
fn own_cpu() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    getrusage(UsageWho::RUSAGE_SELF).map_or(0.0, |usage| {
        (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6
    })
}

async fn drive(to: SocketAddr, shared: &Shared<'_>) -> Result<Outcome> {
    let mut total = Outcome::new()?;
    let outcomes = join_all((0..shared.plan.connections).map(|_| converse(to, shared))).await;
    for outcome in outcomes {
        total.merge(outcome?)?;
    }
    total.time = shared.start.elapsed();
    Ok(total)
}

/// Lets requests fall due, on a thread of its own: an async timer ticks in milliseconds.
fn keep_pace(shared: &Shared<'_>, rate: f64) {
    let requests = shared.requests.len();
    let mut released = 0usize;
    while released < requests && !shared.over.load(Ordering::Relaxed) {
        let elapsed = shared.start.elapsed();
        if elapsed > shared.plan.limit {
            break;
        }
        let due = ((elapsed.as_secs_f64() * rate) as usize + 1).min(requests);
        shared.due.add_permits(due.saturating_sub(released));
        released = released.max(due);
        let next = Duration::from_secs_f64(released as f64 / rate);
        std::thread::park_timeout(next.saturating_sub(shared.start.elapsed()));
    }
    shared.end_at(released);
}

impl Shared<'_> {
    /// Nothing falls due any more after so many requests.
    fn end_at(&self, count: usize) {
        self.end.fetch_min(count, Ordering::SeqCst);
        // One more for every connection, so that each sees the end once the rest is sent.
        self.due.add_permits(self.plan.connections);
    }

    /// What an answer lets fall due. Where nothing is under way and nothing due, nothing ever will be.
    fn answered(&self, kept: bool) {
        let Pace::Beyond(more) = self.plan.pace else {
            return;
        };
        if kept {
            self.owed.fetch_add(more, Ordering::SeqCst);
            self.due.add_permits(more);
        }
        if self.owed.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.end_at(0);
        }
    }
}

/// One connection's share.
async fn converse(to: SocketAddr, shared: &Shared<'_>) -> Result<Outcome> {
    let plan = &shared.plan;
    let mut outcome = Outcome::new()?;
    let mut connection = Connection::new(to);
    loop {
        let due = match plan.pace {
            Pace::Closed => {
                if shared.start.elapsed() > plan.limit {
                    return Ok(outcome);
                }
                None
            }
            pace => match shared.due.acquire().await {
                Ok(permit) => {
                    permit.forget();
                    match pace {
                        Pace::Open(rate) => Some(rate),
                        _ => None,
                    }
                }
                Err(_) => return Ok(outcome),
            },
        };
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let late = matches!(plan.pace, Pace::Beyond(_)) && shared.start.elapsed() > plan.limit;
        let Some(request) = shared.requests.get(number).filter(|_| !late) else {
            shared.end_at(number);
            return Ok(outcome);
        };
        if number >= shared.end.load(Ordering::SeqCst) {
            return Ok(outcome);
        }
        let begin = match due {
            Some(rate) => shared.start + Duration::from_secs_f64(number as f64 / rate),
            None => Instant::now(),
        };
        let answer = connection.exchange(request).await;
        let micros = u64::try_from(begin.elapsed().as_micros())?.clamp(1, 60_000_000);
        shared.answered(answer.as_ref().is_ok_and(|answer| answer.status == 200));
        let Ok(answer) = answer else {
            outcome.broken += 1;
            continue;
        };
        match answer.status {
            200 => {
                outcome.answered += 1;
                outcome.latency.record(micros)?;
                if number.is_multiple_of(plan.keep_every) {
                    let first = number * plan.per_request;
                    outcome.kept.push(Kept {
                        first,
                        count: plan.per_request.min(plan.receipts.len() - first),
                        body: answer.body.to_vec(),
                    });
                }
            }
            429 | 503 => {
                outcome.refused += 1;
                outcome.refused_without_time += u64::from(answer.retry_after.is_none());
                if !says_why(&answer) {
                    outcome.refused_without_words += 1;
                    outcome.odd(&answer);
                }
                outcome.refusal.record(micros)?;
            }
            _ => {
                outcome.other += 1;
                outcome.odd(&answer);
            }
        }
    }
}
