//! Checking a countersigned receipt offline: the file, the site's published keys, the witnesses' keys, and nothing else.
//!
//! The order of the checks is that of a story, so that the first that fails is the one that tells most: is it a file of
//! ours, did the visitor sign, did the site countersign this very receipt, with a key of that time, and does it stand
//! in the log. Within the proof: whose log, which entry, whose signature, which root, which witnesses.

mod error;

use serde::{Deserialize, Serialize};

use crate::commitment::commitment;
use crate::countersignature::{self, CountersignatureError, Statement};
use crate::crypto::{Jwks, KeyRole, Verifier};
use crate::digest::decode_array;
use crate::json::{self, JsonError};
use crate::jws::{Compact, JwsError};
use crate::log::checkpoint::{Checkpoint, CheckpointError};
use crate::log::note::{Note, VerifierKey};
use crate::log::proof::{self, Proof};
use crate::log::{Entry, tree};
use crate::receipt::{self, ReceiptError, TypeOnly, VerifiedReceipt};
use crate::witness;

pub use error::VerifyError;

/// Longest file accepted, in bytes.
pub const MAX_LEN: usize = 64 * 1024;

/// A receipt with the server's countersignature and its proof from the log: the file a visitor keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
    /// That it stands in the log: a C2SP tlog-proof with its checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// What is asked of a countersigned receipt beyond the site's own word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Demands<'a> {
    /// The witnesses trusted to watch the log.
    pub witnesses: &'a [VerifierKey],
    /// How many of them must have cosigned the checkpoint.
    pub quorum: usize,
}

/// A countersigned receipt that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The receipt.
    pub receipt: VerifiedReceipt,
    /// What the server said of it.
    pub statement: Statement,
    /// The tree head that it stands under.
    pub checkpoint: Checkpoint,
    /// The witnesses that cosigned that head, each with its time in seconds since 1970.
    pub cosigned: Vec<(String, u64)>,
}

/// Checks a countersigned receipt with the site's published keys and what is demanded of witnesses.
pub fn verify(
    file: &[u8],
    keys: &Jwks,
    demands: &Demands<'_>,
    verifier: &impl Verifier,
) -> Result<Verified, VerifyError> {
    let file = read(file)?;
    let salt: [u8; 32] = decode_array(&file.salt)
        .ok_or_else(|| VerifyError::File("`salt` is not 32 bytes of base64url".into()))?;
    let receipt = verify_receipt(&file.receipt, keys, verifier)?;
    let parsed = countersignature::Parsed::read(&file.countersignature)?;
    let kid = parsed.kid().to_owned();
    let statement = parsed.verify(keys, verifier)?;
    if statement.receipt_hash != receipt.receipt_hash().to_string() {
        return Err(VerifyError::OtherReceipt);
    }
    let committed = commitment(&salt, receipt.jws());
    if statement.commitment != committed.to_string() {
        return Err(VerifyError::Salt);
    }
    in_its_time(keys, &kid, KeyRole::Countersignature, statement.received)?;
    if let Some(kid) = receipt.witness_key() {
        in_its_time(keys, kid, KeyRole::Witness, statement.received)?;
    }
    let proof = file.proof.as_deref().ok_or(VerifyError::NoProof)?;
    let leaf = Entry::Receipt(committed);
    let (checkpoint, cosigned) = in_the_log(proof, leaf, &statement, keys, demands, verifier)?;
    Ok(Verified {
        receipt,
        statement,
        checkpoint,
        cosigned,
    })
}

fn read(file: &[u8]) -> Result<Countersigned, VerifyError> {
    let file: Countersigned = json::read(file, MAX_LEN).map_err(|error| match error {
        JsonError::Duplicate(member) => VerifyError::Duplicate {
            place: "the file",
            member,
        },
        other => VerifyError::File(other.to_string()),
    })?;
    if file.v == 1 {
        Ok(file)
    } else {
        Err(VerifyError::File("`v` is not 1".into()))
    }
}

/// A key that signed when the site says that it did not: retired, or not yet made.
fn in_its_time(keys: &Jwks, kid: &str, role: KeyRole, received: u64) -> Result<(), VerifyError> {
    match keys.get(kid, role) {
        Some(key) if !key.signed_at(received) => Err(VerifyError::KeyTime {
            kid: kid.to_owned(),
            received,
            from: key.from,
            until: key.until,
        }),
        _ => Ok(()),
    }
}

/// That an entry stands where the statement says, in the log that the statement names.
fn in_the_log(
    proof: &str,
    entry: Entry,
    statement: &Statement,
    keys: &Jwks,
    demands: &Demands<'_>,
    verifier: &impl Verifier,
) -> Result<(Checkpoint, Vec<(String, u64)>), VerifyError> {
    let proof = Proof::parse(proof).map_err(|error| VerifyError::Proof(error.to_string()))?;
    let form = |error: CheckpointError| VerifyError::Proof(error.to_string());
    let note = Note::parse(&proof.checkpoint).map_err(|error| form(error.into()))?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(form)?;
    if checkpoint.origin != statement.log {
        return Err(VerifyError::OtherLog {
            expected: statement.log.clone(),
            found: checkpoint.origin,
        });
    }
    if proof.index != statement.index {
        return Err(VerifyError::OtherIndex {
            expected: statement.index,
            found: proof.index,
        });
    }
    let log_keys = keys.log_keys(&checkpoint.origin);
    if log_keys.is_empty() {
        return Err(VerifyError::NoLogKey);
    }
    if !log_keys.iter().any(|key| note.is_signed_by(key, verifier)) {
        return Err(VerifyError::CheckpointSignature);
    }
    let (size, root) = (checkpoint.size, &checkpoint.root);
    if !tree::verify_inclusion(&entry.leaf_hash(), proof.index, size, &proof.hashes, root) {
        return Err(VerifyError::Inclusion);
    }
    let cosigned = proof::cosigned(&note, demands.witnesses, verifier);
    if cosigned.len() < demands.quorum {
        return Err(VerifyError::Quorum {
            found: cosigned.len(),
            wanted: demands.quorum,
        });
    }
    Ok((checkpoint, cosigned))
}

/// Checks a receipt of either kind: signed by a visitor's key, or by one of the site's witness keys.
pub fn verify_receipt(
    text: &str,
    keys: &Jwks,
    verifier: &impl Verifier,
) -> Result<VerifiedReceipt, ReceiptError> {
    let jws = Compact::parse(text)?;
    let header: TypeOnly = jws.header()?;
    if header.typ.as_deref() == Some(witness::TYP) {
        witness::Parsed::of(jws)?.verify(keys, verifier)
    } else {
        receipt::Parsed::of(jws)?.verify(verifier)
    }
}

impl From<ReceiptError> for VerifyError {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::Jws(JwsError::Json {
                source: JsonError::Duplicate(member),
                ..
            }) => Self::Duplicate {
                place: "the receipt",
                member,
            },
            ReceiptError::Signature => Self::ReceiptSignature,
            ReceiptError::Subject => Self::Subject,
            ReceiptError::UnknownKey(kid) => Self::UnknownKey(kid),
            other => Self::Receipt(other),
        }
    }
}

impl From<CountersignatureError> for VerifyError {
    fn from(error: CountersignatureError) -> Self {
        match error {
            CountersignatureError::Jws(JwsError::Json {
                source: JsonError::Duplicate(member),
                ..
            }) => Self::Duplicate {
                place: "the countersignature",
                member,
            },
            CountersignatureError::Signature => Self::CountersignatureSignature,
            CountersignatureError::UnknownKey(kid) => Self::UnknownKey(kid),
            other => Self::Countersignature(other),
        }
    }
}
