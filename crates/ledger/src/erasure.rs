//! Erasing: what is to be forgotten, why, and what came of it.

/// An order to forget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Which receipts.
    pub what: What,
    /// On whose word.
    pub why: Why,
    /// Now, in milliseconds since 1970.
    pub now: u64,
    /// 32 random bytes that hide the tombstone in its commitment.
    pub salt: [u8; 32],
}

/// Which receipts are to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// All that this key signed: the thumbprint that receipts call `subject`.
    Subject(String),
    /// What this key had signed by the time of its own request, by the clock of the visitor or by that of the server. A copy
    /// of the request that is sent again later takes nothing that was made since.
    Request {
        /// The thumbprint.
        subject: String,
        /// The request's time, in milliseconds since 1970.
        time: u64,
    },
    /// All about this normalised address, and the address itself with its tokens and queued mail.
    Address(String),
    /// The one at this index.
    Index(u64),
}

/// On whose word something is forgotten. The tombstone says it without naming anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The subject's own signed request. The tombstone keeps its SHA-256 alone: who has the request can show that it was it.
    Request {
        /// The request.
        jws: String,
    },
    /// A rule of keeping.
    Retention {
        /// The rule, such as `signed 1826 days`.
        rule: String,
    },
    /// The site's operator.
    Operator {
        /// Why, in words that stand in the tombstone as they are.
        reason: String,
    },
}

/// What an erasure came to. It is answered when nothing of it is readable any more in any file of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// The indexes of the receipts that were forgotten.
    pub receipts: Vec<u64>,
    /// How many addresses were forgotten.
    pub addresses: u64,
    /// The index of the tombstone; none where nothing was left to forget.
    pub tombstone: Option<u64>,
    /// How many of those meant were forgotten before.
    pub already: u64,
    /// How many receipts of the key are newer than its request, and stay.
    pub newer: u64,
    /// Whether a rule of keeping has more to forget: take another step.
    pub more: bool,
}

/// For how many days what is kept. `None` keeps it for as long as the ledger is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Receipts that a visitor's key signed, counted from their arrival.
    pub signed_days: Option<u32>,
    /// Receipts that the server recorded, counted from their arrival.
    pub witnessed_days: Option<u32>,
    /// Addresses where nothing is given any more, counted from the last decision about them.
    pub address_days: Option<u32>,
}
