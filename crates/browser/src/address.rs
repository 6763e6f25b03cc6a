//! Decisions about an e-mail address: the request that is posted, and what this browser remembers of it.
//!
//! A yes for an address is only ever *requested*: that the address is the visitor's own is for the mailed link to show. A
//! no counts at once. The address stays in this browser because it was typed here; [`Addresses::forget`] is its end.

mod remembered;

use sayso_core::map::Map;

use sayso_core::address::{self, AddressError};
use sayso_core::cookie::{Choice, Letter, format_choices};
use sayso_core::digest;
use sayso_core::policy::{LegalBasis, PurposeId};
use sayso_core::record::Status;

use crate::answer::Refusal;
use crate::json::{self, Object};
use crate::pending::Pending;
use remembered::named;
pub use remembered::{Addresses, MAX_ENTRIES, Remembered};

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
    /// Seen, and not objected to. Where an objection stood in this browser, it asks to lift it.
    Leave,
    /// A yes taken back, such as a subscription ended.
    Withdraw,
}

/// What was shown when it was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Where, as receipts name it: `form`, `preferences` or `page`.
    pub surface: &'static str,
    /// BCP 47 tag of the language.
    pub language: String,
    /// Whose rules applied.
    pub jurisdiction: String,
    /// The consent model there: `OptIn`, `OptOut` or `NoticeOnly`.
    pub model: String,
    /// The controller's id.
    pub controller: String,
    /// Digest of the notice.
    pub notice: String,
    /// Digest of the layer: of the view that was drawn.
    pub layer: String,
    /// Whether every answer was in view.
    pub in_view: bool,
    /// Signals seen, such as `gpc`.
    pub signals: Vec<String>,
}

/// A decision about an address, ready to be signed and posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The decision.
    pub pending: Pending,
    /// The address, normalised.
    pub email: String,
    /// The address under the salt.
    pub about: String,
    /// What each purpose rests on.
    pub purposes: Vec<(String, String)>,
    /// The decision as JSON, until it is handed over.
    decision: String,
    /// The body of the request but for its last member, the receipt or the decision.
    body: String,
    salt: String,
    statuses: Vec<(String, Status)>,
}

/// How far a decision about an address has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The server has it.
    Accepted,
    /// It waits in this browser and is tried again by itself, on later pages too.
    Waiting,
    /// The server refused it for good.
    Refused(Refusal),
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
        mut self,
        shown: &Shown,
        known: &Addresses,
        id: &str,
        time: u64,
        salt: [u8; 32],
    ) -> Result<Prepared, FormError> {
        let email = address::normalise(&self.email).map_err(FormError::Address)?;
        let known = known.find(&email);
        for answered in self
            .answers
            .iter_mut()
            .filter(|a| a.answer == Answer::Leave)
        {
            if known.and_then(|k| k.status(answered.id.as_str())) == Some(Status::Objected) {
                answered.answer = Answer::Ask;
            }
        }
        let action = action(&self.answers).ok_or(FormError::Nothing)?;
        let salt = known
            .and_then(|k| digest::decode_array(&k.salt))
            .unwrap_or(salt);
        let choice = |a: &Answered| {
            let (letter, _) = a.answer.means();
            (
                a.id.clone(),
                Choice {
                    letter,
                    revision: a.revision,
                    day: None,
                    services: Map::new(),
                },
            )
        };
        let decision = Object::new()
            .number("v", 1)
            .text("id", id)
            .number("time", time)
            .text("surface", shown.surface)
            .text("action", action)
            .text("language", &shown.language)
            .text("jurisdiction", &shown.jurisdiction)
            .text("model", &shown.model)
            .text("controller", &shown.controller)
            .text("notice", &shown.notice)
            .text("layer", &shown.layer)
            .flag_if("inView", shown.in_view)
            .texts_if("signals", &shown.signals)
            .text(
                "choices",
                &format_choices(&self.answers.iter().map(choice).collect()),
            )
            .end();
        let salt_text = digest::encode(&salt);
        let body = Object::new()
            .number("v", 1)
            .text("email", self.email.trim())
            .text("salt", &salt_text)
            .text_if("first_name", self.first_name.trim())
            .text_if("last_name", self.last_name.trim())
            .text_if("company", self.company.trim())
            .texts_if("topics", &self.topics)
            .open();
        Ok(Prepared {
            pending: json::parse(&decision)
                .and_then(|d| Pending::read(&d))
                .ok_or(FormError::Random)?,
            about: address::about(&salt, &email).to_string(),
            purposes: self
                .answers
                .iter()
                .map(|a| (a.id.to_string(), a.basis.name().to_owned()))
                .collect(),
            statuses: self
                .answers
                .iter()
                .map(|a| (a.id.to_string(), a.answer.means().1))
                .collect(),
            salt: salt_text,
            decision,
            email,
            body,
        })
    }
}

/// The verb for what was answered: asking for consent outweighs taking back, that objecting, and that leaving.
fn action(answers: &[Answered]) -> Option<&'static str> {
    let any = |answer| answers.iter().any(|a| a.answer == answer);
    let consent = answers
        .iter()
        .any(|a| a.answer == Answer::Ask && a.basis == LegalBasis::Consent);
    Some(if consent {
        "subscribe"
    } else if any(Answer::Withdraw) {
        "unsubscribe"
    } else if any(Answer::Object) {
        "object"
    } else if any(Answer::Ask) {
        "give"
    } else if any(Answer::Leave) {
        "save"
    } else {
        return None;
    })
}

impl Answer {
    /// The letter it is written with, and the status it sets.
    fn means(self) -> (Letter, Status) {
        match self {
            Self::Ask => (Letter::Given, Status::Requested),
            Self::Object => (Letter::Objected, Status::Objected),
            Self::Leave => (Letter::NotNeeded, Status::Acknowledged),
            Self::Withdraw => (Letter::Withdrawn, Status::Withdrawn),
        }
    }
}

impl Prepared {
    /// Writes it, for the settle module.
    pub fn write(&self) -> String {
        let pairs = |pairs: &[(String, String)]| {
            let mut object = Object::new();
            for (id, text) in pairs {
                object.text(id, text);
            }
            object.end()
        };
        let statuses: Vec<_> = self
            .statuses
            .iter()
            .map(|(id, status)| (id.clone(), status.name().to_owned()))
            .collect();
        Object::new()
            .raw("decision", &self.decision)
            .text("email", &self.email)
            .text("about", &self.about)
            .raw("purposes", &pairs(&self.purposes))
            .text("body", &self.body)
            .text("salt", &self.salt)
            .raw("statuses", &pairs(&statuses))
            .end()
    }

    /// Reads what [`Self::write`] wrote.
    pub fn read(json: &str) -> Option<Self> {
        let value = json::parse(json)?;
        let text = |name| value.text(name).to_owned();
        let pairs = |name| {
            value
                .get(name)
                .members()
                .iter()
                .filter_map(|(id, v)| Some((id.clone(), v.as_text()?.to_owned())))
        };
        Some(Self {
            pending: Pending::read(value.get("decision"))?,
            decision: String::new(),
            email: text("email"),
            about: text("about"),
            purposes: pairs("purposes").collect(),
            statuses: pairs("statuses")
                .filter_map(|(id, status)| Some((id, named(&status)?)))
                .collect(),
            body: text("body"),
            salt: text("salt"),
        })
    }

    /// The body of the request: with the receipt, or with the decision where nothing could be signed.
    pub fn body(&self, receipt: Option<&str>) -> String {
        let mut object = Object::more(&self.body);
        match receipt {
            Some(receipt) => object.text("receipt", receipt),
            None => object.raw("decision", &self.pending.unsigned()),
        };
        object.end()
    }

    /// Whether it asks for anything: that alone may bring a key into being.
    pub fn asks(&self) -> bool {
        self.statuses.iter().any(|(_, s)| *s == Status::Requested)
    }
}
