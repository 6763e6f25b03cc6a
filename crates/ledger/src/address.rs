//! Addresses and what their owners said: subscriptions, objections, and the tokens in the mail sent to them.
//!
//! **Invariant:** an address becomes `Given` only through a token that was mailed to it. Whoever can type an address can
//! shut for it, never open.

use sayso_core::digest::Digest;
use sayso_core::record::Status;
use serde::{Deserialize, Serialize};

use crate::mail::NewMail;
use crate::receipt::{Append, Outcome};

/// At how many moments within an hour an address may be written to; what is decided beyond that counts all the same.
pub const MAILS_PER_HOUR: u32 = 5;

/// What somebody entered beside their address.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// First name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// Last name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// Company.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub company: String,
    /// BCP 47 tag of the language to write in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Ids of the topics chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<String>,
}

/// A purpose's status for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The purpose's id.
    pub purpose: String,
    /// The revision that was answered.
    pub revision: u32,
    /// `Requested`, `Given`, `Withdrawn`, `Objected`, or `Acknowledged` where nobody objected.
    pub status: Status,
    /// When it came to be so, in milliseconds since 1970.
    pub changed: u64,
}

/// An address with everything kept about it.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// The address, normalised.
    pub email: String,
    /// What was entered beside it, once confirmed.
    pub profile: Profile,
    /// Per purpose.
    pub subscriptions: Vec<Subscription>,
}

/// What a token in a mail lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Confirm the request it was mailed for; single use.
    Confirm,
    /// Shut the purposes it names; any number of times.
    Unsubscribe,
}

impl TokenKind {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Unsubscribe => "unsubscribe",
        }
    }
}

/// A token about to be mailed. Only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    /// SHA-256 of the token.
    pub hash: Digest,
    /// What it lets its bearer do.
    pub kind: TokenKind,
    /// When it stops working, in milliseconds since 1970.
    pub expires: u64,
    /// What the server needs when it comes back; sealed at rest.
    pub body: String,
}

/// A token that was presented.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// What it lets its bearer do.
    pub kind: TokenKind,
    /// The address it was mailed to.
    pub email: String,
    /// When it stops working.
    pub expires: u64,
    /// When it was used, if it was.
    pub used: Option<u64>,
    /// As it was given.
    pub body: String,
}

/// A decision about an address: its receipt and everything that follows from it, in one transaction.
pub struct AddressChange {
    /// The address, normalised.
    pub email: String,
    /// The receipt of the decision.
    pub receipt: Append,
    /// The salt whose HMAC over the address is the receipt's `about`; kept sealed, so that it can be proved.
    pub salt: [u8; 32],
    /// The statuses it leads to. Without `redeem` only a status that shuts replaces `Given` or `Objected`.
    pub statuses: Vec<(String, u32, Status)>,
    /// Replaces what was entered beside the address; only where the address is proved.
    pub profile: Option<Profile>,
    /// Tokens for the mail.
    pub tokens: Vec<NewToken>,
    /// The mail.
    pub mail: Vec<NewMail>,
    /// The single-use token that proves the address; it must be unused and unexpired.
    pub redeem: Option<Digest>,
    /// Now, in milliseconds since 1970.
    pub now: u64,
}

/// What became of an [`AddressChange`].
#[expect(
    clippy::large_enum_variant,
    reason = "one per request, moved a few times and never stored"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressOutcome {
    /// The receipt's outcome. Only a new receipt changes statuses and sends mail; the same one again, or a conflict,
    /// changes nothing.
    Recorded(Outcome),
    /// The token is unknown, used or expired; nothing was stored.
    TokenSpent,
}
