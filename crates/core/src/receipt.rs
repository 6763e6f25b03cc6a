//! The receipt: a decision, signed by the visitor's browser.
//!
//! A compact JWS, `typ: consent-receipt+jws`, ES256, the public key in the header. The path to being believed is a path
//! through types: text → [`Parsed`] → [`VerifiedReceipt`]; only the last can enter a ledger.

mod draft;

use crate::map::Map;

use serde::{Deserialize, Serialize};

use crate::cookie::{Choice, CookieError};
use crate::crypto::{EcJwk, Verifier};
use crate::decision::{Action, Decision, Surface};
use crate::digest::Digest;
use crate::id::is_uuid_v7;
use crate::jws::{Compact, JwsError};
use crate::own_key::{self, Fault, OwnKey};
use crate::policy::{LegalBasis, Model, PurposeId, ServiceId};
use crate::record::Status;

pub use draft::Draft;

/// The version of the shape.
pub const VERSION: u32 = 1;
/// The header's `typ`.
pub const TYP: &str = "consent-receipt+jws";
/// The header's `alg`.
pub const ALG: &str = own_key::ALG;

/// What is signed. **Do not modify:** member names and their order are a published shape, held by `vectors/receipt.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// Always [`VERSION`].
    pub v: u32,
    /// The receipt's own id, UUIDv7.
    pub id: String,
    /// The decision's id, UUIDv7. Several receipts may tell of one decision; counts go by this.
    pub decision: String,
    /// The site's id.
    pub site: String,
    /// Thumbprint (RFC 7638) of the key that signs; absent where the server witnessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Hash of this key's receipt before; absent on the first and on one signed with a key used once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// The visitor's clock, milliseconds since 1970.
    pub time: u64,
    /// Where the decision was made.
    pub surface: Surface,
    /// What was done.
    pub action: Action,
    /// BCP 47 tag of the language shown.
    pub language: String,
    /// Whose rules applied.
    pub jurisdiction: String,
    /// The consent model there.
    pub model: Model,
    /// The controller's id.
    pub controller: String,
    /// Digest of the notice.
    pub notice: String,
    /// Digest of the layer as it was sent.
    pub layer: String,
    /// Whether both answers were in view and unobstructed.
    pub in_view: bool,
    /// Signals seen, such as `gpc`.
    pub signals: Vec<String>,
    /// For a decision about an address: HMAC-SHA-256 of the address under that subscription's salt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How the server came to record it; only on witnessed receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// What was answered, purpose by purpose, sorted by id.
    pub purposes: Vec<PurposeAnswer>,
}

/// How a decision reached the server that witnessed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// A form without a signature.
    Form,
    /// A signed link from a mail.
    Link,
    /// RFC 8058 one-click unsubscription.
    OneClick,
    /// The gate, which cannot sign.
    Gate,
    /// An operator, from a letter or a call.
    Operator,
}

/// The answer for one purpose, as it stands in a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeAnswer {
    /// Its id.
    pub id: PurposeId,
    /// The revision it was answered for.
    pub revision: u32,
    /// The status the answer set.
    pub status: Status,
    /// The legal basis named when it was asked.
    pub basis: LegalBasis,
    /// Day since 1970 from which it no longer counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapses: Option<u32>,
    /// Services answered apart.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub services: Map<ServiceId, bool>,
}

/// What a payload takes beside the decision itself.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The receipt's id, UUIDv7.
    pub id: String,
    /// The site's id.
    pub site: String,
    /// Thumbprint of the signing key.
    pub subject: Option<String>,
    /// Hash of this key's receipt before.
    pub prev: Option<String>,
    /// For a decision about an address.
    pub about: Option<String>,
    /// Only when the server witnesses.
    pub via: Option<Via>,
}

/// Why a decision cannot become a payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The decision's choices do not follow the grammar.
    #[error("the decision's choices: {0}")]
    Choices(#[from] CookieError),
    /// A purpose that the policy does not have.
    #[error("the policy has no purpose {0}")]
    Purpose(PurposeId),
}

impl Payload {
    /// The payload of a decision. `basis` names the legal basis of a purpose, or `None` if the policy lacks it.
    pub fn new(
        decision: &Decision,
        details: Details,
        basis: impl Fn(&str) -> Option<LegalBasis>,
    ) -> Result<Self, PayloadError> {
        let mut purposes = Vec::new();
        for (id, choice) in decision.choices()? {
            let basis = basis(id.as_str()).ok_or_else(|| PayloadError::Purpose(id.clone()))?;
            purposes.push(PurposeAnswer::new(id, choice, basis));
        }
        Ok(Self {
            v: VERSION,
            id: details.id,
            decision: decision.id.clone(),
            site: details.site,
            subject: details.subject,
            prev: details.prev,
            time: decision.time,
            surface: decision.surface,
            action: decision.action,
            language: decision.language.clone(),
            jurisdiction: decision.jurisdiction.clone(),
            model: decision.model,
            controller: decision.controller.clone(),
            notice: decision.notice.clone(),
            layer: decision.layer.clone(),
            in_view: decision.in_view,
            signals: decision.signals.clone(),
            about: details.about,
            via: details.via,
            purposes,
        })
    }

    /// The exact bytes that are signed.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings, numbers, enums and maps with string keys: serialising them has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The status a purpose was given.
    pub fn status(&self, purpose: &str) -> Option<Status> {
        self.purposes
            .iter()
            .find(|p| p.id.as_str() == purpose)
            .map(|p| p.status)
    }

    /// What the types alone do not hold: ids, digests, and that no purpose is answered twice.
    fn check(&self) -> Result<(), ReceiptError> {
        let digest = |text: &str| Digest::parse(text).is_some();
        let optional = |text: &Option<String>| text.as_deref().is_none_or(digest);
        let fault = if self.v != VERSION {
            "`v` is not 1"
        } else if !is_uuid_v7(&self.id) {
            "`id` is not a UUIDv7"
        } else if !is_uuid_v7(&self.decision) {
            "`decision` is not a UUIDv7"
        } else if !optional(&self.subject) {
            "`subject` is not a thumbprint"
        } else if !optional(&self.prev) {
            "`prev` is not a digest"
        } else if !optional(&self.about) {
            "`about` is not a digest"
        } else if !digest(&self.notice) {
            "`notice` is not a digest"
        } else if !digest(&self.layer) {
            "`layer` is not a digest"
        } else if self.purposes.is_empty() {
            "`purposes` is empty"
        } else if self.purposes.windows(2).any(|w| w[0].id >= w[1].id) {
            "`purposes` is not sorted by id without repetition"
        } else {
            return Ok(());
        };
        Err(ReceiptError::Payload(fault))
    }
}

impl PurposeAnswer {
    fn new(id: PurposeId, choice: Choice, basis: LegalBasis) -> Self {
        Self {
            id,
            revision: choice.revision,
            status: choice.letter.into(),
            basis,
            lapses: choice.day,
            services: choice.services,
        }
    }
}

/// The signing input of a receipt: sign it with ES256 and hand both to [`Compact::assemble`].
pub fn signing_input(jwk: &EcJwk, payload: &Payload) -> String {
    signing_input_of(jwk, &payload.to_bytes())
}

fn signing_input_of(jwk: &EcJwk, payload: &[u8]) -> String {
    own_key::signing_input(TYP, jwk, payload)
}

/// A receipt, read and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    signed: OwnKey,
    payload: Payload,
}

/// A receipt whose signature holds and whose key is the one it names, or one that a known witness key signed.
///
/// There is no way to make one but by verifying, so whoever takes this type need not check again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    pub(crate) jws: Compact,
    pub(crate) payload: Payload,
    pub(crate) kind: Kind,
    pub(crate) kid: Option<String>,
}

/// Who signed a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key of the visitor's browser.
    Signed,
    /// The server's witness key: recorded by the server, not signed by the visitor.
    Witnessed,
}

/// Why a text is not a receipt to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The compact form is broken.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Another `typ` than a receipt's.
    #[error("the header's typ is {0:?}, not a receipt's")]
    Type(String),
    /// Another `alg` than the one that belongs to the `typ`.
    #[error("the header's alg is {0:?}, not the one that receipts of this typ are signed with")]
    Algorithm(String),
    /// The `jwk` is not a P-256 key.
    #[error("the header's jwk is not a P-256 public key")]
    Key,
    /// The payload has the right members with wrong contents.
    #[error("the payload: {0}")]
    Payload(&'static str),
    /// The key in the header is not the one that the payload names.
    #[error("the key in the header is not the one that the receipt names as its subject")]
    Subject,
    /// No published witness key has this id.
    #[error("no witness key {0} is among the site's published keys")]
    UnknownKey(String),
    /// The signature does not hold.
    #[error("the signature does not hold: the receipt was altered, or another key signed it")]
    Signature,
}

/// Reads `typ` and `alg` before anything else, so that a stranger's JWS is refused by what it says it is.
#[derive(Deserialize)]
pub(crate) struct TypeOnly {
    pub(crate) typ: Option<String>,
    pub(crate) alg: Option<String>,
}

pub(crate) fn expect_type(jws: &Compact, typ: &str, alg: &str) -> Result<(), ReceiptError> {
    let header: TypeOnly = jws.header()?;
    let found = header.typ.unwrap_or_default();
    if found != typ {
        return Err(ReceiptError::Type(found));
    }
    let found = header.alg.unwrap_or_default();
    if found != alg {
        return Err(ReceiptError::Algorithm(found));
    }
    Ok(())
}

impl From<Fault> for ReceiptError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Jws(error) => Self::Jws(error),
            Fault::Type(found) => Self::Type(found),
            Fault::Algorithm(found) => Self::Algorithm(found),
            Fault::Key => Self::Key,
            Fault::Signature => Self::Signature,
            Fault::Subject => Self::Subject,
        }
    }
}

impl Parsed {
    /// Reads a self-signed receipt: form, header and payload, nothing more.
    pub fn read(text: &str) -> Result<Self, ReceiptError> {
        Self::of(Compact::parse(text)?)
    }

    /// The same of one that is taken apart already.
    pub(crate) fn of(jws: Compact) -> Result<Self, ReceiptError> {
        let signed = OwnKey::read(jws, TYP)?;
        let payload: Payload = signed.jws.payload()?;
        payload.check()?;
        if payload.via.is_some() {
            return Err(ReceiptError::Payload("`via` belongs to witnessed receipts"));
        }
        Ok(Self { signed, payload })
    }

    /// What it claims.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Checks the signature with the key in the header, and that this key is the one the receipt names.
    pub fn verify(self, verifier: &impl Verifier) -> Result<VerifiedReceipt, ReceiptError> {
        let jws = self
            .signed
            .verify(self.payload.subject.as_deref(), verifier)?;
        Ok(VerifiedReceipt {
            jws,
            payload: self.payload,
            kind: Kind::Signed,
            kid: None,
        })
    }
}

impl VerifiedReceipt {
    /// The exact JWS.
    pub fn jws(&self) -> &str {
        self.jws.text()
    }

    /// The same, taken apart.
    pub fn compact(&self) -> &Compact {
        &self.jws
    }

    /// What was signed, read.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Who signed.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The id of the witness key that signed; none where the visitor's key did.
    pub fn witness_key(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// SHA-256 of the signing input: names this receipt, whatever becomes of the signature's form.
    pub fn receipt_hash(&self) -> Digest {
        self.jws.content_hash()
    }
}

pub(crate) fn check_payload(payload: &Payload) -> Result<(), ReceiptError> {
    payload.check()
}
