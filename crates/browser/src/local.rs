//! What this browser remembers beside the cookie: the record, the switch *keep my receipts*, and where the key's chain
//! stands; and the rules for what of it may stay.

use std::collections::BTreeMap;

use sayso_core::cookie::{Choice, Cookie, CookieError, Letter};
use sayso_core::decision::Decision;
use sayso_core::policy::PurposeId;
use sayso_core::record::{Entry, Record, Status};
use serde::{Deserialize, Serialize};

/// The version of the shape.
pub const VERSION: u32 = 1;

/// How long a key is used: 13 months.
pub const KEY_LIFE: u64 = 396 * DAY;

const DAY: u64 = 86_400_000;

/// What this browser remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    /// Always [`VERSION`].
    pub v: u32,
    /// The statuses and the history; no ids in it.
    pub record: Record,
    /// The visitor asked to keep receipts even where only a no was said.
    #[serde(default)]
    pub keep: bool,
    /// The stored key's chain, as long as there is a stored key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
}

/// Where a key's chain of receipts stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The key's thumbprint.
    pub subject: String,
    /// When the key was made, milliseconds since 1970.
    pub created: u64,
    /// The hash of its newest receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
}

/// What a visitor has said so far, as far as it matters for what may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing, or nothing that is still in force.
    Nothing,
    /// Only ever a no: no key, no chain, no receipt stays once the server has it.
    OnlyNo,
    /// A yes is in force: the key stays.
    Yes,
    /// Every yes was taken back or ran out: the key goes, the receipts that prove it stay.
    TookBack,
}

impl Standing {
    /// Whether receipts may stay in the browser.
    pub fn keeps_receipts(self, keep: bool) -> bool {
        keep || matches!(self, Self::Yes | Self::TookBack)
    }

    /// Whether a key may stay in the browser.
    pub fn keeps_key(self, keep: bool) -> bool {
        self == Self::Yes || (keep && self != Self::Nothing)
    }
}

impl Default for Local {
    fn default() -> Self {
        Self { v: VERSION, record: Record::default(), keep: false, chain: None }
    }
}

impl Local {
    /// Takes a decision into the record.
    pub fn apply(&mut self, decision: &Decision) -> Result<(), CookieError> {
        self.record.apply(decision)
    }

    /// Takes over what the cookie says where it is newer than the record: it may have been set on another host of the
    /// site, or by its server.
    pub fn catch_up(&mut self, cookie: &Cookie) {
        for (id, choice) in &cookie.choices {
            let known = self.record.purposes.get(id);
            let newer = known.is_none_or(|e| e.since / 1000 < cookie.time && !says(e, choice));
            if newer {
                self.record.purposes.insert(id.clone(), entry(choice, cookie.time * 1000));
            }
        }
    }

    /// What has been said so far; `asked` tells whether a yes for an address is in force.
    pub fn standing(&self, today: u32, asked: bool) -> Standing {
        let entries = || self.record.purposes.values();
        let in_force = |e: &&Entry| e.lapses.is_none_or(|day| today < day);
        let ever = |statuses: &BTreeMap<PurposeId, Status>| {
            statuses.values().any(|s| matches!(s, Status::Given | Status::Withdrawn | Status::Requested))
        };
        if asked || entries().filter(in_force).any(|e| is_yes(e.status, e.services.values())) {
            Standing::Yes
        } else if entries().next().is_some() && entries().filter(in_force).next().is_none() {
            Standing::Nothing
        } else if entries().any(|e| e.status == Status::Withdrawn || is_yes(e.status, e.services.values()))
            || self.record.history.iter().any(|e| ever(&e.statuses))
        {
            Standing::TookBack
        } else if entries().next().is_some() || !self.record.history.is_empty() {
            Standing::OnlyNo
        } else {
            Standing::Nothing
        }
    }

    /// Whether the stored key is too old to go on with.
    pub fn key_is_old(&self, now: u64) -> bool {
        self.chain.as_ref().is_some_and(|c| c.created + KEY_LIFE <= now)
    }

    /// The hash to chain to, if this key signed before.
    pub fn prev(&self, subject: &str) -> Option<String> {
        self.chain.as_ref().filter(|c| c.subject == subject)?.prev.clone()
    }
}

/// Whether a decision says yes to anything: it alone may bring a key into being.
pub fn says_yes(choices: &BTreeMap<PurposeId, Choice>) -> bool {
    choices.values().any(|c| is_yes(c.letter.into(), c.services.values()))
}

/// Whether an answer opens something that was asked for: a purpose, or one service of a purpose that stays shut.
fn is_yes<'a>(status: Status, mut services: impl Iterator<Item = &'a bool>) -> bool {
    match status {
        Status::Given => true,
        Status::Acknowledged => false,
        _ => services.any(|open| *open),
    }
}

fn says(entry: &Entry, choice: &Choice) -> bool {
    entry.status == choice.letter.into() && entry.revision == choice.revision && entry.services == choice.services
}

fn entry(choice: &Choice, since: u64) -> Entry {
    let Choice { letter, revision, day, services } = choice.clone();
    Entry { status: Letter::into(letter), revision, since, lapses: day, services }
}

/// Days since 1970.
pub fn day(now: u64) -> u32 {
    u32::try_from(now / DAY).unwrap_or(u32::MAX)
}
