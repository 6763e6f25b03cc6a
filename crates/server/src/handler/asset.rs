//! `sayso.js`, `snippet.js` and everything with a hash in its name.

use axum::Extension;
use axum::extract::{Query, Request};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::ForSite;
use crate::problem::{Code, Refusal};

/// Which `sayso.js`.
#[derive(Debug, Deserialize)]
pub struct Which {
    /// The language.
    lang: Option<String>,
    /// The jurisdiction, as the operator's proxy or page names it.
    r: Option<String>,
}

/// `GET sayso.js?lang=de&r=EU`
pub async fn script(
    Extension(site): ForSite,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Response {
    site.script(which.lang.as_deref(), which.r.as_deref())
        .respond(&headers)
}

/// `GET snippet.js`, `GET cookies.<language>.html`, `GET a/<hashed>`
pub async fn file(Extension(site): ForSite, request: Request) -> Response {
    match site.file(request.uri().path().trim_start_matches('/')) {
        Some(asset) => asset.respond(request.headers()),
        None => Refusal::new(
            Code::NotFound,
            "there is no such file; reload the page for the current ones",
        )
        .into_response(),
    }
}
