//! `unsubscribe`: by the page behind the mailed link, or in one click by the reader's mail program (RFC 8058).

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sayso_app::pages::served::Page;
use sayso_core::receipt::Via;
use sayso_ledger::address::TokenKind;

use super::confirm::{Link, MAX_FORM, show, token_of};
use super::{Asked, ForSite, read_body};
use crate::subscription;

/// The page behind the unsubscribe link: it asks; mail scanners follow links.
#[utoipa::path(
    get, path = "/unsubscribe", tag = "links", params(Link),
    responses(
        (status = 200, description = "The page with the button", body = String, content_type = "text/html"),
        (status = 410, description = "The link is unknown", body = String, content_type = "text/html"),
    )
)]
pub async fn get(
    Extension(site): ForSite,
    Asked(link): Asked<Link>,
    headers: HeaderMap,
) -> Response {
    let token = link.t.unwrap_or_default();
    match subscription::present(&site, &token, TokenKind::Unsubscribe).await {
        Ok(Some(presented)) => {
            let page = Page::Unsubscribe {
                email: presented.email().to_owned(),
                token,
            };
            show(&site, &headers, Some(&presented), StatusCode::OK, &page)
        }
        Ok(None) => show(&site, &headers, None, StatusCode::GONE, &Page::LinkOld),
        Err(refusal) => show(&site, &headers, None, refusal.code.status(), &Page::Error),
    }
}

/// Leaving, by that page's button or in one click (RFC 8058): no cookie, no origin, no redirect; the token is all it
/// takes, since it can only shut.
#[utoipa::path(
    post, path = "/unsubscribe", tag = "links", params(Link),
    request_body(content = BTreeMap<String, String>, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The address is unsubscribed", body = String, content_type = "text/html"),
        (status = 410, description = "The link is unknown", body = String, content_type = "text/html"),
    )
)]
pub async fn post(
    Extension(site): ForSite,
    Asked(link): Asked<Link>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = match read_body(body, MAX_FORM).await {
        Ok(body) => body,
        Err(refusal) => return show(&site, &headers, None, refusal.code.status(), &Page::Error),
    };
    let via = if is_one_click(&body) {
        Via::OneClick
    } else {
        Via::Link
    };
    let token = token_of(link, &body);
    let presented = match subscription::present(&site, &token, TokenKind::Unsubscribe).await {
        Ok(Some(presented)) => presented,
        Ok(None) => return show(&site, &headers, None, StatusCode::GONE, &Page::LinkOld),
        Err(refusal) => return show(&site, &headers, None, refusal.code.status(), &Page::Error),
    };
    match subscription::unsubscribe(&site, &presented, via).await {
        Ok(()) => show(
            &site,
            &headers,
            Some(&presented),
            StatusCode::OK,
            &Page::Unsubscribed,
        ),
        Err(refusal) => show(
            &site,
            &headers,
            Some(&presented),
            refusal.code.status(),
            &Page::Error,
        ),
    }
}

/// `List-Unsubscribe=One-Click`, as a form or as one part of several.
fn is_one_click(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    text.contains("List-Unsubscribe") && text.contains("One-Click")
}
