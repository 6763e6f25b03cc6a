//! What the shapes of a configuration alone cannot hold. Collects every fault before giving up.

mod operation;
mod signal;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;

use super::error::{ConfigError, Source};
use super::{
    CookieConfig, Jurisdiction, NewsletterConfig, Origin, PurposeConfig, ServiceConfig, SiteConfig,
    SmtpUrl, raw,
};
use crate::notice::Texts;
use crate::policy::{Channel, Days, LegalBasis, PurposeId, ServiceId};
use crate::view::Controller;

struct Check<'a> {
    source: &'a Source<'a>,
    languages: Vec<String>,
    faults: Vec<ConfigError>,
    ids: BTreeSet<String>,
}

pub(super) fn check(source: &Source<'_>, raw: raw::Root) -> Result<SiteConfig, Vec<ConfigError>> {
    let languages = raw
        .site
        .languages
        .get_ref()
        .iter()
        .map(|l| l.get_ref().clone())
        .collect();
    let mut check = Check {
        source,
        languages,
        faults: Vec::new(),
        ids: BTreeSet::new(),
    };
    let config = check.root(raw);
    if check.faults.is_empty() {
        Ok(config)
    } else {
        Err(check.faults)
    }
}

impl Check<'_> {
    fn fault(&mut self, span: Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(self.source.fault(span, what, remedy));
    }

    fn root(&mut self, raw: raw::Root) -> SiteConfig {
        if *raw.version.get_ref() != 1 {
            self.fault(
                raw.version.span(),
                "this version of the file is not known",
                "write version = 1",
            );
        }
        self.languages(&raw.site.languages);
        let days = self.days(raw.days);
        let controllers: BTreeMap<String, Controller> = raw
            .controllers
            .into_iter()
            .map(|(id, c)| (id.clone(), controller(id, c)))
            .collect();
        let default = raw.jurisdictions.default;
        let jurisdictions: BTreeMap<_, _> = raw
            .jurisdictions
            .by_name
            .into_iter()
            .map(|(n, j)| (n, jurisdiction(j)))
            .collect();
        if !jurisdictions.contains_key(default.get_ref()) {
            self.fault(
                default.span(),
                format!("there is no jurisdiction {:?}", default.get_ref()),
                format!(
                    "add a table [jurisdictions.{}], or name one of those that are there",
                    default.get_ref()
                ),
            );
        }
        for (name, rules) in &jurisdictions {
            if !controllers.contains_key(&rules.controller) {
                self.fault(
                    default.span(),
                    format!(
                        "the controller {:?} of jurisdiction {name} is not declared",
                        rules.controller
                    ),
                    format!("add a table [controllers.{}]", rules.controller),
                );
            }
        }
        if raw.purposes.is_empty() {
            self.fault(
                0..0,
                "no purpose is declared",
                "add at least one [[purposes]]",
            );
        }
        let purposes: Vec<_> = raw
            .purposes
            .into_iter()
            .filter_map(|p| self.purpose(p.into_inner()))
            .collect();
        let newsletter = raw.newsletter.and_then(|n| self.newsletter(n, &purposes));
        let (mail_from, mail_smtp) = self.mail(raw.mail, &purposes);
        let vendors = self.signals(raw.signals, &purposes);
        SiteConfig {
            id: self.site_id(&raw.site.id),
            name: raw.site.name.into_inner(),
            origins: self.origins(&raw.site.origins),
            base: self.base(raw.site.base),
            languages: self.languages.clone(),
            first_layer: raw.site.first_layer,
            policy_page: self.url(raw.site.policy_page),
            cookie_domain: self.cookie_domain(raw.site.cookie_domain),
            mail_from,
            mail_smtp,
            log: self.log(raw.log),
            keep: self.keep(raw.keep, days),
            limits: self.limits(raw.limits),
            days,
            controllers,
            default_jurisdiction: default.into_inner(),
            jurisdictions,
            purposes,
            newsletter,
            vendors,
            service_messages: raw
                .service_messages
                .into_iter()
                .map(|m| self.texts(m.title))
                .collect(),
        }
    }

    fn languages(&mut self, languages: &Spanned<Vec<Spanned<String>>>) {
        if languages.get_ref().is_empty() {
            self.fault(
                languages.span(),
                "no language is named",
                "name at least one, such as [\"en\"]",
            );
        }
        for language in languages.get_ref() {
            let tag = language.get_ref();
            let parts_ok = tag.split('-').all(|p| {
                (1..=8).contains(&p.len()) && p.chars().all(|c| c.is_ascii_alphanumeric())
            });
            if !parts_ok {
                self.fault(
                    language.span(),
                    format!("{tag:?} is not a language tag"),
                    "use BCP 47 tags such as \"en\" or \"pt-BR\"",
                );
            }
        }
    }

    fn days(&mut self, days: Option<Spanned<raw::Days>>) -> Days {
        let Some(days) = days else {
            return Days {
                given: 183,
                refused: 183,
            };
        };
        let span = days.span();
        let raw::Days { given, refused } = days.into_inner();
        if given == 0 || refused == 0 || given > 400 || refused > 400 {
            self.fault(
                span.clone(),
                "answers hold for 1 to 400 days",
                "choose within that; browsers keep no cookie for longer than 400",
            );
        }
        if refused < given {
            self.fault(
                span,
                "a no would be forgotten before a yes",
                "set refused to at least the days of given",
            );
        }
        Days { given, refused }
    }

    fn site_id(&mut self, id: &Spanned<String>) -> String {
        if PurposeId::new(id.get_ref()).is_err() {
            self.fault(
                id.span(),
                format!("{:?} is not a site id", id.get_ref()),
                "use 1 to 32 of a-z, 0-9 and '-', beginning with a letter",
            );
        }
        id.get_ref().clone()
    }

    fn origins(&mut self, origins: &Spanned<Vec<Spanned<String>>>) -> Vec<Origin> {
        if origins.get_ref().is_empty() {
            self.fault(
                origins.span(),
                "no origin is listed, so no page could send an answer",
                "list where the pages live, such as [\"https://www.shop.example\"]",
            );
        }
        let mut read = Vec::new();
        for origin in origins.get_ref() {
            match Origin::parse(origin.get_ref()) {
                Ok(origin) => read.push(origin),
                Err(what) => self.fault(
                    origin.span(),
                    format!("{:?}: {what}", origin.get_ref()),
                    "write it like https://www.shop.example",
                ),
            }
        }
        read
    }

    fn base(&mut self, base: Option<Spanned<String>>) -> String {
        let Some(base) = base else {
            return "/sayso".into();
        };
        let text = base.get_ref();
        let segments_ok = text.strip_prefix('/').is_some_and(|rest| {
            !rest.is_empty()
                && rest.split('/').all(|s| {
                    !s.is_empty()
                        && s.chars()
                            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                        && s != ".."
                })
        });
        if !segments_ok {
            self.fault(
                base.span(),
                format!("{text:?} is not a base path"),
                "write it like /sayso: a slash first, none at the end",
            );
        }
        base.into_inner()
    }

    fn cookie_domain(&mut self, domain: Option<Spanned<String>>) -> String {
        let Some(domain) = domain else {
            return String::new();
        };
        let ok = domain.get_ref().contains('.')
            && domain
                .get_ref()
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
        if !ok {
            self.fault(
                domain.span(),
                format!("{:?} is not a domain", domain.get_ref()),
                "write it like shop.example, or leave it out for one host alone",
            );
        }
        domain.into_inner()
    }

    fn url(&mut self, url: Spanned<String>) -> String {
        let text = url.get_ref();
        let ok = text.is_empty()
            || text.starts_with("https://")
            || (text.starts_with('/') && !text.starts_with("//"));
        if !ok {
            self.fault(
                url.span(),
                format!("{text:?} is not an address a page may link to"),
                "begin it with https:// or with one /",
            );
        }
        url.into_inner()
    }

    fn mail(
        &mut self,
        mail: Option<raw::Mail>,
        purposes: &[PurposeConfig],
    ) -> (String, Option<SmtpUrl>) {
        match mail {
            Some(mail) => {
                let text = mail.from.get_ref();
                let address = text
                    .rsplit_once('<')
                    .and_then(|(_, rest)| rest.strip_suffix('>'))
                    .unwrap_or(text);
                if let Err(error) = crate::address::normalise(address) {
                    self.fault(
                        mail.from.span(),
                        error.to_string(),
                        "write it like \"Shop <news@shop.example>\"",
                    );
                }
                let smtp = self.smtp(mail.smtp);
                (mail.from.into_inner(), smtp)
            }
            None => {
                if purposes.iter().any(|p| p.channel == Channel::Address) {
                    self.fault(
                        0..0,
                        "purposes of the channel \"address\" need mails, and no sender is declared",
                        "add [mail] with from = \"Shop <news@shop.example>\"",
                    );
                }
                (String::new(), None)
            }
        }
    }

    fn purpose(&mut self, raw: raw::Purpose) -> Option<PurposeConfig> {
        let id = match PurposeId::new(raw.id.get_ref()) {
            Ok(id) => id,
            Err(error) => {
                self.fault(
                    raw.id.span(),
                    error.to_string(),
                    "choose another id; it is never reused for another meaning",
                );
                return None;
            }
        };
        self.new_id(&raw.id);
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
        let id = match ServiceId::new(raw.id.get_ref()) {
            Ok(id) => id,
            Err(error) => {
                self.fault(
                    raw.id.span(),
                    error.to_string(),
                    "choose another id; it is never reused for another meaning",
                );
                return None;
            }
        };
        self.new_id(&raw.id);
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

    fn newsletter(
        &mut self,
        raw: raw::Newsletter,
        purposes: &[PurposeConfig],
    ) -> Option<NewsletterConfig> {
        let purpose = purposes
            .iter()
            .find(|p| p.id.as_str() == raw.purpose.get_ref());
        let Some(purpose) =
            purpose.filter(|p| p.channel == Channel::Address && p.basis == LegalBasis::Consent)
        else {
            self.fault(
                raw.purpose.span(),
                format!(
                    "{:?} is not a purpose of the channel \"address\" that rests on consent",
                    raw.purpose.get_ref()
                ),
                "declare it under [[purposes]], or name one that is",
            );
            return None;
        };
        let mut seen = BTreeSet::new();
        let mut topics = Vec::new();
        for topic in raw.topics {
            if PurposeId::new(topic.id.get_ref()).is_err()
                || !seen.insert(topic.id.get_ref().clone())
            {
                self.fault(
                    topic.id.span(),
                    format!("{:?} is not an id, or is used twice", topic.id.get_ref()),
                    "use 1 to 32 of a-z, 0-9 and '-', each once",
                );
            }
            topics.push((topic.id.into_inner(), self.texts(topic.title)));
        }
        Some(NewsletterConfig {
            purpose: purpose.id.clone(),
            consent: self.texts(raw.consent),
            topics,
        })
    }

    fn new_id(&mut self, id: &Spanned<String>) {
        if !self.ids.insert(id.get_ref().clone()) {
            self.fault(
                id.span(),
                format!("the id {:?} is used twice", id.get_ref()),
                "purposes and services share one name space; choose another",
            );
        }
    }

    /// Texts must be there in each of the site's languages, and in no other.
    fn texts(&mut self, texts: Spanned<Texts>) -> Texts {
        let span = texts.span();
        let missing: Vec<_> = self
            .languages
            .iter()
            .filter(|l| !texts.get_ref().contains_key(*l))
            .cloned()
            .collect();
        if !missing.is_empty() {
            self.fault(
                span.clone(),
                format!("no text in {}", missing.join(", ")),
                "add it, or take the language out of site.languages",
            );
        }
        let foreign: Vec<_> = texts
            .get_ref()
            .keys()
            .filter(|l| !self.languages.contains(l))
            .cloned()
            .collect();
        if !foreign.is_empty() {
            self.fault(
                span,
                format!(
                    "a text in {}, which is not among site.languages",
                    foreign.join(", ")
                ),
                "add the language there, or take the text out",
            );
        }
        texts.into_inner()
    }
}

fn controller(id: String, raw: raw::Controller) -> Controller {
    Controller {
        id,
        name: raw.name,
        address: raw.address,
        email: raw.email,
        officer: raw.officer,
    }
}

fn jurisdiction(raw: raw::Jurisdiction) -> Jurisdiction {
    Jurisdiction {
        model: raw.model,
        controller: raw.controller,
        age: raw.age,
        authority: raw.authority,
    }
}
