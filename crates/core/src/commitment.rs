//! The commitments to receipts, tombstones and key events: what the log holds in their place.
//!
//! HMAC-SHA-256 under 32 random bytes, the salt. Without the salt it is noise: forget the salt, and the entry tells
//! nothing, while the log stays valid.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::digest::Digest;

// What keeps each use of a salt apart from any other.
const RECEIPT: &[u8] = b"sayso/receipt/1\0";
const TOMBSTONE: &[u8] = b"sayso/tombstone/1\0";
const KEY_EVENT: &[u8] = b"sayso/key/1\0";

/// `HMAC-SHA-256(salt, "sayso/receipt/1" 0x00 ‖ jws)` over the whole JWS text.
pub fn commitment(salt: &[u8; 32], jws: &str) -> Digest {
    hmac_sha256(salt, &[RECEIPT, jws.as_bytes()])
}

/// `HMAC-SHA-256(salt, "sayso/tombstone/1" 0x00 ‖ json)`: what was erased and why.
pub fn tombstone(salt: &[u8; 32], json: &str) -> Digest {
    hmac_sha256(salt, &[TOMBSTONE, json.as_bytes()])
}

/// `HMAC-SHA-256(salt, "sayso/key/1" 0x00 ‖ json)`: a change of the site's keys.
pub fn key_event(salt: &[u8; 32], json: &str) -> Digest {
    hmac_sha256(salt, &[KEY_EVENT, json.as_bytes()])
}

/// HMAC-SHA-256 over parts laid end to end.
pub(crate) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> Digest {
    let mut block = [0u8; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    Digest(mac.finalize().into_bytes().into())
}
