//! SHA-256 digests and base64url, the two encodings everything here is named by.

#[cfg_attr(target_arch = "wasm32", path = "digest/small.rs")]
mod quick;

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// A SHA-256 digest; written as 43 characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest(sha2::Sha256::digest(bytes).into())
}

/// The letters of base64url, by their values.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64url without padding (RFC 4648 section 5). By hand: in the module that every visitor loads, a library's constant
/// time, which nothing here needs, weighs as much as the rest of this file three times over.
pub fn encode(bytes: &[u8]) -> String {
    let letter = |value: u32| char::from(LETTERS[(value & 63) as usize]);
    let (mut out, rest) = quick::encode(bytes);
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in rest {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 6 {
            held -= 6;
            out.push(letter(bits >> held));
        }
    }
    if held > 0 {
        out.push(letter(bits << (6 - held)));
    }
    out
}

/// Reads base64url without padding. Only the canonical spelling is accepted: no padding, no other alphabet, no stray
/// trailing bits.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let rest = quick::decode(text.as_bytes(), &mut out)?;
    let (mut bits, mut held) = (0u32, 0u32);
    for letter in rest {
        bits = bits << 6 | u32::from(value(*letter)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    // A whole letter too many, or bits that no byte took.
    (held < 6 && bits & ((1 << held) - 1) == 0).then_some(out)
}

/// The value of a letter.
const fn value(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

/// Reads base64url of exactly `N` bytes.
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

impl Digest {
    /// Reads 43 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        decode_array(text).map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a digest is 43 characters of base64url"))
    }
}
