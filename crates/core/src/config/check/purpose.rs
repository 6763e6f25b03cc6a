//! Checks of `[[purposes]]` with their services, and of what these leave behind.

use std::fmt::Display;

use toml::Spanned;

use super::Check;
use crate::config::{CookieConfig, PurposeConfig, ServiceConfig, raw};
use crate::notice::Texts;
use crate::policy::{Channel, LegalBasis, PurposeId, ServiceId};

impl Check<'_> {
    pub(super) fn purpose(&mut self, raw: raw::Purpose) -> Option<PurposeConfig> {
        let id = self.id(&raw.id, PurposeId::new(raw.id.get_ref()))?;
        if *raw.revision.get_ref() == 0 {
            self.fault(
                raw.revision.span(),
                "revisions count from 1",
                "write revision = 1",
            );
        }
        if raw.necessary && raw.channel == Channel::Address {
            self.fault(
                raw.id.span(),
                "a necessary purpose is not answered for an address",
                "list it under [[service_messages]] instead",
            );
        }
        if raw.necessary && *raw.basis.get_ref() == LegalBasis::Consent {
            self.fault(
                raw.basis.span(),
                "what needs no answer cannot rest on consent",
                "name the basis it rests on, such as \"LegitimateInterest\" or \"Contract\"",
            );
        }
        let revision = *raw.revision.get_ref();
        let services = raw
            .services
            .into_iter()
            .filter_map(|s| self.service(s.into_inner(), revision, raw.necessary))
            .collect();
        Some(PurposeConfig {
            id,
            revision,
            channel: raw.channel,
            basis: raw.basis.into_inner(),
            necessary: raw.necessary,
            gpc: raw.gpc,
            title: self.texts(raw.title),
            description: self.texts(raw.description),
            recipients: raw.recipients,
            services,
        })
    }

    fn service(
        &mut self,
        raw: raw::Service,
        revision: u32,
        necessary: bool,
    ) -> Option<ServiceConfig> {
        let id = self.id(&raw.id, ServiceId::new(raw.id.get_ref()))?;
        let since = raw.since.as_ref().map_or(1, |s| *s.get_ref());
        if since == 0 || since > revision {
            let span = raw.since.as_ref().map_or(raw.id.span(), Spanned::span);
            self.fault(
                span,
                "`since` is the revision of the purpose that first named the service",
                format!("write 1 to {revision}"),
            );
        }
        if raw.switchable && !necessary {
            self.fault(
                raw.id.span(),
                "only a service of a necessary purpose is declared switchable; others always are",
                "take `switchable` out",
            );
        }
        if raw.switchable && raw.without.is_none() {
            self.fault(
                raw.id.span(),
                "a switchable service says what stops working without it",
                "add without = { en = \"…\" }",
            );
        }
        let optional = |check: &mut Self, texts: Option<Spanned<Texts>>| {
            texts.map_or_else(Texts::new, |t| check.texts(t))
        };
        for key in &raw.storage {
            self.pattern(key);
        }
        let cookies = raw.cookies.into_iter().map(|c| self.cookie(c)).collect();
        Some(ServiceConfig {
            id,
            since,
            switchable: raw.switchable,
            without: optional(self, raw.without),
            name: raw.name,
            description: self.texts(raw.description),
            provider: raw.provider,
            provider_policy: raw
                .provider_policy
                .map_or_else(String::new, |u| self.url(u)),
            hosts: raw.hosts,
            recipients: raw.recipients,
            location: optional(self, raw.location),
            storage: raw.storage.into_iter().map(Spanned::into_inner).collect(),
            cookies,
        })
    }

    /// An id of a purpose or a service as it was read, and that no other has it; `None` where it is none.
    fn id<T>(&mut self, raw: &Spanned<String>, read: Result<T, impl Display>) -> Option<T> {
        let id = match read {
            Ok(id) => id,
            Err(error) => {
                let mend = "choose another id; it is never reused for another meaning";
                self.fault(raw.span(), error.to_string(), mend);
                return None;
            }
        };
        if !self.ids.insert(raw.get_ref().clone()) {
            self.fault(
                raw.span(),
                format!("the id {:?} is used twice", raw.get_ref()),
                "purposes and services share one name space; choose another",
            );
        }
        Some(id)
    }

    fn cookie(&mut self, raw: raw::Cookie) -> CookieConfig {
        self.pattern(&raw.name);
        CookieConfig {
            name: raw.name.into_inner(),
            kind: raw.kind,
            party: raw.party,
            duration: self.texts(raw.duration),
            purpose: self.texts(raw.purpose),
        }
    }

    /// A name, or a prefix ending in `*`; never a pattern that would clear everything.
    fn pattern(&mut self, name: &Spanned<String>) {
        let text = name.get_ref();
        let body = text.strip_suffix('*').unwrap_or(text);
        if body.is_empty()
            || body.contains('*')
            || body
                .chars()
                .any(|c| c.is_control() || c == ';' || c == '=' || c == ',')
        {
            self.fault(
                name.span(),
                format!("{text:?} is not a name"),
                "write a name, or a prefix ending in one *",
            );
        }
    }
}
