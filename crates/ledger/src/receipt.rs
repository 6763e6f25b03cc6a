//! Receipts going in and coming out.

use sayso_core::digest::Digest;
use sayso_core::receipt::VerifiedReceipt;

use crate::log::Inclusion;

/// A receipt to append. Only core makes [`VerifiedReceipt`]s, so nothing unverified gets in.
#[derive(Clone)]
pub struct Append {
    /// The verified receipt.
    pub receipt: VerifiedReceipt,
    /// 32 random bytes that hide the receipt in its commitment. Used only if the receipt is new.
    pub salt: [u8; 32],
    /// When it arrived, in milliseconds since 1970.
    pub received: u64,
    /// Oddities seen on arrival, such as a clock that is off.
    pub flags: Vec<String>,
}

/// A receipt as it lies in the ledger: what its countersigned file is made from, the same every time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the log, from 0, without gaps.
    pub index: u64,
    /// The exact JWS.
    pub jws: String,
    /// SHA-256 of the JWS signing input.
    pub hash: Digest,
    /// The receipt's id.
    pub id: String,
    /// The decision's id.
    pub decision: String,
    /// Recorded by the server, not signed by the visitor.
    pub witnessed: bool,
    /// When it first arrived, in milliseconds since 1970.
    pub received: u64,
    /// Oddities seen when it first arrived.
    pub flags: Vec<String>,
    /// Its salt.
    pub salt: [u8; 32],
    /// Its commitment.
    pub commitment: Digest,
    /// That it stands in the log, in a tree that was durable when this was answered.
    pub inclusion: Inclusion,
}

/// What became of one receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was appended.
    New(Stored),
    /// It was there already, or what it records was; this is what is kept.
    Same(Stored),
    /// Its id, or its decision, is kept with other content; nothing was stored.
    Conflict,
    /// It was kept and has been erased; nothing was stored.
    Erased,
}

impl Outcome {
    /// The receipt kept, if one is.
    pub fn stored(&self) -> Option<&Stored> {
        match self {
            Self::New(stored) | Self::Same(stored) => Some(stored),
            Self::Conflict | Self::Erased => None,
        }
    }
}
