//! How a load went: what was answered, what was refused and how, and how long it took.

use std::time::Duration;

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use sayso_core::wire::Problem;

use crate::http::Answer;

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
    /// Refusals without a problem document that says so: there should be none.
    pub refused_without_words: u64,
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
    pub(super) fn new() -> Result<Self> {
        // From a microsecond to a minute, at three digits.
        let histogram = || Histogram::new_with_bounds(1, 60_000_000, 3);
        Ok(Self {
            answered: 0,
            refused: 0,
            refused_without_time: 0,
            refused_without_words: 0,
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

    /// An answer that there should not be.
    pub(super) fn odd(&mut self, answer: &Answer<'_>) {
        let body = String::from_utf8_lossy(answer.body);
        let text = format!("{} {body}", answer.status);
        self.oddity.get_or_insert(text);
    }

    /// With what another connection saw.
    pub(super) fn merge(&mut self, other: Self) -> Result<()> {
        self.answered += other.answered;
        self.refused += other.refused;
        self.refused_without_time += other.refused_without_time;
        self.refused_without_words += other.refused_without_words;
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

/// Whether a refusal for now is a problem document of this status, with a code that means it.
pub(super) fn says_why(answer: &Answer<'_>) -> bool {
    let Ok(problem) = serde_json::from_slice::<Problem>(answer.body) else {
        return false;
    };
    let codes: &[&str] = match answer.status {
        429 => &["rate-limited"],
        _ => &["busy", "unavailable"],
    };
    problem.status == answer.status && codes.contains(&problem.code.as_str())
}
