//! Checking a countersigned receipt offline: the file, the site's published keys, and nothing else.

use serde::{Deserialize, Serialize};

use crate::commitment::commitment;
use crate::countersignature::{self, CountersignatureError, Statement};
use crate::crypto::{Jwks, Verifier};
use crate::digest::decode_array;
use crate::json::{self, JsonError};
use crate::jws::{Compact, JwsError};
use crate::receipt::{self, ReceiptError, TypeOnly, VerifiedReceipt};
use crate::witness;

/// Longest file accepted, in bytes.
pub const MAX_LEN: usize = 64 * 1024;

/// A receipt with the server's countersignature: the file a visitor keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Countersigned {
    /// Always 1.
    pub v: u32,
    /// The receipt, a compact JWS.
    pub receipt: String,
    /// The salt of its commitment, 32 bytes in base64url.
    pub salt: String,
    /// The countersignature, a compact JWS.
    pub countersignature: String,
}

/// A countersigned receipt that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The receipt.
    pub receipt: VerifiedReceipt,
    /// What the server said of it.
    pub statement: Statement,
}

/// Why a countersigned receipt does not hold. Every kind has its own sentence and exit code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
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
    /// Not a countersigned receipt.
    #[error("not a countersigned receipt: {0}")]
    File(String),
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
        }
    }
}

/// Checks a countersigned receipt with the site's published keys.
pub fn verify(file: &[u8], keys: &Jwks, verifier: &impl Verifier) -> Result<Verified, VerifyError> {
    let file: Countersigned = json::read(file, MAX_LEN).map_err(|error| match error {
        JsonError::Duplicate(member) => VerifyError::Duplicate {
            place: "the file",
            member,
        },
        other => VerifyError::File(other.to_string()),
    })?;
    if file.v != 1 {
        return Err(VerifyError::File("`v` is not 1".into()));
    }
    let salt: [u8; 32] = decode_array(&file.salt)
        .ok_or_else(|| VerifyError::File("`salt` is not 32 bytes of base64url".into()))?;
    let receipt = verify_receipt(&file.receipt, keys, verifier).map_err(|error| match error {
        ReceiptError::Jws(JwsError::Json {
            source: JsonError::Duplicate(member),
            ..
        }) => VerifyError::Duplicate {
            place: "the receipt",
            member,
        },
        ReceiptError::Signature => VerifyError::ReceiptSignature,
        ReceiptError::Subject => VerifyError::Subject,
        ReceiptError::UnknownKey(kid) => VerifyError::UnknownKey(kid),
        other => VerifyError::Receipt(other),
    })?;
    let statement = countersignature::Parsed::read(&file.countersignature)
        .and_then(|parsed| parsed.verify(keys, verifier))
        .map_err(|error| match error {
            CountersignatureError::Jws(JwsError::Json {
                source: JsonError::Duplicate(member),
                ..
            }) => VerifyError::Duplicate {
                place: "the countersignature",
                member,
            },
            CountersignatureError::Signature => VerifyError::CountersignatureSignature,
            CountersignatureError::UnknownKey(kid) => VerifyError::UnknownKey(kid),
            other => VerifyError::Countersignature(other),
        })?;
    if statement.receipt_hash != receipt.receipt_hash().to_string() {
        return Err(VerifyError::OtherReceipt);
    }
    if statement.commitment != commitment(&salt, receipt.jws()).to_string() {
        return Err(VerifyError::Salt);
    }
    Ok(Verified { receipt, statement })
}

/// Checks a receipt of either kind: signed by a visitor's key, or by one of the site's witness keys.
pub fn verify_receipt(
    text: &str,
    keys: &Jwks,
    verifier: &impl Verifier,
) -> Result<VerifiedReceipt, ReceiptError> {
    let header: TypeOnly = Compact::parse(text)?.header()?;
    if header.typ.as_deref() == Some(witness::TYP) {
        witness::Parsed::read(text)?.verify(keys, verifier)
    } else {
        receipt::Parsed::read(text)?.verify(verifier)
    }
}
