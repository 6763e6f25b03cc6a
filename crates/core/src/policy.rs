//! The controller's published rules: purposes, the services under them, and the models that say how to ask.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a purpose: 1 to 32 of `a-z`, `0-9` and `-`, beginning with a letter. Never reused for another meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct PurposeId(String);

/// Names a service: 1 to 32 of `a-z`, `0-9` and `_`, beginning with a letter. In one name space with purposes, since
/// `data-sayso` takes either; without `-`, which in the cookie marks a service that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ServiceId(String);

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a {kind} id: use 1 to 32 of a-z, 0-9 and {mark:?}, beginning with a letter"
)]
pub struct IdError {
    /// What was written.
    pub text: String,
    /// `purpose` or `service`.
    pub kind: &'static str,
    /// The one mark allowed inside.
    pub mark: char,
}

pub(crate) fn is_id(text: &str, mark: u8) -> bool {
    let bytes = text.as_bytes();
    (1..=32).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == mark)
}

macro_rules! id_type {
    ($name:ident, $kind:literal, $mark:literal) => {
        impl $name {
            /// Checks the spelling.
            pub fn new(text: &str) -> Result<Self, IdError> {
                if is_id(text, $mark) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError {
                        text: text.to_owned(),
                        kind: $kind,
                        mark: char::from($mark),
                    })
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id_type!(PurposeId, "purpose", b'-');
id_type!(ServiceId, "service", b'_');

/// Where a purpose is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Cookies and the like: answered on the first layer, kept in the browser and its cookie.
    #[default]
    Device,
    /// Newsletter, marketing mail, partner sharing: answered for an e-mail address, untouched by *Accept all*.
    Address,
}

/// The legal basis a purpose rests on (GDPR art. 6(1), W3C DPV `hasLegalBasis`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegalBasis {
    /// Art. 6(1)(a): the person said yes.
    #[default]
    Consent,
    /// Art. 6(1)(b): needed for a contract the person asked for.
    Contract,
    /// Art. 6(1)(c): a law demands it.
    LegalObligation,
    /// Art. 6(1)(d): somebody's life.
    VitalInterest,
    /// Art. 6(1)(e): a task in the public interest.
    PublicTask,
    /// Art. 6(1)(f): the controller's interest, which the person may object to.
    LegitimateInterest,
}

impl LegalBasis {
    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Consent => "Consent",
            Self::Contract => "Contract",
            Self::LegalObligation => "LegalObligation",
            Self::VitalInterest => "VitalInterest",
            Self::PublicTask => "PublicTask",
            Self::LegitimateInterest => "LegitimateInterest",
        }
    }
}

/// How a jurisdiction lets a purpose be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Model {
    /// Shut until the person says yes. The strictest, and the default.
    #[default]
    OptIn,
    /// Open until the person says no.
    OptOut,
    /// Open after a notice; the person may still say no.
    NoticeOnly,
}

/// Who sets a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The site itself.
    #[default]
    First,
    /// Another host.
    Third,
}

/// What a service keeps in the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageKind {
    /// A cookie.
    #[default]
    Cookie,
    /// A `localStorage` key.
    LocalStorage,
    /// A `sessionStorage` key.
    SessionStorage,
    /// A 1×1 image or the like: nothing is stored, the request itself tells.
    Pixel,
}

/// A policy in short form: what the gate and the rules for asking need to know. Only `device` purposes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How this visitor's jurisdiction lets purposes be opened.
    pub model: Model,
    /// For how many days an answer holds.
    pub days: Days,
    /// The purposes, in the order they are shown.
    pub purposes: Vec<Purpose>,
}

/// For how many days an answer holds before it lapses and the visitor is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// After a yes.
    pub given: u32,
    /// After a no. Never fewer than after a yes: a no is remembered at least as long.
    pub refused: u32,
}

/// A purpose as the gate knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// Its id.
    pub id: PurposeId,
    /// Raised by every material change; a yes covers the revision it was given for and no later one.
    pub revision: u32,
    /// The legal basis.
    pub basis: LegalBasis,
    /// Strictly necessary: needs no answer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub necessary: bool,
    /// A Global Privacy Control signal objects to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gpc: bool,
    /// The services under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
}

/// A service as the gate knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// The first revision of its purpose that named it: a yes to an older revision does not open it.
    pub since: u32,
    /// Under a necessary purpose: the visitor may still switch it off.
    #[serde(default, skip_serializing_if = "is_false")]
    pub switchable: bool,
    /// Its name, for the placeholder of a waiting frame.
    #[serde(default)]
    pub name: String,
    /// Who runs it, for the placeholder of a waiting frame.
    #[serde(default)]
    pub provider: String,
    /// Cookies to clear on withdrawal: a name, or a prefix ending in `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<String>,
    /// `localStorage` and `sessionStorage` keys to clear: a key, or a prefix ending in `*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<String>,
}

impl Policy {
    /// The purpose of this id.
    pub fn purpose(&self, id: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|p| p.id.as_str() == id)
    }
}

pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
