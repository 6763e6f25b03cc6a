//! What the shapes of a configuration alone cannot hold. Collects every fault before giving up.

mod address;
mod operation;
mod purpose;
mod signal;
mod site;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;

use super::error::{ConfigError, Source};
use super::{Jurisdiction, SiteConfig, raw};
use crate::notice::Texts;
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
