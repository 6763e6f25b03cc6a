//! How often a network may ask, so that nobody can crowd out the others.
//!
//! What opens and what shuts are counted apart, and what shuts has ten times as much: no flood of yeses from a network
//! keeps anybody in it from refusing, withdrawing, unsubscribing or being erased. Nothing is lost by a 429 either: the
//! answer binds in the browser at once, and the outbox sends it again.
//!
//! How many mails an address gets is not counted here but in the ledger, which outlives this process.
//!
//! **Invariant:** nothing here could name anybody. A network is known by a keyed hash whose key lives and dies with the
//! process, it is forgotten as soon as it has its full share again, and there is room for a fixed number of them.

mod cells;
pub mod class;
pub mod shuts;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};
use sayso_core::config::Limits;
use tokio::time::Instant;

use crate::client::Network;
use crate::metrics::Why;
use cells::Cells;

/// What only shuts, and what only reads, may come this much as often.
const WIDER: u32 = 10;

/// The rates of one site.
pub struct Rates {
    hasher: RandomState,
    opening: Option<Bucket>,
    shutting: Option<Bucket>,
    reading: Option<Bucket>,
    mail: Option<Bucket>,
}

/// Too often: how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// What there was too much of.
    pub why: Why,
    /// After how long there is room for one more.
    pub wait: Duration,
}

impl Rates {
    /// The rates that a site declares.
    pub fn new(limits: &Limits) -> Self {
        let burst = NonZeroU32::new(limits.burst).unwrap_or(NonZeroU32::MIN);
        let ten = NonZeroU32::new(WIDER).unwrap_or(NonZeroU32::MIN);
        let per_minute = |count: Option<u32>, burst| {
            let count = NonZeroU32::new(count?).unwrap_or(NonZeroU32::MIN);
            Some(Bucket::new(Quota::per_minute(count).allow_burst(burst)))
        };
        let wider = limits.per_network.map(|count| count.saturating_mul(WIDER));
        let mail = limits.addresses_per_network;
        let mail_burst = mail.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        Self {
            hasher: RandomState::new(),
            opening: per_minute(limits.per_network, burst),
            shutting: per_minute(wider, burst.saturating_mul(ten)),
            reading: per_minute(wider, burst.saturating_mul(ten)),
            mail: per_minute(mail, mail_burst),
        }
    }

    /// One request of this kind from this network.
    pub fn network(&self, network: Network, why: Why) -> Result<(), TooOften> {
        let bucket = match why {
            Why::Opening => &self.opening,
            Why::Shutting => &self.shutting,
            Why::Reading => &self.reading,
            Why::Mail => &self.mail,
            // Not counted by network.
            Why::Busy | Why::Disk => return Ok(()),
        };
        bucket
            .as_ref()
            .map_or(Ok(()), |bucket| self.take(bucket, network, why))
    }

    /// Forgets whoever has a full share again.
    pub fn sweep(&self) {
        let all = [&self.opening, &self.shutting, &self.reading, &self.mail];
        for bucket in all.into_iter().flatten() {
            bucket.sweep();
        }
    }

    /// How many networks are remembered.
    pub fn remembered(&self) -> usize {
        let all = [&self.opening, &self.shutting, &self.reading, &self.mail];
        let buckets = all.into_iter().flatten();
        buckets.map(|bucket| bucket.limiter.len()).sum()
    }

    fn take(&self, bucket: &Bucket, network: Network, why: Why) -> Result<(), TooOften> {
        let wait = bucket.take(self.hasher.hash_one(network));
        wait.map_err(|wait| TooOften { why, wait })
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rates")
    }
}

struct Bucket {
    limiter: RateLimiter<u64, Cells, Monotonic, NoOpMiddleware<Nanos>>,
    clock: Monotonic,
    /// At how many keys the old ones are looked for …
    sweep_at: AtomicUsize,
    /// … and when that was last done, in nanoseconds of the clock.
    swept: AtomicU64,
}

impl Bucket {
    /// Fewer keys than this are not worth looking through.
    const FEW: usize = 256;
    /// Looking through all of them at each request would be a gift to whoever sends from very many networks.
    const PAUSE: u64 = 1_000_000_000;

    fn new(quota: Quota) -> Self {
        let clock = Monotonic(Instant::now());
        Self {
            limiter: RateLimiter::new(quota, Cells::default(), clock),
            clock,
            sweep_at: AtomicUsize::new(Self::FEW),
            swept: AtomicU64::new(0),
        }
    }

    fn take(&self, key: u64) -> Result<(), Duration> {
        let rested = self
            .clock
            .now()
            .as_u64()
            .saturating_sub(self.swept.load(Ordering::Relaxed));
        if rested >= Self::PAUSE && self.limiter.len() >= self.sweep_at.load(Ordering::Relaxed) {
            self.sweep();
        }
        self.limiter
            .check_key(&key)
            .map_err(|until| until.wait_time_from(self.clock.now()))
    }

    fn sweep(&self) {
        let now = self.clock.now().as_u64();
        self.swept.store(now, Ordering::Relaxed);
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
        let next = (self.limiter.len() * 2).clamp(Self::FEW, Cells::MOST);
        self.sweep_at.store(next, Ordering::Relaxed);
    }
}

/// Time that never goes back; tokio's, which tests can move.
#[derive(Clone, Copy, Debug)]
struct Monotonic(Instant);

impl Clock for Monotonic {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}
