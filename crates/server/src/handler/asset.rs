//! `sayso.js`, `snippet.js` and everything with a hash in its name.

use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sayso_core::wire::Problem;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Asked, ForSite};
use crate::problem::{Code, Refusal};
use crate::site::Site;

/// Which `sayso.js`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// The language.
    lang: Option<String>,
    /// The jurisdiction, as the operator's proxy or page names it.
    r: Option<String>,
}

/// The gate with a site's configuration and its first layer, in one language.
#[utoipa::path(
    get, path = "/sayso.js", tag = "assets",
    params(Which, ("sec-gpc" = Option<String>, Header, description = "`1`: the browser sends Global Privacy Control")),
    responses(
        (status = 200, description = "The script", body = String, content_type = "text/javascript"),
        (status = 304, description = "It has not changed"),
    )
)]
pub async fn script(
    Extension(site): ForSite,
    Asked(which): Asked<Which>,
    headers: HeaderMap,
) -> Response {
    let script = site.script(which.lang.as_deref(), which.r.as_deref());
    let Some(signalled) = &script.signalled else {
        return script.plain.respond(&headers);
    };
    // `1` and nothing else; of several headers one is enough.
    let sends = headers.get_all("sec-gpc").iter().any(|value| value == "1");
    let mut response = if sends { signalled } else { &script.plain }.respond(&headers);
    let headers = response.headers_mut();
    headers.insert(
        header::VARY,
        HeaderValue::from_static("accept-encoding, sec-gpc"),
    );
    if sends {
        // A shared cache that overlooks `Vary` would hand everybody an objection that they never made.
        let keep = HeaderValue::from_static("private, max-age=3600");
        headers.insert(header::CACHE_CONTROL, keep);
    }
    response
}

/// The inline snippet's text, the cookie table in each language, and what stands at `/.well-known/gpc.json`: `snippet.js`,
/// `cookies.<language>.html`, `gpc.json`.
#[utoipa::path(
    get, path = "/{file}", tag = "assets",
    params(("file" = String, Path, description = "The file's name")),
    responses(
        (status = 200, description = "The file", content((String = "text/javascript"), (String = "text/html"), (Object = "application/json"))),
        (status = 304, description = "It has not changed"),
        (status = 404, description = "There is no such file", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn file(Extension(site): ForSite, request: Request) -> Response {
    answer(&site, &request)
}

/// Everything the gate loads, by names that hold the digest of what they name; kept for ever.
#[utoipa::path(
    get, path = "/a/{name}", tag = "assets",
    params(("name" = String, Path, description = "The file's name, with its digest")),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/javascript"), (String = "text/css"), (Object = "application/json"),
            (String = "text/html"), (Vec<u8> = "application/wasm"),
        )),
        (status = 304, description = "It has not changed"),
        (status = 404, description = "There is no such file", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn hashed(Extension(site): ForSite, request: Request) -> Response {
    answer(&site, &request)
}

fn answer(site: &Site, request: &Request) -> Response {
    match site.file(request.uri().path().trim_start_matches('/')) {
        Some(asset) => asset.respond(request.headers()),
        None => Refusal::new(
            Code::NotFound,
            "there is no such file; reload the page for the current ones",
        )
        .into_response(),
    }
}
