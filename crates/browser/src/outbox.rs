//! What waits to be posted, as data: what is due, what goes into one request, and when to try again.
//!
//! Nothing here knows the time or the network; both are arguments. An entry leaves the outbox only when the server has
//! it, when the server refused it for good, or when its time is up: nothing is retried for ever.

use crate::answer::{Accepted, Answer, Refusal, Verdict};
use crate::json::{self, Object, Stored, Value};
use crate::pending::Pending;

/// Most entries kept.
pub const MAX_ENTRIES: usize = 64;
/// Most bytes of items kept.
pub const MAX_BYTES: usize = 64 * 1024;

/// Most items in one request, as the server allows.
const BATCH_ITEMS: usize = 16;
/// Most bytes of items in one request; the rest of the server's 16 KiB is for the state and punctuation.
const BATCH_BYTES: usize = 14 * 1024;

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// The first wait after a failure; it doubles with each further one.
const FIRST_WAIT: u64 = 2 * SECOND;
/// The longest wait between two attempts, unless the server asked for more.
const LONGEST_WAIT: u64 = HOUR / 2;
/// The longest wait that a server may ask for.
const LONGEST_RETRY_AFTER: u64 = DAY;
/// How long something may stay unknown to the server (a notice, or this whole service behind a proxy) before it counts
/// as refused.
const PATIENCE: u64 = 30 * DAY;
/// How long an unreachable server is tried: as long as a key lives.
const LONG_PATIENCE: u64 = 396 * DAY;

/// Everything that waits, oldest first. Written as a list, so that `[]` means nothing waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox(pub Vec<Waiting>);

/// One thing that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The receipt's id, or the decision's where nothing could be signed.
    pub id: String,
    /// The decision's id.
    pub decision: String,
    /// When the decision was made, milliseconds since 1970.
    pub time: u64,
    /// Where it goes and how it is written there.
    pub kind: Kind,
    /// A receipt: the JWS. Else the exact JSON to send.
    pub item: String,
    /// The receipt inside, for what is not a receipt itself.
    pub receipt: String,
    /// Whether it opens something; of too many entries these go first.
    pub opens: bool,
    /// When it was put here, milliseconds since 1970.
    pub since: u64,
    /// Failed attempts so far.
    pub tries: u32,
    /// When it may be tried again, milliseconds since 1970.
    pub next: u64,
    /// A request with others was refused as a whole: try it by itself.
    pub alone: bool,
    /// The server named the time of the next attempt: no sooner, whatever happens.
    pub asked: bool,
}

/// Where an entry goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `v1/receipts`, signed.
    Receipt,
    /// `v1/receipts`, for the server to witness.
    Decision,
    /// `v1/addresses`.
    Address,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The path under the base address.
    pub path: &'static str,
    /// The body.
    pub body: String,
    /// The entries in it, in the order of the results to come.
    pub ids: Vec<String>,
}

/// An entry that left the outbox, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The entry.
    pub waiting: Waiting,
    /// The server has it, or will never take it.
    pub outcome: Result<Accepted, Refusal>,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Decision => "decision",
            Self::Address => "address",
        }
    }

    fn read(name: &str) -> Option<Self> {
        [Self::Receipt, Self::Decision, Self::Address]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

impl Stored for Outbox {
    /// An entry that cannot be read does not stand in the others' way.
    fn read(value: &Value) -> Self {
        Self(value.items().iter().filter_map(Waiting::read).collect())
    }

    fn write(&self) -> String {
        json::list(&self.0, Waiting::write)
    }
}

impl Waiting {
    /// A fresh entry, due at once.
    pub fn new(
        pending: &Pending,
        id: String,
        kind: Kind,
        item: String,
        opens: bool,
        now: u64,
    ) -> Self {
        let (decision, time) = (pending.id.clone(), pending.time);
        let receipt = String::new();
        Self {
            id,
            decision,
            time,
            kind,
            item,
            receipt,
            opens,
            since: now,
            tries: 0,
            next: 0,
            alone: false,
            asked: false,
        }
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: value.text("id").into(),
            decision: value.text("decision").into(),
            time: value.number("time"),
            kind: Kind::read(value.text("kind"))?,
            item: value.text("item").into(),
            receipt: value.text("receipt").into(),
            opens: value.flag("opens"),
            since: value.number("since"),
            tries: value.number("tries") as u32,
            next: value.number("next"),
            alone: value.flag("alone"),
            asked: value.flag("asked"),
        })
    }

    fn write(&self) -> String {
        Object::new()
            .text("id", &self.id)
            .text("decision", &self.decision)
            .number("time", self.time)
            .text("kind", self.kind.name())
            .text("item", &self.item)
            .text_if("receipt", &self.receipt)
            .flag_if("opens", self.opens)
            .number("since", self.since)
            .number("tries", self.tries.into())
            .number("next", self.next)
            .flag_if("alone", self.alone)
            .flag_if("asked", self.asked)
            .end()
    }

    /// The receipt as it was signed, if it was.
    pub fn signed(&self) -> Option<&str> {
        match self.kind {
            Kind::Receipt => Some(&self.item),
            _ if self.receipt.is_empty() => None,
            _ => Some(&self.receipt),
        }
    }

    fn due(&self, now: u64) -> bool {
        // A time further ahead than any wait was written by a clock that has since been set right.
        self.next <= now || self.next > now + LONGEST_RETRY_AFTER + HOUR
    }

    /// Puts the next attempt off; `None` once the entry has had its time.
    fn put_off(mut self, wait: Wait, now: u64, jitter: f64) -> Result<Self, Refusal> {
        let age = now.saturating_sub(self.since);
        self.asked = matches!(wait, Wait::Asked(_));
        let (delay, patience) = match wait {
            Wait::Failure => (backoff(self.tries, jitter), LONG_PATIENCE),
            // Never sooner than without being asked: a server that says `0` again and again is in trouble.
            Wait::Asked(ms) => (
                spread(ms.min(LONGEST_RETRY_AFTER), jitter).max(backoff(self.tries, jitter)),
                LONG_PATIENCE,
            ),
            Wait::Nobody => (backoff(self.tries, jitter), PATIENCE),
            Wait::Unknown(refusal) if age > PATIENCE => return Err(refusal),
            Wait::Unknown(_) => (spread(DAY - HOUR, jitter), PATIENCE),
        };
        if age > patience {
            return Err(Refusal::local(
                "unreachable",
                "nothing that speaks for the site took it for too long",
            ));
        }
        self.tries = self.tries.saturating_add(1);
        self.next = now + delay;
        Ok(self)
    }
}

/// Why an entry has to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// No answer, or the server is in trouble.
    Failure,
    /// The server named a time, in milliseconds.
    Asked(u64),
    /// Something answered that is not the service: a proxy, a page, a deploy half done.
    Nobody,
    /// The server does not know the notice or revision yet.
    Unknown(Refusal),
}

/// `2 s · 2^tries`, at most half an hour, of which a random half is taken off so that browsers do not come back together.
fn backoff(tries: u32, jitter: f64) -> u64 {
    let full = FIRST_WAIT
        .saturating_mul(1 << tries.min(20))
        .min(LONGEST_WAIT);
    let half = full / 2;
    half + (half as f64 * jitter.clamp(0.0, 1.0)) as u64
}

/// A wait that was asked for, and up to a tenth more.
fn spread(wait: u64, jitter: f64) -> u64 {
    wait + (wait as f64 * 0.1 * jitter.clamp(0.0, 1.0)) as u64
}

impl Outbox {
    /// Adds an entry; what no longer fits comes back: the oldest yes first, then the oldest.
    pub fn push(&mut self, waiting: Waiting) -> Vec<Waiting> {
        self.0.retain(|w| w.id != waiting.id);
        self.0.push(waiting);
        let mut dropped = Vec::new();
        while self.0.len() > 1 && (self.0.len() > MAX_ENTRIES || self.bytes() > MAX_BYTES) {
            let last = self.0.len() - 1;
            let victim = self.0[..last].iter().position(|w| w.opens).unwrap_or(0);
            dropped.push(self.0.remove(victim));
        }
        dropped
    }

    /// Whether the decision is already on its way.
    pub fn has(&self, decision: &str) -> bool {
        self.0.iter().any(|w| w.decision == decision)
    }

    /// The next request, if anything is due: entries of one kind, oldest first.
    pub fn batch(&self, now: u64, state: &str) -> Option<Batch> {
        let first = self.0.iter().find(|w| w.due(now))?;
        let single = first.alone || first.kind == Kind::Address;
        let mut size = 0;
        let mut chosen = Vec::new();
        for waiting in self
            .0
            .iter()
            .filter(|w| w.due(now) && w.kind == first.kind && (single || !w.alone))
        {
            size += waiting.item.len() + 3;
            if !chosen.is_empty() && (single || chosen.len() == BATCH_ITEMS || size > BATCH_BYTES) {
                break;
            }
            chosen.push(waiting);
        }
        Some(Batch {
            path: if first.kind == Kind::Address {
                "v1/addresses"
            } else {
                "v1/receipts"
            },
            body: body(first.kind, &chosen, state),
            ids: chosen.iter().map(|w| w.id.clone()).collect(),
        })
    }

    /// When the next attempt is due; `None` if nothing waits.
    pub fn next(&self, now: u64) -> Option<u64> {
        self.0
            .iter()
            .map(|w| if w.due(now) { now } else { w.next })
            .min()
    }

    /// The browser came back online: what waited because of a failure is tried at once.
    pub fn wake(&mut self, now: u64) {
        self.0
            .iter_mut()
            .filter(|w| !w.asked && w.next <= now + LONGEST_WAIT)
            .for_each(|w| w.next = 0);
    }

    /// Takes in what the server said to a batch; returns what left the outbox.
    pub fn answered(&mut self, ids: &[String], answer: Answer, now: u64, jitter: f64) -> Vec<Left> {
        let verdicts = match answer {
            Answer::Each(verdicts) => verdicts,
            Answer::Whole(wait) => vec![Verdict::Later(wait); ids.len()],
            Answer::Apart => {
                self.0
                    .iter_mut()
                    .filter(|w| ids.contains(&w.id))
                    .for_each(|w| w.alone = true);
                return Vec::new();
            }
        };
        let mut left = Vec::new();
        for (id, verdict) in ids.iter().zip(verdicts) {
            // Another tab may have finished it meanwhile.
            let Some(at) = self.0.iter().position(|w| w.id == *id) else {
                continue;
            };
            let waiting = self.0.remove(at);
            let outcome = match verdict {
                Verdict::Accepted(accepted) => Ok(accepted),
                Verdict::Refused(refusal) => Err(refusal),
                Verdict::Later(wait) => match waiting.clone().put_off(wait, now, jitter) {
                    Ok(waiting) => {
                        self.0.insert(at, waiting);
                        continue;
                    }
                    Err(refusal) => Err(refusal),
                },
            };
            left.push(Left { waiting, outcome });
        }
        left
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|w| w.item.len() + w.receipt.len()).sum()
    }
}

/// The body of a request.
fn body(kind: Kind, chosen: &[&Waiting], state: &str) -> String {
    let mut object = Object::new();
    object.number("v", 1).text_if("state", state);
    match kind {
        Kind::Receipt => object
            .raw("receipts", &json::list(chosen, |w| json::text(&w.item)))
            .end(),
        Kind::Decision => object
            .raw("decisions", &json::list(chosen, |w| w.item.clone()))
            .end(),
        Kind::Address => chosen.iter().map(|w| w.item.as_str()).collect(),
    }
}
