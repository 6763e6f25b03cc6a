//! Everything shown to a visitor, in one language and one jurisdiction: the document the Yew components draw.
//!
//! The server makes one per language and jurisdiction from the site's configuration and the locale, serves it under a
//! content-hashed name, and keeps its exact bytes: [`View::digest`] of these bytes is what a receipt from the preference
//! centre names as `layer`, so what was asked can be shown again years later.

use crate::map::Map;

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, sha256};
use crate::policy::{
    Channel, Days, LegalBasis, Model, Party, PurposeId, ServiceId, StorageKind, is_false,
};

/// The version of the shape.
pub const VERSION: u32 = 1;

/// Everything shown, in one language and one jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Always [`VERSION`].
    pub v: u32,
    /// The site's id.
    pub site: String,
    /// The site's name as people know it.
    pub name: String,
    /// The base path of the service on the site's host, such as `/sayso`.
    pub base: String,
    /// BCP 47 tag of the language of every text here.
    pub language: String,
    /// Every language the site has texts in, for a language choice.
    #[serde(default)]
    pub languages: Vec<String>,
    /// `ltr` or `rtl`.
    pub direction: String,
    /// Whose rules apply, such as `EU`.
    pub jurisdiction: String,
    /// The consent model there.
    pub model: Model,
    /// Digest of the notice these texts belong to.
    pub notice: String,
    /// Who decides.
    pub controller: Controller,
    /// The supervisory authority to complain to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Link>,
    /// Below this age a parent must confirm.
    #[serde(default)]
    pub age: u32,
    /// How long answers hold.
    pub days: Days,
    /// The site's policy page, relative or https.
    #[serde(default)]
    pub policy_page: String,
    /// The purposes in the order they are shown, both channels.
    pub purposes: Vec<PurposeView>,
    /// The newsletter form, if the site has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newsletter: Option<Newsletter>,
    /// Messages that are always sent because the service needs them; listed, never switchable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_messages: Vec<String>,
    /// The words of the interface, by key, in this language.
    pub texts: Map<String, String>,
}

/// Who decides why and how data is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// Its id, as receipts name it.
    pub id: String,
    /// Its legal name.
    pub name: String,
    /// Its postal address.
    pub address: String,
    /// Where to write about privacy.
    pub email: String,
    /// The data-protection officer, if one is named.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub officer: String,
}

/// A name and where it leads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is called.
    pub name: String,
    /// An https or site-relative address.
    pub url: String,
}

/// A purpose as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeView {
    /// Its id.
    pub id: PurposeId,
    /// Its revision.
    pub revision: u32,
    /// Where it is answered.
    pub channel: Channel,
    /// The legal basis.
    pub basis: LegalBasis,
    /// Strictly necessary: needs no answer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub necessary: bool,
    /// A Global Privacy Control signal objects to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gpc: bool,
    /// Its title.
    pub title: String,
    /// What it is for, in a sentence or two.
    pub description: String,
    /// Who else gets the data, where no service says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// The services under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceView>,
}

/// A service as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Its id.
    pub id: ServiceId,
    /// The first revision of its purpose that named it.
    pub since: u32,
    /// Under a necessary purpose: the visitor may still switch it off.
    #[serde(default, skip_serializing_if = "is_false")]
    pub switchable: bool,
    /// What stops working when it is switched off.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub without: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Who runs it.
    pub provider: String,
    /// The provider's policy, https or relative; empty if none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub provider_policy: String,
    /// Hosts it talks to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Who else gets the data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<String>,
    /// Where the data is kept, such as `Germany`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// What it keeps in the browser.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cookies: Vec<CookieView>,
}

/// A cookie or storage key as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieView {
    /// Its name, or a prefix ending in `*`.
    pub name: String,
    /// Cookie, storage key or pixel.
    pub kind: StorageKind,
    /// Who sets it.
    pub party: Party,
    /// How long it stays, in words of this language.
    pub duration: String,
    /// What it is for.
    pub purpose: String,
}

/// The newsletter form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newsletter {
    /// The purpose it asks for.
    pub purpose: PurposeId,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Topic>,
    /// The sentence beside the box that is ticked.
    pub consent: String,
}

/// A newsletter topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
}

impl View {
    /// The digest of a view's exact bytes, as served.
    pub fn digest(bytes: &[u8]) -> Digest {
        sha256(bytes)
    }

    /// A text of the interface by key; the key itself if the locale lacks it, so that a gap is seen and nothing breaks.
    pub fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.texts.get(key).map_or(key, String::as_str)
    }

    /// The purpose of this id.
    pub fn purpose(&self, id: &str) -> Option<&PurposeView> {
        self.purposes.iter().find(|p| p.id.as_str() == id)
    }
}
