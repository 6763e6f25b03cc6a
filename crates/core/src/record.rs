//! The statuses now in force, with how they came about.
//!
//! The newest decision wins, whatever order decisions arrive in; of two of the same moment the one that shuts.

use crate::map::Map;

use serde::{Deserialize, Serialize};

use crate::cookie::{Choice, CookieError};
use crate::decision::{Action, Decision, Surface};
use crate::policy::{PurposeId, ServiceId};

/// The version of the shape.
pub const VERSION: u32 = 1;

/// How many events the history keeps; older ones go first.
pub const HISTORY: usize = 50;

/// The status of one purpose for one person (W3C DPV consent statuses, with objection and acknowledgement).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Never asked.
    #[default]
    Unknown,
    /// Asked for and not yet confirmed, such as a newsletter before the mailed link is used.
    Requested,
    /// Put off without an answer.
    Deferred,
    /// Said yes. Where consent is the basis, the only status that opens anything.
    Given,
    /// Asked, and said no.
    Refused,
    /// Took a yes back.
    Withdrawn,
    /// Said no to what does not rest on consent.
    Objected,
    /// Saw the notice; no answer was needed.
    Acknowledged,
    /// A yes that has run out.
    Expired,
}

impl Status {
    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::Requested => "Requested",
            Self::Deferred => "Deferred",
            Self::Given => "Given",
            Self::Refused => "Refused",
            Self::Withdrawn => "Withdrawn",
            Self::Objected => "Objected",
            Self::Acknowledged => "Acknowledged",
            Self::Expired => "Expired",
        }
    }

    /// Whether it shuts: any form of no.
    pub fn shuts(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::Withdrawn | Self::Objected | Self::Expired
        )
    }
}

/// The statuses now in force, with their history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Always [`VERSION`].
    pub v: u32,
    /// By purpose: what is in force.
    pub purposes: Map<PurposeId, Entry>,
    /// What happened, oldest first, at most [`HISTORY`] events.
    pub history: Vec<Event>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            v: VERSION,
            purposes: Map::new(),
            history: Vec::new(),
        }
    }
}

/// What is in force for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The status.
    pub status: Status,
    /// The revision it was answered for.
    pub revision: u32,
    /// Milliseconds since 1970 of the decision.
    pub since: u64,
    /// Day since 1970 from which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapses: Option<u32>,
    /// Services answered apart.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub services: Map<ServiceId, bool>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Milliseconds since 1970, by the visitor's clock.
    pub time: u64,
    /// Where.
    pub surface: Surface,
    /// What.
    pub action: Action,
    /// The statuses it set.
    pub statuses: Map<PurposeId, Status>,
}

impl Record {
    /// Applies a decision. Applying one again changes nothing; an older one than what is in force only enters the history.
    pub fn apply(&mut self, decision: &Decision) -> Result<(), CookieError> {
        let choices = decision.choices()?;
        for (id, choice) in &choices {
            let entry = Entry::new(choice, decision.time);
            match self.purposes.get(id) {
                Some(old) if !entry.replaces(old) => {}
                _ => {
                    self.purposes.insert(id.clone(), entry);
                }
            }
        }
        let event = Event {
            time: decision.time,
            surface: decision.surface,
            action: decision.action,
            statuses: choices
                .iter()
                .map(|(id, choice)| (id.clone(), choice.letter.into()))
                .collect(),
        };
        if !self.history.contains(&event) {
            let at = self.history.partition_point(|e| e.time <= event.time);
            self.history.insert(at, event);
            let excess = self.history.len().saturating_sub(HISTORY);
            self.history.drain(..excess);
        }
        Ok(())
    }

    /// The status of a purpose on a day since 1970; what has lapsed is [`Status::Expired`].
    pub fn status(&self, purpose: &str, today: u32) -> Status {
        match self.purposes.get(purpose) {
            None => Status::Unknown,
            Some(entry) if entry.lapses.is_some_and(|day| today >= day) => Status::Expired,
            Some(entry) => entry.status,
        }
    }
}

impl Entry {
    fn new(choice: &Choice, since: u64) -> Self {
        Self {
            status: choice.letter.into(),
            revision: choice.revision,
            since,
            lapses: choice.day,
            services: choice.services.clone(),
        }
    }

    fn replaces(&self, old: &Self) -> bool {
        self.since > old.since
            || (self.since == old.since && (self.status.shuts() || !old.status.shuts()))
    }
}
