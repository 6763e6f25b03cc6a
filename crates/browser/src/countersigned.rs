//! Whether what came back is a countersigned receipt of what was sent.
//!
//! The salt, the commitment and the receipt's hash are recomputed; the countersignature itself is for `sayso verify`,
//! which has the site's published keys.

use sayso_core::commitment::commitment;
use sayso_core::countersignature::{ALG, TYP};
use sayso_core::digest::{self, sha256};

use crate::json::{self, Value};

/// Whether the file holds together and is about the receipt that was sent (any receipt, if what was sent was unsigned).
pub fn is_sound(file: &Value, sent: Option<&str>) -> bool {
    check(file, sent).unwrap_or(false)
}

fn check(file: &Value, sent: Option<&str>) -> Option<bool> {
    let receipt = file.text("receipt");
    let input = signing_input(receipt)?;
    // An ECDSA signature can be altered and stay valid, so the signed content is compared, not the whole JWS.
    let same = sent.is_none_or(|sent| signing_input(sent) == Some(input));
    let salt = digest::decode_array::<32>(file.text("salt"))?;
    let header = part(file.text("countersignature"), 0)?;
    let statement = part(file.text("countersignature"), 1)?;
    Some(
        same && header.text("typ") == TYP
            && header.text("alg") == ALG
            && statement.text("receipt_hash") == sha256(input.as_bytes()).to_string()
            && statement.text("commitment") == commitment(&salt, receipt).to_string(),
    )
}

/// Header (0) or payload (1) of a compact JWS.
pub fn part(jws: &str, at: usize) -> Option<Value> {
    json::parse(&String::from_utf8(digest::decode(jws.split('.').nth(at)?)?).ok()?)
}

fn signing_input(jws: &str) -> Option<&str> {
    jws.rsplit_once('.').map(|(input, _)| input)
}
