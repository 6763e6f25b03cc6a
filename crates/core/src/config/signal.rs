//! The vendors whose own tags are told of an answer: `[signals]`. Each only where the site declares it.

use crate::map::Map;
use serde::Serialize;

/// A vendor whose tags are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorConfig {
    /// Which one.
    pub vendor: Vendor,
    /// What the vendor's own code in the gate is told.
    pub settings: VendorSettings,
}

/// The vendors that the gate knows how to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Google Consent Mode v2.
    Google,
    /// Microsoft Advertising (UET).
    Uet,
    /// Microsoft Clarity, consent API v2.
    Clarity,
    /// Meta pixel.
    Meta,
    /// Matomo.
    Matomo,
}

/// A vendor's settings, as `www/gate/vendor/` reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VendorSettings {
    /// The vendor's signals, each with the purpose or service that it follows.
    pub signals: Map<String, String>,
    /// Google: for how many milliseconds tags wait for an answer that is already there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<u32>,
    /// Google: where the denied default holds (ISO 3166-2); everywhere if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub region: Vec<String>,
    /// Google: click identifiers are redacted while advertising storage is denied.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub redact: bool,
    /// Google: links carry click identifiers while storage is denied.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pass: bool,
    /// Matomo: only its cookies wait for consent, not its requests.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cookies: bool,
}

impl Vendor {
    /// Its name in `sayso.toml` and in the names of its pieces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Uet => "uet",
            Self::Clarity => "clarity",
            Self::Meta => "meta",
            Self::Matomo => "matomo",
        }
    }
}

impl VendorConfig {
    /// The purposes and services that its signals follow, each once, in order.
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.settings.signals.values().map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}
