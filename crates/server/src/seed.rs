//! Thirty-two secret bytes out of a text, leaving no second copy behind in memory.

use sayso_core::digest::decode;
use zeroize::Zeroizing;

/// Reads 43 characters of base64url.
pub(crate) fn read(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    // As long as it will be from the start: a vector that grows leaves what it held before.
    let bytes = Zeroizing::new(decode(text)?);
    let mut seed = Zeroizing::new([0; 32]);
    if bytes.len() != seed.len() {
        return None;
    }
    seed.copy_from_slice(&bytes);
    Some(seed)
}
