//! `confirm`: the page behind the mailed link. Looking changes nothing; pressing the button counts.

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sayso_app::pages::served::Page;
use sayso_ledger::address::TokenKind;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Asked, ForSite, read_body};
use crate::page::{self, Kind};
use crate::site::Site;
use crate::subscription::{self, Presented, Used};

/// The token in a link.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct Link {
    /// The token.
    pub(super) t: Option<String>,
}

/// Longest body of a form that carries a token.
pub(super) const MAX_FORM: usize = 4 * 1024;

/// The page that a confirmation mail leads to. Looking changes nothing: mail scanners follow links.
#[utoipa::path(
    get, path = "/confirm", tag = "links", params(Link),
    responses(
        (status = 200, description = "The page with the button", body = String, content_type = "text/html"),
        (status = 410, description = "The link is spent, expired or unknown", body = String, content_type = "text/html"),
    )
)]
pub async fn get(
    Extension(site): ForSite,
    Asked(link): Asked<Link>,
    headers: HeaderMap,
) -> Response {
    let token = link.t.unwrap_or_default();
    match subscription::present(&site, &token, TokenKind::Confirm).await {
        Ok(Some(presented)) if presented.is_open(site.clock.now()) => {
            let page = Page::Confirm {
                email: presented.email().to_owned(),
                token,
            };
            show(&site, &headers, Some(&presented), StatusCode::OK, &page)
        }
        Ok(presented) => show(
            &site,
            &headers,
            presented.as_ref(),
            StatusCode::GONE,
            &Page::LinkOld,
        ),
        Err(refusal) => show(&site, &headers, None, refusal.code.status(), &Page::Error),
    }
}

/// The button of that page: it counts.
#[utoipa::path(
    post, path = "/confirm", tag = "links", params(Link),
    request_body(content = Link, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It is confirmed", body = String, content_type = "text/html"),
        (status = 410, description = "The link is spent, expired or unknown", body = String, content_type = "text/html"),
    )
)]
pub async fn post(
    Extension(site): ForSite,
    Asked(link): Asked<Link>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let token = match read_body(body, MAX_FORM).await {
        Ok(body) => token_of(link, &body),
        Err(refusal) => return show(&site, &headers, None, refusal.code.status(), &Page::Error),
    };
    let presented = match subscription::present(&site, &token, TokenKind::Confirm).await {
        Ok(Some(presented)) => presented,
        Ok(None) => return show(&site, &headers, None, StatusCode::GONE, &Page::LinkOld),
        Err(refusal) => return show(&site, &headers, None, refusal.code.status(), &Page::Error),
    };
    let (status, page) = match subscription::confirm(&site, &presented).await {
        Ok(Used::Done) => (StatusCode::OK, Page::Confirmed),
        Ok(Used::Spent) => (StatusCode::GONE, Page::LinkOld),
        Err(refusal) => (refusal.code.status(), Page::Error),
    };
    show(&site, &headers, Some(&presented), status, &page)
}

/// The token from the form, else from the link.
pub(super) fn token_of(link: Link, body: &[u8]) -> String {
    let posted = form_urlencoded::parse(body)
        .find(|(name, _)| name == "t")
        .map(|(_, value)| value.into_owned());
    posted.or(link.t).unwrap_or_default()
}

/// A page in the language of the mail it was reached from, else in the reader's.
pub(super) fn show(
    site: &Site,
    headers: &HeaderMap,
    presented: Option<&Presented>,
    status: StatusCode,
    page: &Page,
) -> Response {
    let edition = match presented {
        Some(presented) => site.edition(Some(presented.language()), Some(presented.jurisdiction())),
        None => site.edition_for(headers),
    };
    page::render(site, edition, Kind::Token, status, page)
}
