//! Whether what came back is a countersigned receipt of what was sent.
//!
//! The salt, the commitment and the receipt's hash are recomputed; the countersignature itself is for `sayso verify`,
//! which has the site's published keys.

use sayso_core::commitment::commitment;
use sayso_core::countersignature::{ALG, Statement, TYP};
use sayso_core::digest;
use sayso_core::jws::Compact;
use sayso_core::verify::Countersigned;
use serde::Deserialize;

use crate::json;

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
}

/// Whether the file holds together and is about the receipt that was sent (any receipt, if what was sent was unsigned).
pub fn is_sound(file: &Countersigned, sent: Option<&str>) -> bool {
    check(file, sent).is_some()
}

fn check(file: &Countersigned, sent: Option<&str>) -> Option<()> {
    let receipt = Compact::parse(&file.receipt).ok()?;
    // An ECDSA signature can be altered and stay valid, so the signed content is compared, not the whole JWS.
    let same = sent.is_none_or(|sent| sent.strip_prefix(receipt.signing_input()).is_some_and(|rest| rest.starts_with('.')));
    let salt = digest::decode_array::<32>(&file.salt)?;
    let countersignature = Compact::parse(&file.countersignature).ok()?;
    let header = digest::decode(file.countersignature.split('.').next()?)?;
    let header: Header = json::parse(std::str::from_utf8(&header).ok()?)?;
    let statement: Statement = json::parse(std::str::from_utf8(countersignature.payload_bytes()).ok()?)?;
    let sound = same
        && header.typ == TYP
        && header.alg == ALG
        && statement.receipt_hash == receipt.content_hash().to_string()
        && statement.commitment == commitment(&salt, &file.receipt).to_string();
    sound.then_some(())
}
