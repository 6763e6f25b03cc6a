//! A visitor's request to erase: signed by the same key as the receipts that are to go.
//!
//! A compact JWS, `typ: consent-erasure+jws`, ES256, the public key in the header as in a receipt. Who holds the key may
//! erase all receipts of that key, and nobody else's: no name, no address, no proof of identity is asked for.

use serde::{Deserialize, Serialize};

use crate::crypto::{EcJwk, Verifier};
use crate::digest::Digest;
use crate::id::is_uuid_v7;
use crate::json::push_text;
use crate::jws::{Compact, JwsError};
use crate::own_key::{self, Fault, OwnKey};

/// The version of the shape.
pub const VERSION: u32 = 1;
/// The header's `typ`.
pub const TYP: &str = "consent-erasure+jws";
/// The header's `alg`.
pub const ALG: &str = own_key::ALG;

/// What is signed. **Do not modify:** a published shape, held by `vectors/log.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// Always [`VERSION`].
    pub v: u32,
    /// The request's id, UUIDv7.
    pub id: String,
    /// The site's id.
    pub site: String,
    /// Thumbprint (RFC 7638) of the key that signs: all its receipts are to be erased.
    pub subject: String,
    /// The visitor's clock, milliseconds since 1970.
    pub time: u64,
}

/// A request, read and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    signed: OwnKey,
    payload: Payload,
}

/// A request whose signature holds. Only this may erase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedErasure {
    jws: Compact,
    payload: Payload,
}

/// Why a text is not a request to be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErasureError {
    /// The compact form, the header or the payload is broken.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Another `typ` or `alg`.
    #[error("the header does not say typ {TYP}, alg {ALG}")]
    Type,
    /// The payload does not follow its own rules.
    #[error("the payload: {0}")]
    Payload(&'static str),
    /// The key in the header is malformed.
    #[error("the key in the header is not a P-256 public key")]
    Key,
    /// The key in the header is not the one the payload names.
    #[error("the payload's `subject` is not the thumbprint of the key in the header")]
    Subject,
    /// The signature does not hold.
    #[error("the signature does not hold: the request was altered, or another key signed it")]
    Signature,
}

impl From<Fault> for ErasureError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Jws(error) => Self::Jws(error),
            Fault::Type(_) | Fault::Algorithm(_) => Self::Type,
            Fault::Key => Self::Key,
            Fault::Signature => Self::Signature,
            Fault::Subject => Self::Subject,
        }
    }
}

/// The signing input of a request: sign it with the key of `jwk`.
pub fn signing_input(jwk: &EcJwk, payload: &Payload) -> String {
    own_key::signing_input(TYP, jwk, payload.to_json().as_bytes())
}

impl Parsed {
    /// Reads a request: form, header and payload, nothing more.
    pub fn read(text: &str) -> Result<Self, ErasureError> {
        let signed = OwnKey::read(Compact::parse(text)?, TYP)?;
        let payload: Payload = signed.jws.payload()?;
        payload.check()?;
        Ok(Self { signed, payload })
    }

    /// What it claims.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Checks the signature with the key in the header, and that this key is the one the request names.
    pub fn verify(self, verifier: &impl Verifier) -> Result<VerifiedErasure, ErasureError> {
        let jws = self.signed.verify(Some(&self.payload.subject), verifier)?;
        Ok(VerifiedErasure {
            jws,
            payload: self.payload,
        })
    }
}

impl Payload {
    /// The exact text that is signed. Written by hand: browsers sign it, and carry no JSON writer for it.
    pub fn to_json(&self) -> String {
        let mut out = format!(r#"{{"v":{},"id":"#, self.v);
        push_text(&mut out, &self.id);
        out.push_str(r#","site":"#);
        push_text(&mut out, &self.site);
        out.push_str(r#","subject":"#);
        push_text(&mut out, &self.subject);
        out.push_str(&format!(r#","time":{}}}"#, self.time));
        out
    }

    fn check(&self) -> Result<(), ErasureError> {
        let fault = if self.v != VERSION {
            "`v` is not 1"
        } else if !is_uuid_v7(&self.id) {
            "`id` is not a UUIDv7"
        } else if Digest::parse(&self.subject).is_none() {
            "`subject` is not a thumbprint"
        } else {
            return Ok(());
        };
        Err(ErasureError::Payload(fault))
    }
}

impl VerifiedErasure {
    /// The exact JWS.
    pub fn jws(&self) -> &str {
        self.jws.text()
    }

    /// What was signed, read.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Whose receipts are to be erased.
    pub fn subject(&self) -> &str {
        &self.payload.subject
    }
}
