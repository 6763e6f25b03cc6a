//! The two forms for an e-mail address: asking for the newsletter, and objecting to marketing.

use sayso_core::address::{self, AddressError};
use sayso_core::record::Status;
use sayso_core::view::View;

use crate::failure::Failure;
use crate::ports::History;
use crate::text::{objectable, status};

use super::ids::Ids;

/// Longest name or company accepted, in characters.
pub const MAX_NAME: usize = 100;

/// What a form does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Asks for the newsletter.
    Subscribe,
    /// Objects to marketing, or leaves it as it is.
    Object,
}

impl Verb {
    /// The form's name: ids and keys of its texts begin with it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscribe => "newsletter",
            Self::Object => "marketing",
        }
    }
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// The address; required.
    Email,
    /// Optional.
    FirstName,
    /// Optional.
    LastName,
    /// Optional.
    Company,
    /// The box that says yes.
    Consent,
    /// One topic or one purpose, by id.
    Choice(String),
}

impl Field {
    /// Its name in ids and in the key of its label.
    pub fn name(&self) -> &str {
        match self {
            Self::Email => "email",
            Self::FirstName => "first-name",
            Self::LastName => "last-name",
            Self::Company => "company",
            Self::Consent => "consent",
            Self::Choice(id) => id,
        }
    }
}

/// What was typed and ticked. Nothing is ticked to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The address as typed.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Company.
    pub company: String,
    /// The consent box.
    pub consent: bool,
    /// Topics wanted, or purposes objected to.
    pub chosen: Ids,
}

impl Fields {
    /// The objections that stand for the address decided about last, as a form.
    pub(super) fn standing(view: &View, history: &History) -> Self {
        let last = history
            .addresses
            .iter()
            .find(|address| objectable(view).any(|purpose| status(address, purpose).is_some()));
        let Some(address) = last else {
            return Self::default();
        };
        let mut chosen = Ids::default();
        for purpose in objectable(view) {
            chosen.put(
                purpose.id.as_str(),
                status(address, purpose) == Some(Status::Objected),
            );
        }
        Self {
            email: address.email.clone(),
            chosen,
            ..Self::default()
        }
    }

    /// The text of a field; nothing for a box.
    pub fn text(&self, field: &Field) -> &str {
        match field {
            Field::Email => &self.email,
            Field::FirstName => &self.first_name,
            Field::LastName => &self.last_name,
            Field::Company => &self.company,
            Field::Consent | Field::Choice(_) => "",
        }
    }

    /// Writes a text field; boxes take no text.
    pub fn set_text(&mut self, field: &Field, text: String) {
        match field {
            Field::Email => self.email = text,
            Field::FirstName => self.first_name = text,
            Field::LastName => self.last_name = text,
            Field::Company => self.company = text,
            Field::Consent | Field::Choice(_) => {}
        }
    }

    /// Ticks or unticks a box; text fields take no tick.
    pub fn set_tick(&mut self, field: &Field, on: bool) {
        match field {
            Field::Consent => self.consent = on,
            Field::Choice(id) => self.chosen.put(id, on),
            _ => {}
        }
    }
}

/// Where a form stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Being filled in.
    #[default]
    Editing,
    /// These fields need another look, each with the key of what is wrong.
    Wanting(Vec<(Field, &'static str)>),
    /// On its way.
    Sending,
    /// The site has it.
    Sent,
    /// It counts and waits in this browser until the site can be reached.
    Waiting,
    /// It could not be sent; what was typed is still there.
    Failed(Failure),
}

/// A form and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// What was typed and ticked.
    pub fields: Fields,
    /// Where it stands.
    pub phase: Phase,
}

impl Form {
    pub(super) fn go(&mut self, phase: Phase) {
        // After it was sent, editing again means another address: nothing is carried over.
        if matches!(self.phase, Phase::Sent | Phase::Waiting) && matches!(phase, Phase::Editing) {
            self.fields = Fields::default();
        }
        self.phase = phase;
    }

    /// The key of what is wrong with a field.
    pub fn error(&self, field: &Field) -> Option<&'static str> {
        match &self.phase {
            Phase::Wanting(errors) => errors
                .iter()
                .find(|(wrong, _)| wrong == field)
                .map(|(_, key)| *key),
            _ => None,
        }
    }
}

/// How far a form that was sent has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The site has it.
    Sent,
    /// It waits in this browser.
    Waiting,
}

/// What is sent about an address.
#[derive(Debug)]
pub struct Submission {
    /// What it does.
    pub verb: Verb,
    /// What was filled in.
    pub fields: Fields,
}

/// What is wrong with a newsletter form, in the order of its fields.
pub fn check_newsletter(fields: &Fields) -> Vec<(Field, &'static str)> {
    let mut wrong = check_email(fields);
    for field in [Field::FirstName, Field::LastName, Field::Company] {
        if fields.text(&field).chars().count() > MAX_NAME {
            wrong.push((field, "error-too-long"));
        }
    }
    if !fields.consent {
        wrong.push((Field::Consent, "error-consent"));
    }
    wrong
}

/// What is wrong with an objection. Nothing ticked is an answer too: for this address, nothing is objected to.
pub fn check_objection(fields: &Fields) -> Vec<(Field, &'static str)> {
    check_email(fields)
}

fn check_email(fields: &Fields) -> Vec<(Field, &'static str)> {
    match address::normalise(&fields.email) {
        Ok(_) => Vec::new(),
        Err(AddressError::Empty) => vec![(Field::Email, "error-email-missing")],
        Err(AddressError::TooLong | AddressError::Form) => {
            vec![(Field::Email, "error-email-wrong")]
        }
    }
}
