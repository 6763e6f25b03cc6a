//! Headers that every answer carries, whatever made it: what a browser may do with it, and where.
//!
//! `Strict-Transport-Security` is not among them: it speaks for a whole host, which is the site's own, so it belongs to
//! the proxy that holds the certificate.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;

const POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Sets what a handler has not set for a reason of its own.
pub fn public(mut response: Response) -> Response {
    let headers = response.headers_mut();
    fill(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    fill(headers, header::REFERRER_POLICY, "no-referrer");
    fill(headers, OPENER, "same-origin");
    fill(
        headers,
        POLICY,
        "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    );
    // What any page may read is said to be so where it is made. Answers to a page of a listed origin are let through
    // by CORS, which this header does not touch.
    let open = headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    fill(
        headers,
        RESOURCE,
        if open { "cross-origin" } else { "same-origin" },
    );
    // A page says itself what it loads; everything else, shown as a page by mistake, loads nothing and runs nothing.
    fill(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    );
    response
}

/// The same for the administrator's answers, which nobody keeps.
pub async fn admin(response: Response) -> Response {
    let mut response = public(response);
    let headers = response.headers_mut();
    fill(headers, header::CACHE_CONTROL, "no-store");
    response
}

fn fill(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
