//! The notice: the versioned text of what is asked, in every language of the site, known by the digest of its bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, sha256};
use crate::policy::{Channel, LegalBasis, Party, PurposeId, ServiceId, StorageKind};
use crate::view::Controller;

/// The version of the shape.
pub const VERSION: u32 = 1;

/// A text in several languages, by BCP 47 tag.
pub type Texts = BTreeMap<String, String>;

/// What is asked, frozen. Serialised once; its digest is of those bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Always [`VERSION`].
    pub v: u32,
    /// The site's id.
    pub site: String,
    /// The site's name.
    pub name: String,
    /// Who decides, by id.
    pub controllers: BTreeMap<String, Controller>,
    /// Per jurisdiction: the consent model and the controller's id.
    pub jurisdictions: BTreeMap<String, JurisdictionNotice>,
    /// The purposes in the order they are shown.
    pub purposes: Vec<PurposeNotice>,
    /// The newsletter's consent sentence and topics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newsletter: Option<NewsletterNotice>,
}

/// A jurisdiction's rules as the notice states them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JurisdictionNotice {
    /// The consent model.
    pub model: crate::policy::Model,
    /// The controller's id.
    pub controller: String,
}

/// A purpose as the notice states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeNotice {
    /// Its id.
    pub id: PurposeId,
    /// Its revision.
    pub revision: u32,
    /// Where it is answered.
    pub channel: Channel,
    /// The legal basis.
    pub basis: LegalBasis,
    /// Strictly necessary.
    pub necessary: bool,
    /// Its title.
    pub title: Texts,
    /// What it is for.
    pub description: Texts,
    /// Who else gets the data, where no service says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// The services under it.
    pub services: Vec<ServiceNotice>,
}

/// A service as the notice states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceNotice {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Texts,
    /// Who runs it.
    pub provider: String,
    /// Hosts it talks to.
    pub hosts: Vec<String>,
    /// Who else gets the data.
    pub recipients: Vec<String>,
    /// Where the data is kept.
    pub location: Texts,
    /// What it keeps in the browser.
    pub cookies: Vec<CookieNotice>,
}

/// A cookie as the notice states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieNotice {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: StorageKind,
    /// Who sets it.
    pub party: Party,
    /// How long it stays.
    pub duration: Texts,
    /// What it is for.
    pub purpose: Texts,
}

/// The newsletter as the notice states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewsletterNotice {
    /// The sentence beside the box that is ticked.
    pub consent: Texts,
    /// The topics' titles by id.
    pub topics: BTreeMap<String, Texts>,
}

impl Notice {
    /// The exact bytes that are kept, served and hashed.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings, numbers, enums and maps with string keys: serialising them has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The digest of a notice's bytes.
    pub fn digest(bytes: &[u8]) -> Digest {
        sha256(bytes)
    }
}
