//! Why a countersigned receipt does not hold, each reason in a sentence and an exit code of its own.

use crate::countersignature::CountersignatureError;
use crate::receipt::ReceiptError;

/// Why a countersigned receipt does not hold. Every kind has its own sentence and exit code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a countersigned receipt.
    #[error("not a countersigned receipt: {0}")]
    File(String),
    /// A member occurs twice, so that two readers could see two different receipts.
    #[error(
        "refused: {place}: the member {member:?} occurs twice, so two readers could see two different receipts"
    )]
    Duplicate {
        /// `the file`, `the receipt` or `the countersignature`.
        place: &'static str,
        /// The member.
        member: String,
    },
    /// The receipt is malformed.
    #[error("the receipt is malformed: {0}")]
    Receipt(ReceiptError),
    /// The visitor's signature does not hold.
    #[error(
        "the receipt's signature does not hold: the receipt was altered, or another key signed it"
    )]
    ReceiptSignature,
    /// The key in the header is not the receipt's.
    #[error(
        "the key in the receipt's header is not the one the receipt names: the visitor's key was swapped"
    )]
    Subject,
    /// The countersignature is malformed.
    #[error("the countersignature is malformed: {0}")]
    Countersignature(CountersignatureError),
    /// A key that is not among the site's published keys.
    #[error("the key {0} is not among the site's published keys")]
    UnknownKey(String),
    /// The server's signature does not hold.
    #[error("the countersignature does not hold: it was altered, or another key signed it")]
    CountersignatureSignature,
    /// The countersignature belongs to another receipt.
    #[error("the countersignature is of another receipt")]
    OtherReceipt,
    /// The salt, or the form of the receipt's signature, is not what was committed to.
    #[error("the salt does not open the commitment that the server signed for this receipt")]
    Salt,
    /// There is no proof from the log.
    #[error(
        "there is no proof from the log: the site signed for the receipt, and nothing shows that it stands in its log"
    )]
    NoProof,
    /// The proof or its checkpoint is malformed.
    #[error("the proof from the log is malformed: {0}")]
    Proof(String),
    /// The proof is of another entry.
    #[error(
        "the proof is of entry {found}, and the countersignature names entry {expected}: it proves nothing about this receipt"
    )]
    OtherIndex {
        /// What the countersignature names.
        expected: u64,
        /// What the proof is of.
        found: u64,
    },
    /// The checkpoint is another log's.
    #[error(
        "the checkpoint is of the log {found:?}, and the countersignature names the log {expected:?}"
    )]
    OtherLog {
        /// What the countersignature names.
        expected: String,
        /// What the checkpoint names.
        found: String,
    },
    /// No log key is published.
    #[error(
        "the site's published keys hold no key of its log, so nothing shows that the checkpoint is the site's"
    )]
    NoLogKey,
    /// The site's log did not sign the checkpoint.
    #[error(
        "the checkpoint is not signed by the site's log key: it was altered, or it is not the site's"
    )]
    CheckpointSignature,
    /// The hashes do not lead to the root.
    #[error(
        "the proof does not lead from this receipt to the checkpoint's root: the receipt does not stand in that log at that place"
    )]
    Inclusion,
    /// Fewer witnesses than asked for.
    #[error(
        "{found} of the witnesses asked for cosigned the checkpoint, and {wanted} must have: the log may show others another face"
    )]
    Quorum {
        /// How many did.
        found: usize,
        /// How many must.
        wanted: usize,
    },
    /// A key signed outside the time that the site states for it.
    #[error(
        "the key {kid} signed outside its time: received {received}, and the key is {}",
        span(*from, *until)
    )]
    KeyTime {
        /// The key.
        kid: String,
        /// When the receipt was received, milliseconds since 1970.
        received: u64,
        /// From when the key signs.
        from: Option<u64>,
        /// Until when it signs.
        until: Option<u64>,
    },
}

fn span(from: Option<u64>, until: Option<u64>) -> String {
    match (from, until) {
        (Some(from), Some(until)) => format!("of {from} until {until} (milliseconds since 1970)"),
        (Some(from), None) => format!("of {from} and later (milliseconds since 1970)"),
        (None, Some(until)) => format!("of before {until} (milliseconds since 1970)"),
        (None, None) => "without bounds".into(),
    }
}

impl VerifyError {
    /// The exit code of `sayso verify`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::File(_) => 10,
            Self::Duplicate { .. } => 11,
            Self::Receipt(_) => 12,
            Self::ReceiptSignature => 13,
            Self::Subject => 14,
            Self::Countersignature(_) => 15,
            Self::UnknownKey(_) => 16,
            Self::CountersignatureSignature => 17,
            Self::OtherReceipt => 18,
            Self::Salt => 19,
            Self::NoProof => 21,
            Self::Proof(_) => 22,
            Self::OtherIndex { .. } => 23,
            Self::OtherLog { .. } => 24,
            Self::NoLogKey | Self::CheckpointSignature => 25,
            Self::Inclusion => 26,
            Self::Quorum { .. } => 27,
            Self::KeyTime { .. } => 28,
        }
    }
}
