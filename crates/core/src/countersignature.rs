//! The countersignature: the server's word that it had a receipt by a certain time, at a certain place in its log.

use serde::{Deserialize, Serialize};

use crate::crypto::{Jwks, KeyRole, Verifier};
use crate::jws::{self, Compact, JwsError};
use crate::receipt::TypeOnly;

/// The version of the shape.
pub const VERSION: u32 = 1;
/// The header's `typ`.
pub const TYP: &str = "consent-countersignature+jws";
/// The header's `alg` (RFC 9864).
pub const ALG: &str = "Ed25519";

/// What the server signs. **Do not modify:** a published shape, held by `vectors/receipt.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Always [`VERSION`].
    pub v: u32,
    /// SHA-256 of the receipt's signing input.
    pub receipt_hash: String,
    /// The commitment that stands in the log; binds the salt.
    pub commitment: String,
    /// The server's clock when it had the receipt, milliseconds since 1970.
    pub received: u64,
    /// The receipt's place in the log: 0, 1, 2 … without gaps.
    pub index: u64,
    /// The log's origin, such as `larkspur.example/sayso`.
    pub log: String,
    /// Oddities noted on arrival, such as `clock`.
    pub flags: Vec<String>,
}

/// A countersignature, read and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    jws: Compact,
    kid: String,
    statement: Statement,
}

/// Why a text is not a countersignature to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountersignatureError {
    /// The compact form, the header or the payload is broken.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Another `typ` or `alg`.
    #[error("the header does not say typ {TYP}, alg {ALG}")]
    Type,
    /// Another version.
    #[error("the payload's `v` is {0}, not {VERSION}")]
    Version(u32),
    /// No published key has this id.
    #[error("no countersigning key {0} is among the site's published keys")]
    UnknownKey(String),
    /// The signature does not hold.
    #[error("the countersignature does not hold: it was altered, or another key signed it")]
    Signature,
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

/// The signing input of a countersignature: sign it with the key `kid`.
pub fn signing_input(kid: &str, statement: &Statement) -> String {
    let header = format!(r#"{{"typ":"{TYP}","alg":"{ALG}","kid":"{kid}"}}"#);
    // Strings and numbers: serialising them has no way to fail.
    jws::signing_input(
        header.as_bytes(),
        &serde_json::to_vec(statement).unwrap_or_default(),
    )
}

impl Parsed {
    /// Reads a countersignature: form, header and statement, nothing more.
    pub fn read(text: &str) -> Result<Self, CountersignatureError> {
        let jws = Compact::parse(text)?;
        let header: TypeOnly = jws.header()?;
        if header.typ.as_deref() != Some(TYP) || header.alg.as_deref() != Some(ALG) {
            return Err(CountersignatureError::Type);
        }
        let header: Header = jws.header()?;
        let statement: Statement = jws.payload()?;
        if statement.v != VERSION {
            return Err(CountersignatureError::Version(statement.v));
        }
        Ok(Self {
            jws,
            kid: header.kid,
            statement,
        })
    }

    /// What it claims.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The id of the key it says it is signed with.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks the signature with the countersigning key of this id among the site's published keys.
    pub fn verify(
        self,
        keys: &Jwks,
        verifier: &impl Verifier,
    ) -> Result<Statement, CountersignatureError> {
        let key = keys
            .find(&self.kid, KeyRole::Countersignature)
            .ok_or_else(|| CountersignatureError::UnknownKey(self.kid.clone()))?;
        if !verifier.ed25519(
            &key,
            self.jws.signing_input().as_bytes(),
            self.jws.signature(),
        ) {
            return Err(CountersignatureError::Signature);
        }
        Ok(self.statement)
    }
}
