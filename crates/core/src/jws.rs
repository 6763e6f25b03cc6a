//! Strict compact JWS (RFC 7515 section 3.1): three parts of canonical base64url, a protected header, 64 bytes of signature.
//!
//! This reads the form only. What the header and payload must say, and whose signature it is, belongs to
//! [`crate::receipt`], [`crate::witness`] and [`crate::countersignature`]; nobody outside picks an algorithm by what a
//! header claims.

use crate::digest::{self, Digest, sha256};
use crate::json::{self, JsonError};
use serde::de::DeserializeOwned;

/// Longest JWS accepted, in bytes.
pub const MAX_LEN: usize = 8 * 1024;

/// A compact JWS, taken apart and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compact {
    text: String,
    dot: usize,
    header: Vec<u8>,
    payload: Vec<u8>,
    signature: [u8; 64],
}

/// Why a text is not a compact JWS of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`MAX_LEN`].
    #[error("the JWS is longer than {MAX_LEN} bytes")]
    TooLong,
    /// Not three parts joined by dots.
    #[error("a compact JWS has exactly three parts joined by dots")]
    Parts,
    /// A part is not canonical base64url.
    #[error("the JWS's {0} is not canonical base64url without padding")]
    Encoding(&'static str),
    /// The signature is not 64 bytes.
    #[error("the signature has {0} bytes, not 64")]
    SignatureLength(usize),
    /// The header or the payload is not the JSON expected.
    #[error("the JWS's {part}: {source}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// What is wrong with it.
        source: JsonError,
    },
}

impl Compact {
    /// Takes a compact JWS apart.
    pub fn parse(text: &str) -> Result<Self, JwsError> {
        if text.len() > MAX_LEN {
            return Err(JwsError::TooLong);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::Parts);
        };
        let part = |name, text| digest::decode(text).ok_or(JwsError::Encoding(name));
        let signature = part("signature", signature)?;
        Ok(Self {
            dot: header.len() + 1 + payload.len(),
            header: part("header", header)?,
            payload: part("payload", payload)?,
            signature: signature
                .as_slice()
                .try_into()
                .map_err(|_| JwsError::SignatureLength(signature.len()))?,
            text: text.to_owned(),
        })
    }

    /// Puts a signing input and a signature together.
    pub fn assemble(signing_input: &str, signature: &[u8; 64]) -> String {
        format!("{signing_input}.{}", digest::encode(signature))
    }

    /// The exact text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is signed: header and payload as they were sent, with the dot between.
    pub fn signing_input(&self) -> &str {
        self.text.get(..self.dot).unwrap_or_default()
    }

    /// The signature, `r ‖ s` or Ed25519.
    pub fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The header's bytes.
    pub fn header_bytes(&self) -> &[u8] {
        &self.header
    }

    /// The payload's bytes.
    pub fn payload_bytes(&self) -> &[u8] {
        &self.payload
    }

    /// SHA-256 of the signing input: names the signed content. ECDSA signatures can be altered and stay valid, so nothing
    /// is ever named by the whole JWS.
    pub fn content_hash(&self) -> Digest {
        sha256(self.signing_input().as_bytes())
    }

    /// Reads the header as exactly `T`.
    pub fn header<T: DeserializeOwned>(&self) -> Result<T, JwsError> {
        json::read(&self.header, MAX_LEN).map_err(|source| JwsError::Json {
            part: "header",
            source,
        })
    }

    /// Reads the payload as exactly `T`.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, JwsError> {
        json::read(&self.payload, MAX_LEN).map_err(|source| JwsError::Json {
            part: "payload",
            source,
        })
    }
}

/// The signing input of a header and a payload, given as their exact JSON bytes.
pub fn signing_input(header: &[u8], payload: &[u8]) -> String {
    format!("{}.{}", digest::encode(header), digest::encode(payload))
}
