//! `sayso.toml`: what a site declares. Read strictly, with errors that name file, line, field and remedy.
//!
//! Reading is in two steps: the text into [`raw`] shapes, then [`check`]s of what shapes alone cannot hold (ids used
//! twice, languages without a text, a no that is forgotten before a yes). Every fault found is reported, not only the
//! first.

mod check;
mod error;
mod following;
mod operation;
mod origin;
mod raw;
mod show;
mod signal;

use std::collections::BTreeMap;

pub use error::ConfigError;
pub use following::{FollowedLog, Following};
pub use operation::{Keep, Limits, LogConfig, SmtpUrl, WitnessConfig};
pub use origin::Origin;
pub use signal::{Vendor, VendorConfig, VendorSettings};

use crate::gate::FirstLayer;
use crate::notice::Texts;
use crate::policy::{
    Channel, Days, LegalBasis, Model, Party, Policy, PurposeId, ServiceId, StorageKind,
};
use crate::view::{Controller, Link};

/// What a site declares, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteConfig {
    /// The site's id: names its data, and stands in every receipt.
    pub id: String,
    /// The site's name as people know it.
    pub name: String,
    /// Where its pages live.
    pub origins: Vec<Origin>,
    /// The base path of the service, such as `/sayso`.
    pub base: String,
    /// The site's languages; the first is the default.
    pub languages: Vec<String>,
    /// Who draws the first layer.
    pub first_layer: FirstLayer,
    /// The site's policy page.
    pub policy_page: String,
    /// The cookie's `Domain`; empty for the page's own host alone.
    pub cookie_domain: String,
    /// Who mails come from, as in a `From` header.
    pub mail_from: String,
    /// Where its mails are handed over, if not where the command says.
    pub mail_smtp: Option<SmtpUrl>,
    /// Its log: how often a checkpoint is published, and who cosigns it.
    pub log: LogConfig,
    /// How long receipts and addresses are kept.
    pub keep: Keep,
    /// What one network may ask for.
    pub limits: Limits,
    /// How long answers hold.
    pub days: Days,
    /// The controllers by id.
    pub controllers: BTreeMap<String, Controller>,
    /// Whose rules apply where nothing is known of the visitor.
    pub default_jurisdiction: String,
    /// The jurisdictions by name.
    pub jurisdictions: BTreeMap<String, Jurisdiction>,
    /// The purposes in the order they are shown.
    pub purposes: Vec<PurposeConfig>,
    /// The newsletter.
    pub newsletter: Option<NewsletterConfig>,
    /// The vendors whose own tags are told of an answer.
    pub vendors: Vec<VendorConfig>,
    /// Messages that are always sent.
    pub service_messages: Vec<Texts>,
}

/// A jurisdiction's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jurisdiction {
    /// The consent model.
    pub model: Model,
    /// The controller's id.
    pub controller: String,
    /// Below this age a parent must confirm.
    pub age: u32,
    /// The supervisory authority.
    pub authority: Option<Link>,
}

/// A purpose as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeConfig {
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
    /// A Global Privacy Control signal objects to it.
    pub gpc: bool,
    /// Its title.
    pub title: Texts,
    /// What it is for.
    pub description: Texts,
    /// Who else gets the data, where no service says so.
    pub recipients: Vec<String>,
    /// The services under it.
    pub services: Vec<ServiceConfig>,
}

/// A service as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConfig {
    /// Its id.
    pub id: ServiceId,
    /// The first revision of its purpose that named it.
    pub since: u32,
    /// May be switched off although necessary.
    pub switchable: bool,
    /// What stops working then.
    pub without: Texts,
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: Texts,
    /// Who runs it.
    pub provider: String,
    /// The provider's policy.
    pub provider_policy: String,
    /// Hosts it talks to.
    pub hosts: Vec<String>,
    /// Who else gets the data.
    pub recipients: Vec<String>,
    /// Where the data is kept.
    pub location: Texts,
    /// Further storage keys to clear, beside the declared ones.
    pub storage: Vec<String>,
    /// What it keeps in the browser.
    pub cookies: Vec<CookieConfig>,
}

/// A cookie or storage key as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieConfig {
    /// Its name, or a prefix ending in `*`.
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

/// The newsletter as declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsletterConfig {
    /// The purpose it asks for.
    pub purpose: PurposeId,
    /// The sentence beside the box that is ticked.
    pub consent: Texts,
    /// The topics in order: id and title.
    pub topics: Vec<(String, Texts)>,
}

impl SiteConfig {
    /// Reads the text of a `sayso.toml`. `file` is only for the errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<ConfigError>> {
        let source = error::Source { file, text };
        let raw: raw::Root =
            toml::from_str(text).map_err(|error| vec![source.toml_fault(&error)])?;
        check::check(&source, raw)
    }

    /// The default language.
    pub fn default_language(&self) -> &str {
        self.languages.first().map_or("en", String::as_str)
    }

    /// Whether pages of this origin may send answers that open something.
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|o| o.allows(origin))
    }

    /// The purpose of this id.
    pub fn purpose(&self, id: &str) -> Option<&PurposeConfig> {
        self.purposes.iter().find(|p| p.id.as_str() == id)
    }

    /// The policy in short form for a jurisdiction, `device` purposes only.
    pub fn policy(&self, jurisdiction: &str) -> Policy {
        let model = self
            .jurisdictions
            .get(jurisdiction)
            .map_or(Model::OptIn, |j| j.model);
        let purposes = self
            .purposes
            .iter()
            .filter(|p| p.channel == Channel::Device)
            .map(show::short)
            .collect();
        Policy {
            model,
            days: self.days,
            purposes,
        }
    }
}
