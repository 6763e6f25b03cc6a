//! Decisions about an e-mail address: they name it only by an HMAC under a salt of that subscription.

use crate::commitment::hmac_sha256;
use crate::digest::Digest;

/// Longest address accepted, in bytes (RFC 5321 section 4.5.3.1.3).
pub const MAX_LEN: usize = 254;

/// Why a text is not an address we can write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the e-mail address is missing")]
    Empty,
    /// Longer than [`MAX_LEN`].
    #[error("the e-mail address is longer than {MAX_LEN} characters")]
    TooLong,
    /// Not of the form `name@host`.
    #[error("an e-mail address has the form name@host.example")]
    Form,
}

/// The one spelling of an address: trimmed, its ASCII letters in lower case, since no provider of note tells names apart
/// by case and people type both. Letters beyond ASCII stay as they were typed.
pub fn normalise(text: &str) -> Result<String, AddressError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if text.len() > MAX_LEN {
        return Err(AddressError::TooLong);
    }
    let (name, host) = text.rsplit_once('@').ok_or(AddressError::Form)?;
    let plain = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && !matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '"' | '\\')
    };
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || (!c.is_ascii() && plain(c)))
    };
    let name_ok =
        !name.is_empty() && name.len() <= 64 && name.chars().all(|c| plain(c) && c != '@');
    let host_ok = host.contains('.') && host.split('.').all(label);
    if !name_ok || !host_ok {
        return Err(AddressError::Form);
    }
    Ok(format!("{name}@{host}").to_ascii_lowercase())
}

/// What a receipt names an address by: `HMAC-SHA-256(salt, normalised address)`.
pub fn about(salt: &[u8; 32], normalised: &str) -> Digest {
    hmac_sha256(salt, &[normalised.as_bytes()])
}
