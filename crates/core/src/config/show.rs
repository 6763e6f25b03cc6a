//! From the configuration to what is shown and sent: notice, view, and the gate's short form.

use super::{PurposeConfig, ServiceConfig, SiteConfig};
use crate::digest::Digest;
use crate::gate::{self, Files, GateConfig};
use crate::map::Map;
use crate::notice::{
    self, CookieNotice, JurisdictionNotice, NewsletterNotice, Notice, PurposeNotice, ServiceNotice,
    Texts,
};
use crate::policy::{Model, Purpose, Service, StorageKind};
use crate::view::{self, CookieView, Newsletter, PurposeView, ServiceView, Topic, View};

/// Languages written from right to left.
const RIGHT_TO_LEFT: [&str; 8] = ["ar", "arc", "dv", "fa", "he", "ku", "ur", "yi"];

impl SiteConfig {
    /// What is asked, frozen.
    pub fn notice(&self) -> Notice {
        Notice {
            v: notice::VERSION,
            site: self.id.clone(),
            name: self.name.clone(),
            controllers: self.controllers.clone(),
            jurisdictions: self
                .jurisdictions
                .iter()
                .map(|(name, j)| {
                    (
                        name.clone(),
                        JurisdictionNotice {
                            model: j.model,
                            controller: j.controller.clone(),
                        },
                    )
                })
                .collect(),
            purposes: self.purposes.iter().map(purpose_notice).collect(),
            newsletter: self.newsletter.as_ref().map(|n| NewsletterNotice {
                consent: n.consent.clone(),
                topics: n.topics.iter().cloned().collect(),
            }),
        }
    }

    /// Everything shown, in one language and one jurisdiction. `texts` are the interface's words in that language.
    pub fn view(
        &self,
        language: &str,
        jurisdiction: &str,
        notice: Digest,
        texts: impl IntoIterator<Item = (String, String)>,
    ) -> View {
        let rules = self.jurisdictions.get(jurisdiction);
        let controller = rules
            .and_then(|j| self.controllers.get(&j.controller))
            .cloned()
            .unwrap_or_default();
        View {
            v: view::VERSION,
            site: self.id.clone(),
            name: self.name.clone(),
            base: self.base.clone(),
            language: language.to_owned(),
            languages: self.languages.clone(),
            direction: direction(language).to_owned(),
            jurisdiction: jurisdiction.to_owned(),
            model: rules.map_or(Model::OptIn, |j| j.model),
            notice: notice.to_string(),
            controller,
            authority: rules.and_then(|j| j.authority.clone()),
            age: rules.map_or(0, |j| j.age),
            days: self.days,
            policy_page: self.policy_page.clone(),
            purposes: self
                .purposes
                .iter()
                .map(|p| purpose_view(p, language))
                .collect(),
            newsletter: self.newsletter.as_ref().map(|n| Newsletter {
                purpose: n.purpose.clone(),
                topics: n
                    .topics
                    .iter()
                    .map(|(id, title)| Topic {
                        id: id.clone(),
                        title: text(title, language),
                    })
                    .collect(),
                consent: text(&n.consent, language),
            }),
            service_messages: self
                .service_messages
                .iter()
                .map(|m| text(m, language))
                .collect(),
            texts: texts.into_iter().collect(),
        }
    }

    /// The gate's configuration for one language and jurisdiction. `texts` are the placeholders' words.
    pub fn gate(
        &self,
        language: &str,
        jurisdiction: &str,
        notice: Digest,
        layer: Digest,
        files: Files,
        texts: Map<String, String>,
    ) -> GateConfig {
        let policy = self.policy(jurisdiction);
        GateConfig {
            v: gate::VERSION,
            site: self.id.clone(),
            base: self.base.clone(),
            language: language.to_owned(),
            jurisdiction: jurisdiction.to_owned(),
            model: policy.model,
            controller: self
                .jurisdictions
                .get(jurisdiction)
                .map_or_else(String::new, |j| j.controller.clone()),
            notice: notice.to_string(),
            layer: layer.to_string(),
            domain: self.cookie_domain.clone(),
            days: policy.days,
            first_layer: self.first_layer,
            purposes: policy.purposes,
            texts,
            files,
        }
    }
}

/// `rtl` or `ltr`.
pub(super) fn direction(language: &str) -> &'static str {
    let primary = language.split('-').next().unwrap_or(language);
    if RIGHT_TO_LEFT.contains(&primary) {
        "rtl"
    } else {
        "ltr"
    }
}

/// A purpose as the gate knows it.
pub(super) fn short(purpose: &PurposeConfig) -> Purpose {
    Purpose {
        id: purpose.id.clone(),
        revision: purpose.revision,
        basis: purpose.basis,
        necessary: purpose.necessary,
        gpc: purpose.gpc,
        services: purpose.services.iter().map(short_service).collect(),
    }
}

fn short_service(service: &ServiceConfig) -> Service {
    let named = |wanted: fn(StorageKind) -> bool| {
        // The gate's own cookie is not a service's to clear.
        let own = crate::cookie::NAME;
        service
            .cookies
            .iter()
            .filter(move |c| wanted(c.kind) && c.name != own)
            .map(|c| c.name.clone())
    };
    Service {
        id: service.id.clone(),
        since: service.since,
        switchable: service.switchable,
        name: service.name.clone(),
        provider: service.provider.clone(),
        cookies: named(|k| k == StorageKind::Cookie).collect(),
        storage: named(|k| matches!(k, StorageKind::LocalStorage | StorageKind::SessionStorage))
            .chain(service.storage.iter().cloned())
            .collect(),
    }
}

fn purpose_notice(purpose: &PurposeConfig) -> PurposeNotice {
    PurposeNotice {
        id: purpose.id.clone(),
        revision: purpose.revision,
        channel: purpose.channel,
        basis: purpose.basis,
        necessary: purpose.necessary,
        title: purpose.title.clone(),
        description: purpose.description.clone(),
        recipients: purpose.recipients.clone(),
        services: purpose.services.iter().map(service_notice).collect(),
    }
}

fn service_notice(service: &ServiceConfig) -> ServiceNotice {
    ServiceNotice {
        id: service.id.clone(),
        name: service.name.clone(),
        description: service.description.clone(),
        provider: service.provider.clone(),
        hosts: service.hosts.clone(),
        recipients: service.recipients.clone(),
        location: service.location.clone(),
        cookies: service
            .cookies
            .iter()
            .map(|c| CookieNotice {
                name: c.name.clone(),
                kind: c.kind,
                party: c.party,
                duration: c.duration.clone(),
                purpose: c.purpose.clone(),
            })
            .collect(),
    }
}

fn purpose_view(purpose: &PurposeConfig, language: &str) -> PurposeView {
    PurposeView {
        id: purpose.id.clone(),
        revision: purpose.revision,
        channel: purpose.channel,
        basis: purpose.basis,
        necessary: purpose.necessary,
        gpc: purpose.gpc,
        title: text(&purpose.title, language),
        description: text(&purpose.description, language),
        recipients: purpose.recipients.clone(),
        services: purpose
            .services
            .iter()
            .map(|s| service_view(s, language))
            .collect(),
    }
}

fn service_view(service: &ServiceConfig, language: &str) -> ServiceView {
    ServiceView {
        id: service.id.clone(),
        since: service.since,
        switchable: service.switchable,
        without: text(&service.without, language),
        name: service.name.clone(),
        description: text(&service.description, language),
        provider: service.provider.clone(),
        provider_policy: service.provider_policy.clone(),
        hosts: service.hosts.clone(),
        recipients: service.recipients.clone(),
        location: text(&service.location, language),
        cookies: service
            .cookies
            .iter()
            .map(|c| CookieView {
                name: c.name.clone(),
                kind: c.kind,
                party: c.party,
                duration: text(&c.duration, language),
                purpose: text(&c.purpose, language),
            })
            .collect(),
    }
}

fn text(texts: &Texts, language: &str) -> String {
    texts.get(language).cloned().unwrap_or_default()
}
