//! Erasing: at the request of whoever holds the key, or by the operator.
//!
//! It only shuts, so no `Origin` is needed: the request is signed by the key whose receipts go, and a page of another
//! site cannot sign with it. One that is sent must be the site's all the same, so that no foreign page gets visitors'
//! browsers to knock here. No cookie is set.

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sayso_core::address::normalise;
use sayso_core::erasure::{ErasureError, Parsed};
use sayso_core::json;
use sayso_core::jws::JwsError;
use sayso_core::wire::Problem;
use sayso_ledger::erasure::{Erased, Erasure, What, Why};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ForSite, read_body, receipt};
use crate::crypto::RingVerifier;
use crate::origin;
use crate::problem::{Code, Refusal};
use crate::random::array;
use crate::site::Site;

/// Longest request: a JWS.
const MAX_BODY: usize = 8 * 1024;
/// A request may have waited this long in a browser. Whoever sends an older one has a copy. (A younger copy takes nothing
/// that was made after the request.)
const OLDEST: u64 = 30 * 24 * 60 * 60 * 1000;
/// Longest reason of an operator, in characters.
const MAX_REASON: usize = 500;

/// What is answered, after the bytes are gone.
#[derive(Serialize, ToSchema)]
#[schema(as = Erased)]
struct Answer {
    v: u32,
    /// How many receipts were erased now.
    erased: u64,
    /// How many of those meant were erased before.
    already: u64,
    /// How many are newer than the request, and stay: sign a new one to have them erased.
    newer: u64,
    /// The index of the entry that tells of it; null where nothing was left to erase.
    tombstone: Option<u64>,
}

/// Erases all receipts that the key which signed the request had made by then.
#[utoipa::path(
    post, path = "/v1/erasures", tag = "answers",
    params(("origin" = Option<String>, Header, description = "An origin that the site lists, if there is one")),
    request_body(content((String = "text/plain"), (String = "application/jose"))),
    responses(
        (status = 200, description = "The bytes are gone", body = Answer, content_type = "application/json"),
        (status = 403, description = "Not from one of the site's own pages", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn post(Extension(site): ForSite, headers: HeaderMap, body: Body) -> Response {
    let origin = match headers.contains_key(header::ORIGIN) {
        true => match origin::listed(&site.config, &headers) {
            Ok(origin) => Some(origin.to_owned()),
            Err(refusal) => return refusal.into_response(),
        },
        false => None,
    };
    let mut response = match take(&site, &headers, body).await {
        Ok(erased) => answer(&erased),
        Err(refusal) => refusal.into_response(),
    };
    if let Some(origin) = origin {
        origin::allow(&origin, response.headers_mut());
    }
    response
}

/// Lets listed origins post the media types that browsers ask about first.
#[utoipa::path(
    options, path = "/v1/erasures", tag = "answers",
    params(("origin" = String, Header, description = "An origin that the site lists")),
    responses(
        (status = 204, description = "They may"),
        (status = 403, description = "Not from one of the site's own pages", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn preflight(site: ForSite, headers: HeaderMap) -> Result<Response, Refusal> {
    receipt::preflight(site, headers).await
}

async fn take(site: &Site, headers: &HeaderMap, body: Body) -> Result<Erased, Refusal> {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    if !matches!(media.as_deref(), Some("text/plain" | "application/jose")) {
        let detail = "send text/plain or application/jose";
        return Err(Refusal::new(Code::BadType, detail));
    }
    let body = read_body(body, MAX_BODY).await?;
    let text = std::str::from_utf8(&body).map_err(|_| malformed("a JWS is ASCII text"))?;
    let parsed = Parsed::read(text.trim())?;
    let payload = parsed.payload();
    if payload.site != site.config.id {
        let detail = format!(
            "the request is for the site {:?}, not for {:?}",
            payload.site, site.config.id
        );
        return Err(Refusal::new(Code::WrongSite, detail));
    }
    let (now, time) = (site.clock.now(), payload.time);
    if time < now.saturating_sub(OLDEST) {
        let detail = "the request is older than 30 days, by its own time: sign a new one; if it is new, set the clock right";
        return Err(Refusal::new(Code::Stale, detail));
    }
    let request = parsed.verify(&RingVerifier)?;
    let subject = request.subject().to_owned();
    let what = What::Request { subject, time };
    let jws = request.jws().to_owned();
    erase(site, what, Why::Request { jws }).await
}

/// What the operator asks for: one of the three, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    v: u32,
    subject: Option<String>,
    address: Option<String>,
    index: Option<u64>,
    reason: String,
}

/// `POST sites/{site}/erasures` of the administrator's listener.
pub async fn by_operator(Extension(site): ForSite, body: Body) -> Result<Response, Refusal> {
    let body = read_body(body, MAX_BODY).await?;
    let order: Order = json::read(&body, MAX_BODY).map_err(|error| malformed(error.to_string()))?;
    let reason = order.reason.trim();
    let spoken = !reason.is_empty()
        && reason.chars().count() <= MAX_REASON
        && !reason.chars().any(char::is_control);
    if order.v != 1 || !spoken {
        let detail = format!("an order has v 1 and a reason of 1 to {MAX_REASON} characters");
        return Err(malformed(detail));
    }
    let what = match (order.subject, order.address, order.index) {
        (Some(subject), None, None) => What::Subject(subject),
        (None, Some(address), None) => {
            let address = normalise(&address).map_err(|error| malformed(error.to_string()))?;
            What::Address(address)
        }
        (None, None, Some(index)) => What::Index(index),
        _ => return Err(malformed("name one of subject, address and index")),
    };
    let reason = reason.to_owned();
    let erased = erase(&site, what, Why::Operator { reason }).await?;
    Ok(answer(&erased))
}

async fn erase(site: &Site, what: What, why: Why) -> Result<Erased, Refusal> {
    let erasure = Erasure {
        what,
        why,
        now: site.clock.now(),
        salt: array(site.random.as_ref()),
    };
    let erased = site.ledger.erase(erasure).await?;
    if erased.tombstone.is_some() {
        site.publication.grown.notify_one();
    }
    let (receipts, addresses) = (erased.receipts.len(), erased.addresses);
    tracing::info!(site = %site.config.id, receipts, addresses, "erased on request");
    Ok(erased)
}

fn answer(erased: &Erased) -> Response {
    let body = Answer {
        v: 1,
        erased: erased.receipts.len() as u64,
        already: erased.already,
        newer: erased.newer,
        tombstone: erased.tombstone,
    };
    // Numbers: serialising them has no way to fail.
    let mut response = serde_json::to_string(&body)
        .unwrap_or_default()
        .into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn malformed(detail: impl Into<String>) -> Refusal {
    Refusal::new(Code::Malformed, detail)
}

impl From<ErasureError> for Refusal {
    fn from(error: ErasureError) -> Self {
        let code = match &error {
            ErasureError::Jws(JwsError::TooLong) => Code::TooLarge,
            ErasureError::Jws(_) | ErasureError::Payload(_) | ErasureError::Key => Code::Malformed,
            ErasureError::Type => Code::BadType,
            ErasureError::Subject => Code::KeyMismatch,
            ErasureError::Signature => Code::BadSignature,
        };
        Self::new(code, error.to_string())
    }
}
