//! `POST v1/receipts`: receipts verified, kept and countersigned; decisions that could not be signed, recorded.

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sayso_core::json;
use sayso_core::receipt::Via;
use sayso_core::wire::{self, MAX_BODY, MAX_ITEMS, Problem, ReceiptsRequest};
use sayso_ledger::receipt::{Append, Outcome, Stored};

use super::{ForSite, read_body};
use crate::problem::{Code, Refusal};
use crate::site::Site;
use crate::{admit, clearing, origin, renewal};

/// Takes receipts and decisions; answers with each countersigned, or why not.
#[utoipa::path(
    post, path = "/v1/receipts", tag = "answers",
    params(("origin" = String, Header, description = "An origin that the site lists")),
    request_body(content(
        (ReceiptsRequest = "text/plain"), (ReceiptsRequest = "application/json"), (String = "application/jose"),
    )),
    responses(
        (status = 200, description = "Each is on disk and in the log, or refused by itself", body = wire::Response, content_type = "application/json"),
        (status = 403, description = "Not from one of the site's own pages", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The only one: kept with other content", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The only one: kept and erased", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The only one: a notice, layer, purpose or revision that the server does not have", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn post(Extension(site): ForSite, headers: HeaderMap, body: Body) -> Response {
    let origin = match origin::listed(&site.config, &headers) {
        Ok(origin) => origin.to_owned(),
        Err(refusal) => return refusal.into_response(),
    };
    let mut response = match take(&site, &headers, body).await {
        Ok((results, state)) => {
            let mut response = answer(results);
            let state = state
                .filter(|_| response.status().is_success() && origin::is_same(&origin, &headers));
            for cookie in state.map_or_else(Vec::new, |state| set(&site, &state, &headers, &origin))
            {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(refusal) => refusal.into_response(),
    };
    origin::allow(&origin, response.headers_mut());
    response
}

/// The cookies of an answer: the state renewed, and what shut services left expired, where scripts cannot.
fn set(site: &Site, state: &str, headers: &HeaderMap, origin: &str) -> Vec<HeaderValue> {
    let domain = &site.config.cookie_domain;
    let secure = !origin::is_plain(origin);
    let renewed = renewal::renew(state, headers, domain, secure, site.clock.now());
    let standing = renewal::standing(state, headers);
    let expired = standing.map(|state| clearing::expire(&state, headers, &site.config, origin));
    renewed
        .into_iter()
        .chain(expired.into_iter().flatten())
        .collect()
}

/// Lets listed origins post the media types that browsers ask about first.
#[utoipa::path(
    options, path = "/v1/receipts", tag = "answers",
    params(("origin" = String, Header, description = "An origin that the site lists")),
    responses(
        (status = 204, description = "They may"),
        (status = 403, description = "Not from one of the site's own pages", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn preflight(Extension(site): ForSite, headers: HeaderMap) -> Result<Response, Refusal> {
    let origin = origin::listed(&site.config, &headers)?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    origin::allow(origin, response.headers_mut());
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("POST"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("86400"),
    );
    Ok(response)
}

type Taken = (Vec<Result<Append, Refusal>>, Option<String>);

async fn take(
    site: &Site,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Vec<wire::Outcome>, Option<String>), Refusal> {
    let body = read_body(body, MAX_BODY).await?;
    let (items, state) = read(site, headers, &body).await?;
    Ok((keep(site, items).await?, state))
}

/// Reads a request and checks each item by itself.
///
/// Signatures are checked here, off the ledger's writer and on the threads that answer: one takes less than handing it
/// to another thread and back would save. Between two of them others get their turn, or a request with many items would
/// hold up everybody on its thread (two busy cores, 64 requests of ten items at once: at the 99th percentile a timer is
/// late by 15 ms; without this, by 450 ms).
async fn read(site: &Site, headers: &HeaderMap, body: &[u8]) -> Result<Taken, Refusal> {
    match media(headers)? {
        Media::Jose => {
            let text = std::str::from_utf8(body)
                .map_err(|_| Refusal::new(Code::Malformed, "a JWS is ASCII text"))?;
            Ok((vec![receipt_of(site, text.trim())], None))
        }
        Media::Json => {
            let request: ReceiptsRequest = json::read(body, MAX_BODY)
                .map_err(|error| Refusal::new(Code::Malformed, error.to_string()))?;
            let count = request.receipts.len() + request.decisions.len();
            if request.v != 1 || count == 0 || count > MAX_ITEMS {
                let detail = format!(
                    "a request has v 1 and 1 to {MAX_ITEMS} receipts and decisions together"
                );
                return Err(Refusal::new(Code::Malformed, detail));
            }
            let mut items = Vec::with_capacity(count);
            for text in &request.receipts {
                items.push(receipt_of(site, text));
                tokio::task::yield_now().await;
            }
            for decision in &request.decisions {
                let append = admit::witnessed(site, decision, Via::Gate, None);
                items.push(append.and_then(for_the_device));
                tokio::task::yield_now().await;
            }
            Ok((items, request.state))
        }
    }
}

fn receipt_of(site: &Site, text: &str) -> Result<Append, Refusal> {
    for_the_device(admit::signed(site, text)?)
}

/// What is about an address goes to `v1/addresses`, where the address is.
fn for_the_device(append: Append) -> Result<Append, Refusal> {
    if append.receipt.payload().about.is_some() {
        return Err(Refusal::new(
            Code::Malformed,
            "a decision about an address goes to v1/addresses",
        ));
    }
    Ok(append)
}

enum Media {
    Json,
    Jose,
}

fn media(headers: &HeaderMap) -> Result<Media, Refusal> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "text/plain" | "application/json" => Ok(Media::Json),
        "application/jose" => Ok(Media::Jose),
        _ => Err(Refusal::new(
            Code::BadType,
            "send text/plain, application/json or application/jose",
        )),
    }
}

/// Appends what was admitted, and says for each item in order what became of it.
pub(super) async fn keep(
    site: &Site,
    items: Vec<Result<Append, Refusal>>,
) -> Result<Vec<wire::Outcome>, Refusal> {
    let mut admitted = Vec::with_capacity(items.len());
    let items: Vec<Result<String, Refusal>> = items
        .into_iter()
        .map(|item| {
            let append = item?;
            let id = append.receipt.payload().id.clone();
            admitted.push(append);
            Ok(id)
        })
        .collect();
    let kept = if admitted.is_empty() {
        Vec::new()
    } else {
        site.ledger.append(admitted).await?
    };
    if kept.iter().any(|one| matches!(one, Outcome::New(_))) {
        site.publication.grown.notify_one();
    }
    let mut kept = kept.into_iter();
    let result = |item: Result<String, Refusal>| match item {
        // One outcome per admitted receipt, in order.
        Ok(id) => outcome(site, id, kept.next().unwrap_or(Outcome::Conflict)),
        Err(refusal) => wire::Outcome {
            problem: Some(refusal.problem()),
            ..wire::Outcome::default()
        },
    };
    Ok(items.into_iter().map(result).collect())
}

/// What the client is told of one receipt.
pub(super) fn outcome(site: &Site, id: String, outcome: Outcome) -> wire::Outcome {
    match outcome {
        Outcome::New(stored) | Outcome::Same(stored) => countersigned(site, &stored),
        Outcome::Conflict => {
            let detail =
                "this id, or this decision, is kept with other content; nothing was stored";
            refused(id, &Refusal::new(Code::Conflict, detail))
        }
        Outcome::Erased => {
            let detail = "this receipt was kept and has been erased; it is not taken again";
            refused(id, &Refusal::new(Code::Erased, detail))
        }
    }
}

fn countersigned(site: &Site, stored: &Stored) -> wire::Outcome {
    match site.signer.countersign(stored) {
        Ok(countersigned) => wire::Outcome {
            id: Some(stored.id.clone()),
            countersigned,
            problem: None,
        },
        Err(error) => {
            // Two trees of one size: nothing may be signed until somebody has looked.
            tracing::error!(site = %site.config.id, %error, "a receipt was not countersigned");
            let detail = "the log cannot prove it at this moment; try again later";
            refused(stored.id.clone(), &Refusal::new(Code::Unavailable, detail))
        }
    }
}

fn refused(id: String, refusal: &Refusal) -> wire::Outcome {
    wire::Outcome {
        id: Some(id),
        countersigned: None,
        problem: Some(refusal.problem()),
    }
}

/// What became of the items of a request, in a word each, for whoever counts.
#[derive(Clone, Debug)]
pub(crate) struct Results(pub(crate) Vec<&'static str>);

fn word(outcome: &wire::Outcome) -> &'static str {
    let code = outcome
        .problem
        .as_ref()
        .map(|problem| problem.code.as_str());
    match code {
        None => "kept",
        // Every refusal has one of these.
        Some(code) => Code::ALL
            .iter()
            .map(|known| known.as_str())
            .find(|known| *known == code)
            .unwrap_or("refused"),
    }
}

/// Several results in one document; a single refused item with its own status.
pub(super) fn answer(results: Vec<wire::Outcome>) -> Response {
    let words = Results(results.iter().map(word).collect());
    let mut response = answer_with(results);
    response.extensions_mut().insert(words);
    response
}

/// Room for one countersigned receipt in an answer, most of which is the receipt itself.
const ROOM: usize = 4 * 1024;

fn answer_with(mut results: Vec<wire::Outcome>) -> Response {
    if let [
        wire::Outcome {
            problem: Some(problem),
            ..
        },
    ] = results.as_mut_slice()
    {
        return refusal_of(problem);
    }
    let mut body = Vec::with_capacity(ROOM * results.len());
    // Texts and numbers, written to memory: there is no way for it to fail.
    let _ = serde_json::to_writer(&mut body, &wire::Response { v: 1, results });
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refusal_of(problem: &wire::Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, serde_json::to_string(problem).unwrap_or_default()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
