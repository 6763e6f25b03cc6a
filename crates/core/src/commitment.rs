//! The commitment to a receipt: what the log holds in the receipt's place.
//!
//! HMAC-SHA-256 under 32 random bytes, the salt. Without the salt it is noise: forget the salt, and the entry tells
//! nothing, while the log stays valid.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::digest::Digest;

/// What keeps this use of the salt apart from any other.
const LABEL: &[u8] = b"sayso/receipt/1\0";

/// `HMAC-SHA-256(salt, "sayso/receipt/1" 0x00 ‖ jws)` over the whole JWS text.
pub fn commitment(salt: &[u8; 32], jws: &str) -> Digest {
    hmac_sha256(salt, &[LABEL, jws.as_bytes()])
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
