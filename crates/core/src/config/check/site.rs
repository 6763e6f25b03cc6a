//! Checks of `[site]` and `[days]`: languages, origins, where the service lies, how long an answer holds.

use toml::Spanned;

use super::Check;
use crate::config::{Origin, raw};
use crate::policy::{Days, PurposeId};

impl Check<'_> {
    pub(super) fn languages(&mut self, languages: &Spanned<Vec<Spanned<String>>>) {
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

    pub(super) fn days(&mut self, days: Option<Spanned<raw::Days>>) -> Days {
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

    pub(super) fn site_id(&mut self, id: &Spanned<String>) -> String {
        if PurposeId::new(id.get_ref()).is_err() {
            self.fault(
                id.span(),
                format!("{:?} is not a site id", id.get_ref()),
                "use 1 to 32 of a-z, 0-9 and '-', beginning with a letter",
            );
        }
        id.get_ref().clone()
    }

    pub(super) fn origins(&mut self, origins: &Spanned<Vec<Spanned<String>>>) -> Vec<Origin> {
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

    pub(super) fn base(&mut self, base: Option<Spanned<String>>) -> String {
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

    pub(super) fn cookie_domain(&mut self, domain: Option<Spanned<String>>) -> String {
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

    pub(super) fn url(&mut self, url: Spanned<String>) -> String {
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
}
