//! What this browser remembers beside the cookie: the history, the switch *keep my receipts*, and where the key's chain
//! stands; and the rules for what of it may stay.
//!
//! The statuses in force are the cookie's, of which the gate keeps a copy: the newest choice wins, so there is one place
//! for it.

use sayso_core::cookie::{Letter, Part, parts};

use crate::json::{self, Object, Stored, Value};

/// The version of the shape.
pub const VERSION: u64 = 1;

/// How many events the history keeps; older ones go first.
pub const HISTORY: usize = 50;

/// How long a key is used: 13 months.
pub const KEY_LIFE: u64 = 396 * DAY;

const DAY: u64 = 86_400_000;

/// What this browser remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// What happened, oldest first. Who has only said no keeps no ids in it.
    pub history: Vec<Event>,
    /// The visitor asked to keep receipts even where only a no was said.
    pub keep: bool,
    /// The stored key's chain, as long as there is a stored key.
    pub chain: Option<Chain>,
}

/// One thing that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The decision's id; empty where none may stay.
    pub decision: String,
    /// Milliseconds since 1970, by the visitor's clock.
    pub time: u64,
    /// Where, as receipts name it.
    pub surface: String,
    /// What, as receipts name it.
    pub action: String,
    /// What was answered, in the cookie's grammar.
    pub choices: String,
    /// For which address; empty for the device.
    pub about: String,
}

/// Where a key's chain of receipts stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The key's thumbprint.
    pub subject: String,
    /// When the key was made, milliseconds since 1970.
    pub created: u64,
    /// The hash of its newest receipt; empty before the first.
    pub prev: String,
    /// Day since 1970 from which no yes is in force any more, unless one is said meanwhile; the key ends with it.
    pub until: u32,
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
    /// What has been said so far, by the cookie's value and the history; `asked` tells whether a yes for an address is in
    /// force.
    pub fn of(state: &str, history: &[Event], asked: bool, today: u32) -> Self {
        let in_force = |part: &Part<'_>| part.day.is_none_or(|day| today < day);
        let answered = |part: &Part<'_>| part.letter != Letter::NotNeeded;
        let took_back = |part: Part<'_>| part.letter == Letter::Withdrawn || is_yes(part);
        let now = || read(choices(state));
        if asked || now().filter(in_force).any(is_yes) {
            Self::Yes
        } else if now().any(|p| answered(&p)) && !now().any(|p| answered(&p) && in_force(&p)) {
            Self::Nothing
        } else if now().any(took_back) || history.iter().any(|e| read(&e.choices).any(took_back)) {
            Self::TookBack
        } else if now().next().is_some() || !history.is_empty() {
            Self::OnlyNo
        } else {
            Self::Nothing
        }
    }

    /// Whether receipts may stay in the browser.
    pub fn keeps_receipts(self, keep: bool) -> bool {
        keep || matches!(self, Self::Yes | Self::TookBack)
    }

    /// Whether a key may stay in the browser.
    pub fn keeps_key(self, keep: bool) -> bool {
        self == Self::Yes || (keep && self == Self::OnlyNo)
    }
}

impl Local {
    /// Takes an event into the history, in its place by time. Taking it in again changes nothing.
    pub fn note(&mut self, event: Event) {
        if !self
            .history
            .iter()
            .any(|e| e.time == event.time && e.choices == event.choices)
        {
            let at = self.history.partition_point(|e| e.time <= event.time);
            self.history.insert(at, event);
            if self.history.len() > HISTORY {
                self.history.remove(0);
            }
        }
    }

    /// Takes the ids out of the history.
    pub fn forget_ids(&mut self) {
        self.history.iter_mut().for_each(|e| e.decision.clear());
    }

    /// Whether the stored key has had its time: too old, or every yes has lapsed since it was used.
    pub fn key_has_ended(&self, now: u64) -> bool {
        let ended = |c: &Chain| c.created + KEY_LIFE <= now || c.until <= day(now);
        self.chain.as_ref().is_some_and(ended)
    }
}

impl Stored for Local {
    fn read(value: &Value) -> Self {
        if value.number("v") != VERSION {
            return Self::default();
        }
        Self {
            history: value
                .get("history")
                .items()
                .iter()
                .map(Event::read)
                .collect(),
            keep: value.flag("keep"),
            chain: Chain::read(value.get("chain")),
        }
    }

    fn write(&self) -> String {
        let mut object = Object::new();
        object
            .number("v", VERSION)
            .raw("history", &json::list(&self.history, Event::write));
        if let Some(chain) = &self.chain {
            object.raw("chain", &chain.write());
        }
        object.flag_if("keep", self.keep).end()
    }
}

impl Event {
    fn read(value: &Value) -> Self {
        let text = |name| value.text(name).to_owned();
        Self {
            decision: text("decision"),
            time: value.number("time"),
            surface: text("surface"),
            action: text("action"),
            choices: text("choices"),
            about: text("about"),
        }
    }

    fn write(&self) -> String {
        Object::new()
            .text_if("decision", &self.decision)
            .number("time", self.time)
            .text("surface", &self.surface)
            .text("action", &self.action)
            .text("choices", &self.choices)
            .text_if("about", &self.about)
            .end()
    }
}

impl Chain {
    fn read(value: &Value) -> Option<Self> {
        let text = |name| value.text(name).to_owned();
        let chain = Self {
            subject: text("subject"),
            created: value.number("created"),
            prev: text("prev"),
            until: value.number("until") as u32,
        };
        (!chain.subject.is_empty()).then_some(chain)
    }

    fn write(&self) -> String {
        Object::new()
            .text("subject", &self.subject)
            .number("created", self.created)
            .text_if("prev", &self.prev)
            .number("until", self.until.into())
            .end()
    }
}

/// The day from which no yes in the cookie is in force any more; 0 if none is.
pub fn until(state: &str) -> u32 {
    let days = read(choices(state))
        .filter(|p| is_yes(*p))
        .map(|p| p.day.unwrap_or(u32::MAX));
    days.max().unwrap_or(0)
}

/// Whether choices say yes to anything: that alone may bring a key into being.
pub fn says_yes(choices: &str) -> bool {
    read(choices).any(is_yes)
}

/// Whether an answer opens something that was asked for: a purpose, or one service of a purpose that stays shut.
fn is_yes(part: Part<'_>) -> bool {
    match part.letter {
        Letter::Given => true,
        Letter::NotNeeded => false,
        _ => part.services().any(|(_, open)| open),
    }
}

fn read(choices: &str) -> impl Iterator<Item = Part<'_>> {
    parts(choices).filter_map(Result::ok)
}

/// The choices in a cookie's value.
fn choices(state: &str) -> &str {
    state.splitn(3, '.').nth(2).unwrap_or_default()
}

/// Days since 1970.
pub fn day(now: u64) -> u32 {
    u32::try_from(now / DAY).unwrap_or(u32::MAX)
}
