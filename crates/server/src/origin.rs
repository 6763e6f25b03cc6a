//! Where a request comes from, and what that allows.

use axum::http::{HeaderMap, HeaderValue, header};
use sayso_core::config::SiteConfig;

use crate::problem::{Code, Refusal};

/// The `Origin` of a request from one of the site's own pages; anything else is refused.
pub fn listed<'a>(config: &SiteConfig, headers: &'a HeaderMap) -> Result<&'a str, Refusal> {
    let refuse = |detail: &str| Err(Refusal::new(Code::Origin, detail));
    let mut all = headers.get_all(header::ORIGIN).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return refuse(
            "the request needs one Origin header: answers are taken from the site's own pages only",
        );
    };
    match value.to_str() {
        Ok("null") => refuse(
            "the request's origin is opaque: answers are taken from the site's own pages only",
        ),
        Ok(origin) if config.allows_origin(origin) => Ok(origin),
        // The origin itself is not repeated: nothing of a request is.
        Ok(_) => refuse(
            "the request's origin is not among the site's; list it in sayso.toml if it should be",
        ),
        Err(_) => refuse("the Origin header is not readable"),
    }
}

/// Whether the page and this service share an origin, as far as the request tells: the same host and port.
pub fn is_same(origin: &str, headers: &HeaderMap) -> bool {
    let authority = origin.split_once("://").map(|(_, rest)| rest);
    authority.is_some()
        && authority
            == headers
                .get(header::HOST)
                .and_then(|host| host.to_str().ok())
}

/// Whether an origin is plain http, which listed origins are on loopback hosts alone.
pub fn is_plain(origin: &str) -> bool {
    origin.starts_with("http://")
}

/// Lets the page that asked read the answer.
pub fn allow(origin: &str, headers: &mut HeaderMap) {
    if let Ok(value) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        // Pages see few headers of others' answers unless told so.
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("retry-after"),
        );
    }
}
