//! The witnessed receipt: a decision that the server itself recorded, because nothing in the browser could sign it.
//!
//! The same payload without a subject, `typ: consent-witness+jws`, signed with a witness key of the site. Shown and
//! counted apart: recorded by the server, not signed by the visitor. No key is ever made in a visitor's name.

use serde::Deserialize;

use crate::crypto::{Jwks, KeyRole, Verifier};
use crate::jws::{self, Compact};
use crate::receipt::{Kind, Payload, ReceiptError, VerifiedReceipt, check_payload, expect_type};

/// The header's `typ`.
pub const TYP: &str = "consent-witness+jws";
/// The header's `alg` (RFC 9864).
pub const ALG: &str = "Ed25519";

/// A witnessed receipt, read and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    jws: Compact,
    kid: String,
    payload: Payload,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "typ")]
    _typ: String,
    #[serde(rename = "alg")]
    _alg: String,
    kid: String,
}

/// The signing input of a witnessed receipt: sign it with the witness key `kid`.
pub fn signing_input(kid: &str, payload: &Payload) -> String {
    let header = format!(r#"{{"typ":"{TYP}","alg":"{ALG}","kid":"{kid}"}}"#);
    jws::signing_input(header.as_bytes(), &payload.to_bytes())
}

impl Parsed {
    /// Reads a witnessed receipt: form, header and payload, nothing more.
    pub fn read(text: &str) -> Result<Self, ReceiptError> {
        Self::of(Compact::parse(text)?)
    }

    /// The same of one that is taken apart already.
    pub(crate) fn of(jws: Compact) -> Result<Self, ReceiptError> {
        expect_type(&jws, TYP, ALG)?;
        let header: Header = jws.header()?;
        let payload: Payload = jws.payload()?;
        check_payload(&payload)?;
        if payload.via.is_none() {
            return Err(ReceiptError::Payload(
                "`via` is missing: a witnessed receipt says how the decision came",
            ));
        }
        if payload.subject.is_some() || payload.prev.is_some() {
            return Err(ReceiptError::Payload(
                "`subject` and `prev` belong to receipts that a visitor's key signed",
            ));
        }
        Ok(Self {
            jws,
            kid: header.kid,
            payload,
        })
    }

    /// What it claims.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Checks the signature with the witness key of this id among the site's published keys.
    pub fn verify(
        self,
        keys: &Jwks,
        verifier: &impl Verifier,
    ) -> Result<VerifiedReceipt, ReceiptError> {
        let key = keys
            .find(&self.kid, KeyRole::Witness)
            .ok_or_else(|| ReceiptError::UnknownKey(self.kid.clone()))?;
        if !verifier.ed25519(
            &key,
            self.jws.signing_input().as_bytes(),
            self.jws.signature(),
        ) {
            return Err(ReceiptError::Signature);
        }
        Ok(VerifiedReceipt {
            jws: self.jws,
            payload: self.payload,
            kind: Kind::Witnessed,
            kid: Some(self.kid),
        })
    }
}
