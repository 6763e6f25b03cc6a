//! `POST v1/addresses`: newsletter and marketing, for an e-mail address.

use axum::Extension;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use sayso_core::json;
use sayso_core::receipt::Via;
use sayso_core::wire::{self, AddressRequest, MAX_BODY};

use super::{ForSite, read_body, receipt};
use crate::problem::{Code, Refusal};
use crate::site::Site;
use crate::{origin, subscription};

/// `POST v1/addresses`
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

async fn take(site: &Site, body: Body, origin: &str) -> Result<wire::Outcome, Refusal> {
    let body = read_body(body, MAX_BODY).await?;
    let request: AddressRequest = json::read(&body, MAX_BODY)
        .map_err(|error| Refusal::new(Code::Malformed, error.to_string()))?;
    let (id, outcome) = subscription::take(site, &request, Via::Form, origin).await?;
    Ok(receipt::outcome(site, id, outcome))
}
