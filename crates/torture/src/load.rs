//! Load: requests prepared beforehand, sent over connections that are kept alive.
//!
//! Closed loop: every connection sends its next request when it has its answer, which finds the highest rate. Open loop:
//! requests are due at fixed times whether the server keeps up or not, and a latency counts from the time due, so that a
//! server which stalls cannot hide it by being asked less (no coordinated omission).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::join_all;
use hdrhistogram::Histogram;
use tokio::sync::Semaphore;

use crate::http::Connection;
use crate::receipt::Signed;

/// How requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Each connection waits for its answer.
    Closed,
    /// So many requests per second fall due.
    Open(f64),
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

/// An answer kept for later.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where the first of its receipts lies in the plan.
    pub first: usize,
    /// How many receipts were sent.
    pub count: usize,
    /// The body of the answer.
    pub body: Vec<u8>,
}

/// How it went.
#[derive(Debug)]
pub struct Outcome {
    /// Requests answered with 200.
    pub answered: u64,
    /// Requests refused for now, all with `Retry-After`.
    pub refused: u64,
    /// Refusals that gave no time to come back at: there should be none.
    pub refused_without_time: u64,
    /// Any other status: there should be none.
    pub other: u64,
    /// Requests whose connection broke.
    pub broken: u64,
    /// From the first request to the last answer.
    pub time: Duration,
    /// What this process took of the processor meanwhile, in seconds.
    pub cpu: f64,
    /// Latencies of what was answered with 200, in microseconds.
    pub latency: Histogram<u64>,
    /// Latencies of refusals.
    pub refusal: Histogram<u64>,
    /// Answers kept for later.
    pub kept: Vec<Kept>,
    /// The first answer that was neither.
    pub oddity: Option<String>,
}

impl Outcome {
    fn new() -> Result<Self> {
        // From a microsecond to a minute, at three digits.
        let histogram = || Histogram::new_with_bounds(1, 60_000_000, 3);
        Ok(Self {
            answered: 0,
            refused: 0,
            refused_without_time: 0,
            other: 0,
            broken: 0,
            time: Duration::ZERO,
            cpu: 0.0,
            latency: histogram().context("a histogram")?,
            refusal: histogram().context("a histogram")?,
            kept: Vec::new(),
            oddity: None,
        })
    }

    /// Requests answered per second.
    pub fn rate(&self) -> f64 {
        self.answered as f64 / self.time.as_secs_f64().max(f64::EPSILON)
    }

    /// A latency in milliseconds.
    pub fn millis(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1000.0
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.answered += other.answered;
        self.refused += other.refused;
        self.refused_without_time += other.refused_without_time;
        self.other += other.other;
        self.broken += other.broken;
        self.latency
            .add(other.latency)
            .context("adding latencies")?;
        self.refusal
            .add(other.refusal)
            .context("adding latencies")?;
        self.kept.extend(other.kept);
        self.oddity = self.oddity.take().or(other.oddity);
        Ok(())
    }
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
        if let Pace::Open(rate) = plan.pace {
            scope.spawn(move || keep_pace(shared, rate));
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
    // One more for every connection, so that each sees the end once the rest is sent.
    shared.end.store(released, Ordering::SeqCst);
    shared.due.add_permits(shared.plan.connections);
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
            Pace::Open(rate) => match shared.due.acquire().await {
                Ok(permit) => {
                    permit.forget();
                    Some(rate)
                }
                Err(_) => return Ok(outcome),
            },
        };
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let Some(request) = shared.requests.get(number) else {
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
                outcome.refusal.record(micros)?;
            }
            status => {
                outcome.other += 1;
                let body = String::from_utf8_lossy(answer.body).into_owned();
                outcome.oddity.get_or_insert(format!("{status} {body}"));
            }
        }
    }
}
