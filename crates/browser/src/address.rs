//! Decisions about an e-mail address: the request that is posted, and what this browser remembers of it.
//!
//! A yes for an address is only ever *requested*: that the address is the visitor's own is for the mailed link to show. A
//! no counts at once. The address stays in this browser because it was typed here; [`Addresses::forget`] is its end.

use std::collections::BTreeMap;

use sayso_core::address::{self, AddressError};
use sayso_core::cookie::{Choice, Letter, format_choices};
use sayso_core::decision::{Action, Decision, Surface, VERSION};
use sayso_core::digest;
use sayso_core::policy::{LegalBasis, Model, PurposeId};
use sayso_core::record::{Event, Status};
use serde::{Deserialize, Serialize};

/// Most addresses remembered.
pub const MAX_ENTRIES: usize = 8;

/// What the visitor entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The address as typed.
    pub email: String,
    /// Given name, or empty.
    pub first_name: String,
    /// Family name, or empty.
    pub last_name: String,
    /// Company, or empty.
    pub company: String,
    /// Ids of the newsletter topics chosen.
    pub topics: Vec<String>,
    /// The purposes answered.
    pub answers: Vec<Answered>,
}

/// One purpose answered for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The purpose.
    pub id: PurposeId,
    /// Its revision, as shown.
    pub revision: u32,
    /// Its legal basis, as shown.
    pub basis: LegalBasis,
    /// What was answered.
    pub answer: Answer,
}

/// What can be answered for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A yes, to be confirmed: a subscription, or an objection lifted.
    Ask,
    /// A no to what does not rest on consent.
    Object,
    /// Left as it is: seen, and not objected to.
    Leave,
    /// A yes taken back, such as a subscription ended.
    Withdraw,
}

/// What was shown when it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where.
    pub surface: Surface,
    /// BCP 47 tag of the language.
    pub language: String,
    /// Whose rules applied.
    pub jurisdiction: String,
    /// The consent model there.
    pub model: Model,
    /// The controller's id.
    pub controller: String,
    /// Digest of the notice.
    pub notice: String,
    /// Digest of the layer: of the view that was drawn.
    pub layer: String,
    /// Signals seen, such as `gpc`.
    pub signals: Vec<String>,
}

/// Every address that a decision was made for in this browser, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Addresses(pub Vec<Remembered>);

/// What this browser remembers of one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The address, normalised.
    pub email: String,
    /// 32 random bytes in base64url: with it, receipts can be shown to be about this address.
    pub salt: String,
    /// When it was last decided about, milliseconds since 1970.
    pub time: u64,
    /// The statuses, by purpose, as this browser last asked for them.
    pub statuses: BTreeMap<PurposeId, Status>,
}

/// A decision about an address, ready to be signed and posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The decision.
    pub decision: Decision,
    /// The address, normalised.
    pub email: String,
    /// The salt in base64url.
    pub salt: String,
    /// The address under the salt.
    pub about: String,
    /// The statuses it sets.
    pub statuses: BTreeMap<PurposeId, Status>,
}

/// Why a form cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// The address.
    Address(AddressError),
    /// No purpose was answered.
    Nothing,
    /// This browser gives no random numbers, which the salt and the id need.
    Random,
}

impl Form {
    /// The decision that the form stands for. `id` is a fresh UUIDv7, `salt` 32 fresh random bytes, used only for an
    /// address not remembered yet.
    pub fn prepare(
        &self,
        shown: Shown,
        known: &Addresses,
        id: String,
        time: u64,
        salt: [u8; 32],
    ) -> Result<Prepared, FormError> {
        let email = address::normalise(&self.email).map_err(FormError::Address)?;
        let action = action(&self.answers).ok_or(FormError::Nothing)?;
        let salt = known.find(&email).and_then(|r| digest::decode_array(&r.salt)).unwrap_or(salt);
        let choice = |a: &Answered| {
            let choice =
                Choice { letter: a.answer.letter(), revision: a.revision, day: None, services: BTreeMap::new() };
            (a.id.clone(), choice)
        };
        let decision = Decision {
            v: VERSION,
            id,
            time,
            surface: shown.surface,
            action,
            language: shown.language,
            jurisdiction: shown.jurisdiction,
            model: shown.model,
            controller: shown.controller,
            notice: shown.notice,
            layer: shown.layer,
            in_view: true,
            signals: shown.signals,
            choices: format_choices(&self.answers.iter().map(choice).collect()),
            delivered: false,
        };
        Ok(Prepared {
            decision,
            about: address::about(&salt, &email).to_string(),
            salt: digest::encode(&salt),
            statuses: self.answers.iter().map(|a| (a.id.clone(), a.answer.status())).collect(),
            email,
        })
    }
}

/// The verb for what was answered: asking outweighs objecting, objecting outweighs leaving.
fn action(answers: &[Answered]) -> Option<Action> {
    let any = |answer| answers.iter().any(|a| a.answer == answer);
    let consent = answers.iter().any(|a| a.answer == Answer::Ask && a.basis == LegalBasis::Consent);
    Some(if consent {
        Action::Subscribe
    } else if any(Answer::Withdraw) {
        Action::Unsubscribe
    } else if any(Answer::Object) {
        Action::Object
    } else if any(Answer::Ask) {
        Action::Give
    } else if any(Answer::Leave) {
        Action::Save
    } else {
        return None;
    })
}

impl Answer {
    fn letter(self) -> Letter {
        match self {
            Self::Ask => Letter::Given,
            Self::Object => Letter::Objected,
            Self::Leave => Letter::NotNeeded,
            Self::Withdraw => Letter::Withdrawn,
        }
    }

    /// The status that the answer sets.
    pub fn status(self) -> Status {
        match self {
            Self::Ask => Status::Requested,
            Self::Object => Status::Objected,
            Self::Leave => Status::Acknowledged,
            Self::Withdraw => Status::Withdrawn,
        }
    }
}

impl Prepared {
    /// What the history says of it.
    pub fn event(&self) -> Event {
        let Decision { time, surface, action, .. } = self.decision;
        Event { time, surface, action, statuses: self.statuses.clone() }
    }
}

impl Addresses {
    /// What is remembered of an address.
    pub fn find(&self, email: &str) -> Option<&Remembered> {
        self.0.iter().find(|r| r.email == email)
    }

    /// Takes a decision in; purposes it does not answer stay as they were.
    pub fn remember(&mut self, prepared: &Prepared) {
        let mut statuses = BTreeMap::new();
        if let Some(at) = self.0.iter().position(|r| r.email == prepared.email) {
            statuses = self.0.remove(at).statuses;
        }
        statuses.extend(prepared.statuses.clone());
        let (email, salt, time) = (prepared.email.clone(), prepared.salt.clone(), prepared.decision.time);
        self.0.push(Remembered { email, salt, time, statuses });
        let excess = self.0.len().saturating_sub(MAX_ENTRIES);
        self.0.drain(..excess);
    }

    /// Forgets an address in this browser; what the site has of it stays with the site.
    pub fn forget(&mut self, email: &str) {
        self.0.retain(|r| r.email != email);
    }

    /// Whether a yes for an address was asked for and not taken back.
    pub fn asked(&self) -> bool {
        self.0.iter().any(|r| r.statuses.values().any(|s| matches!(s, Status::Requested | Status::Given)))
    }
}
