//! What is signed: a decision becomes a payload, and the payload its signing input. The key itself is elsewhere.

use sayso_core::crypto::EcJwk;
use sayso_core::decision::Decision;
use sayso_core::policy::LegalBasis;
use sayso_core::receipt::{self, Details, Payload, PayloadError};
use sayso_core::wire::UnsignedDecision;
use serde::Deserialize;

/// The part of the gate's configuration that settling needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Site {
    /// The site's id.
    pub site: String,
    /// The purposes of the device.
    pub purposes: Vec<Basis>,
}

/// The legal basis of a purpose.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Basis {
    /// The purpose's id.
    pub id: String,
    /// What it rests on.
    pub basis: LegalBasis,
}

/// What makes one receipt differ from another of the same decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The receipt's id, UUIDv7.
    pub id: String,
    /// The hash of this key's receipt before, if the key is kept.
    pub prev: Option<String>,
    /// For a decision about an address: the address under its salt.
    pub about: Option<String>,
}

impl Site {
    /// The signing input of a decision's receipt, signed by the key `jwk`.
    pub fn signing_input(&self, decision: &Decision, mark: Mark, jwk: &EcJwk) -> Result<String, PayloadError> {
        let Mark { id, prev, about } = mark;
        let subject = Some(jwk.thumbprint().to_string());
        let details = Details { id, site: self.site.clone(), subject, prev, about, via: None };
        let basis = |id: &str| self.purposes.iter().find(|p| p.id == id).map(|p| p.basis);
        Ok(receipt::signing_input(jwk, &Payload::new(decision, details, basis)?))
    }
}

/// What the server is told where nothing could be signed.
pub fn unsigned(decision: &Decision) -> UnsignedDecision {
    UnsignedDecision {
        id: decision.id.clone(),
        time: decision.time,
        surface: decision.surface,
        action: decision.action,
        layer: decision.layer.clone(),
        in_view: decision.in_view,
        signals: decision.signals.clone(),
        choices: decision.choices.clone(),
    }
}
