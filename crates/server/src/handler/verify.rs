//! The page that checks receipts in the browser: nothing is handed in here, so nothing can be kept.

use axum::Extension;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sayso_app::pages::checking::Checker;
use sayso_app::render::checking_html;
use sayso_core::wire::Problem;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Asked, ForSite};
use crate::page::{self, Kind};
use crate::problem::{Code, Refusal};

/// It loads its own scripts and asks this site alone; it posts nothing, frames nothing, and makes no script of a text.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The language that the page is asked for in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Language {
    lang: Option<String>,
}

/// The page that checks receipts, in the browser and with nothing uploaded.
#[utoipa::path(
    get, path = "/verify", tag = "pages", params(Language),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "The page's pieces were not built", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn get(
    Extension(site): ForSite,
    Asked(asked): Asked<Language>,
    headers: HeaderMap,
) -> Response {
    let Some(paths) = &site.bundle.checker else {
        let missing = "the pieces of this page were not built; run: cargo xtask dist";
        return Refusal::new(Code::NotFound, missing).into_response();
    };
    let edition = match asked.lang.as_deref() {
        Some(language) => site.edition(Some(language), None),
        None => site.edition_for(&headers),
    };
    let address = |path: &str| format!("{}/{path}", site.config.base);
    let checker = Checker {
        page: address(&paths.page),
        glue: address(&paths.glue),
        wasm: address(&paths.wasm),
    };
    let style = address(&site.bundle.page_style);
    let html = checking_html(&edition.view, &checker, &style);
    let mut response = page::respond(Kind::Surface, StatusCode::OK, html);
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}
