//! Expiring what a page's own scripts cannot: cookies that are `HttpOnly`, of services that the visitor has shut.
//!
//! **Invariant:** this shuts and never opens. Only cookies that the request carries, that a service with a standing no
//! declares, and that no other service declares, are expired.

use axum::http::{HeaderMap, HeaderValue, header};
use sayso_core::config::{PurposeConfig, ServiceConfig, SiteConfig};
use sayso_core::cookie::{Cookie, Letter};
use sayso_core::policy::StorageKind;

/// The most cookies that one answer expires.
const MOST: usize = 16;

/// `Set-Cookie`s that expire what shut services left, on the page's host and on each of its parent domains: a request
/// does not tell where a cookie belongs.
pub fn expire(
    state: &Cookie,
    request: &HeaderMap,
    config: &SiteConfig,
    origin: &str,
) -> Vec<HeaderValue> {
    let domains = domains(origin);
    let secure = origin.starts_with("https://");
    let mut expired = Vec::new();
    for name in names(request)
        .filter(|name| shut(state, config, name))
        .take(MOST)
    {
        for domain in &domains {
            let secure = if secure { "; Secure" } else { "" };
            let text = format!("{name}=; Path=/; Max-Age=0; SameSite=Lax{domain}{secure}");
            expired.extend(HeaderValue::try_from(text));
        }
    }
    expired
}

/// The names of the cookies that a request carries.
fn names(request: &HeaderMap) -> impl Iterator<Item = &str> {
    request
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, _)| name)
}

/// Whether a service with a standing no declares a cookie, and none besides.
fn shut(state: &Cookie, config: &SiteConfig, name: &str) -> bool {
    let mut declaring = config
        .purposes
        .iter()
        .flat_map(|purpose| {
            purpose
                .services
                .iter()
                .map(move |service| (purpose, service))
        })
        .filter(|(_, service)| declares(service, name))
        .peekable();
    declaring.peek().is_some()
        && declaring.all(|(purpose, service)| refused(state, purpose, service))
}

fn declares(service: &ServiceConfig, name: &str) -> bool {
    service
        .cookies
        .iter()
        .filter(|cookie| cookie.kind == StorageKind::Cookie)
        .any(|cookie| match cookie.name.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == cookie.name,
        })
}

/// Whether the visitor said no to a service: to itself, or to its purpose and not otherwise to it.
fn refused(state: &Cookie, purpose: &PurposeConfig, service: &ServiceConfig) -> bool {
    let Some(choice) = state.choices.get(&purpose.id) else {
        return false;
    };
    let no = matches!(
        choice.letter,
        Letter::Refused | Letter::Withdrawn | Letter::Objected | Letter::Signalled
    );
    let switch = !purpose.necessary || service.switchable;
    switch && choice.services.get(&service.id).map_or(no, |yes| !yes)
}

/// `Domain` attributes: none, then the host and each of its parents that has a dot in it.
fn domains(origin: &str) -> Vec<String> {
    let host = origin.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(':').next().unwrap_or_default();
    let mut domains = vec![String::new()];
    let mut rest = host;
    while rest.contains('.') && !rest.ends_with(|c: char| c.is_ascii_digit()) {
        domains.push(format!("; Domain={rest}"));
        rest = rest.split_once('.').map_or("", |(_, parent)| parent);
    }
    domains
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_its_parents_but_no_address() {
        let table = [
            (
                "https://shop.example.org:8443",
                vec!["", "; Domain=shop.example.org", "; Domain=example.org"],
            ),
            ("https://localhost", vec![""]),
            ("http://127.0.0.1:8787", vec![""]),
        ];
        for (origin, wanted) in table {
            assert_eq!(domains(origin), wanted, "{origin}");
        }
    }
}
