//! `POST v1/addresses`: newsletter and marketing, for an e-mail address.

use axum::Extension;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use sayso_core::json;
use sayso_core::receipt::Via;
use sayso_core::wire::{self, AddressRequest, MAX_BODY, Problem};

use super::{ForSite, read_body, receipt};
use crate::problem::{Code, Refusal};
use crate::site::Site;
use crate::{origin, subscription};

/// Takes a decision about an e-mail address: newsletter or marketing. The answer is the same whether it is known or not.
#[utoipa::path(
    post, path = "/v1/addresses", tag = "answers",
    params(("origin" = String, Header, description = "An origin that the site lists")),
    request_body(content((AddressRequest = "text/plain"), (AddressRequest = "application/json"))),
    responses(
        (status = 200, description = "It is on disk and in the log", body = wire::Response, content_type = "application/json"),
        (status = 403, description = "Not from one of the site's own pages", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The site asks nothing for addresses", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Kept with other content", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "Kept and erased", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A notice, layer, purpose or revision that the server does not have", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn post(Extension(site): ForSite, headers: HeaderMap, body: Body) -> Response {
    let origin = match origin::listed(&site.config, &headers) {
        Ok(origin) => origin.to_owned(),
        Err(refusal) => return refusal.into_response(),
    };
    let mut response = match take(&site, body, &origin).await {
        Ok(outcome) => receipt::answer(vec![outcome]),
        Err(refusal) => refusal.into_response(),
    };
    origin::allow(&origin, response.headers_mut());
    response
}

/// Lets listed origins post what browsers ask about first.
#[utoipa::path(
    options, path = "/v1/addresses", tag = "answers",
    params(("origin" = String, Header, description = "An origin that the site lists")),
    responses(
        (status = 204, description = "It may"),
        (status = 403, description = "Not from one of the site's own pages", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn preflight(site: ForSite, headers: HeaderMap) -> Result<Response, Refusal> {
    receipt::preflight(site, headers).await
}

async fn take(site: &Site, body: Body, origin: &str) -> Result<wire::Outcome, Refusal> {
    let body = read_body(body, MAX_BODY).await?;
    let request: AddressRequest = json::read(&body, MAX_BODY)
        .map_err(|error| Refusal::new(Code::Malformed, error.to_string()))?;
    let (id, outcome) = subscription::take(site, &request, Via::Form, origin).await?;
    Ok(receipt::outcome(site, id, outcome))
}
