//! Cosignatures (C2SP tlog-cosignature v1, Ed25519): a witness's word that it saw this checkpoint extend all it saw before.

use super::note::{Algorithm, Note, Signature, VerifierKey};
use crate::crypto::Verifier;

/// What a witness signs: a header, the time in seconds since 1970, and the checkpoint's text.
pub fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The line of a cosignature.
pub fn line(key: &VerifierKey, time: u64, signature: &[u8; 64]) -> Signature {
    let mut bytes = time.to_be_bytes().to_vec();
    bytes.extend(signature);
    Signature::new(key, bytes)
}

/// When a witness cosigned a note, in seconds since 1970; `None` if it did not.
pub fn time_of(note: &Note, key: &VerifierKey, verifier: &impl Verifier) -> Option<u64> {
    if key.algorithm != Algorithm::Cosignature {
        return None;
    }
    note.by(key).find_map(|line| {
        let (time, signature) = line.bytes.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        let signature = signature.try_into().ok()?;
        let holds = verifier.ed25519(&key.public, message(time, &note.text).as_bytes(), signature);
        (holds && time <= i64::MAX as u64).then_some(time)
    })
}
