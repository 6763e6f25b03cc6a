//! The pages of the service itself: they work without JavaScript, and no other site can frame them.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sayso_app::pages::served::Page;
use sayso_app::render::{Linked, page_html};

use crate::bundle::Edition;
use crate::site::Site;

/// What a page may load and where its address may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its address holds a token: it loads nothing but its style, and its address goes nowhere.
    Token,
    /// It loads the gate and the app.
    Surface,
    /// A form whose sender must be seen to be us.
    Form,
}

/// A page with its headers.
pub fn respond(kind: Kind, status: StatusCode, html: String) -> Response {
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value))
    };
    set(header::CONTENT_TYPE, "text/html; charset=utf-8");
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(
        header::CONTENT_SECURITY_POLICY,
        match kind {
            Kind::Token | Kind::Form => {
                "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            }
            Kind::Surface => {
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
             img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types sayso"
            }
        },
    );
    // Under "no-referrer" a browser posts a form with the origin "null"; token pages need no origin, forms do.
    set(
        header::REFERRER_POLICY,
        if kind == Kind::Token {
            "no-referrer"
        } else {
            "same-origin"
        },
    );
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    );
    response
}

/// A page of ours in an edition's language.
pub fn render(
    site: &Site,
    edition: &Edition,
    kind: Kind,
    status: StatusCode,
    page: &Page,
) -> Response {
    let base = &site.config.base;
    let script = match kind {
        Kind::Surface => format!("{base}/sayso.js?lang={}", edition.language),
        Kind::Token | Kind::Form => String::new(),
    };
    let linked = Linked {
        style: format!("{base}/{}", site.bundle.page_style),
        script,
        home: "/".to_owned(),
    };
    respond(kind, status, page_html(&edition.view, page, &linked))
}
