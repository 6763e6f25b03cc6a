//! What this browser remembers of the addresses that were typed in it.

use sayso_core::record::Status;

use super::Prepared;
use crate::json::{self, Object, Stored, Value};

/// Most addresses remembered.
pub const MAX_ENTRIES: usize = 8;

/// Every address that a decision was made for in this browser, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(pub Vec<Remembered>);

/// What this browser remembers of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The address, normalised.
    pub email: String,
    /// 32 random bytes in base64url: with it, receipts can be shown to be about this address.
    pub salt: String,
    /// When it was last decided about, milliseconds since 1970.
    pub time: u64,
    /// The statuses, by purpose, as this browser last asked for them.
    pub statuses: Vec<(String, Status)>,
}

impl Addresses {
    /// What is remembered of an address.
    pub fn find(&self, email: &str) -> Option<&Remembered> {
        self.0.iter().find(|r| r.email == email)
    }

    /// Takes a decision in; purposes it does not answer stay as they were.
    pub fn remember(&mut self, prepared: &Prepared) {
        let mut remembered = Remembered {
            email: prepared.email.clone(),
            salt: prepared.salt.clone(),
            time: prepared.pending.time,
            statuses: prepared.statuses.clone(),
        };
        if let Some(at) = self.0.iter().position(|r| r.email == prepared.email) {
            let old = self.0.remove(at).statuses;
            let kept = old
                .into_iter()
                .filter(|(id, _)| remembered.status(id).is_none())
                .collect::<Vec<_>>();
            remembered.statuses.extend(kept);
        }
        self.0.push(remembered);
        if self.0.len() > MAX_ENTRIES {
            self.0.remove(0);
        }
    }

    /// Forgets an address in this browser; what the site has of it stays with the site.
    pub fn forget(&mut self, email: &str) {
        self.0.retain(|r| r.email != email);
    }

    /// Whether a yes for an address was asked for and not taken back.
    pub fn asked(&self) -> bool {
        self.0.iter().any(|r| {
            r.statuses
                .iter()
                .any(|(_, s)| matches!(s, Status::Requested | Status::Given))
        })
    }
}

impl Remembered {
    /// What stands for a purpose, if it was decided.
    pub fn status(&self, purpose: &str) -> Option<Status> {
        self.statuses
            .iter()
            .find(|(id, _)| id == purpose)
            .map(|(_, status)| *status)
    }

    pub(crate) fn read(value: &Value) -> Self {
        let text = |name| value.text(name).to_owned();
        let status = |(id, status): &(String, Value)| Some((id.clone(), named(status.as_text()?)?));
        Self {
            email: text("email"),
            salt: text("salt"),
            time: value.number("time"),
            statuses: value
                .get("statuses")
                .members()
                .iter()
                .filter_map(status)
                .collect(),
        }
    }

    pub(crate) fn write(&self) -> String {
        let mut statuses = Object::new();
        for (id, status) in &self.statuses {
            statuses.text(id, name(*status));
        }
        Object::new()
            .text("email", &self.email)
            .text("salt", &self.salt)
            .number("time", self.time)
            .raw("statuses", &statuses.end())
            .end()
    }
}

impl Stored for Addresses {
    fn read(value: &Value) -> Self {
        Self(value.items().iter().map(Remembered::read).collect())
    }

    fn write(&self) -> String {
        json::list(&self.0, Remembered::write)
    }
}

/// The statuses that an address can have in this browser.
const STATUSES: [(Status, &str); 5] = [
    (Status::Requested, "Requested"),
    (Status::Given, "Given"),
    (Status::Objected, "Objected"),
    (Status::Withdrawn, "Withdrawn"),
    (Status::Acknowledged, "Acknowledged"),
];

fn name(status: Status) -> &'static str {
    STATUSES
        .iter()
        .find(|(s, _)| *s == status)
        .map_or("Acknowledged", |(_, name)| name)
}

/// The status that was kept.
pub(super) fn named(name: &str) -> Option<Status> {
    STATUSES
        .iter()
        .find(|(_, n)| *n == name)
        .map(|(status, _)| *status)
}
