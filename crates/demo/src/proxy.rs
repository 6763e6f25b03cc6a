//! Handing `/sayso/*` to the process behind, as a site's own web server would.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, uri::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    fault::{Faults, UpstreamFault, WasmFault},
    site::Site,
};

/// How long the upstream may take to begin its answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// The most that is kept of an answer that is held back.
const HELD_AT_MOST: usize = 1 << 20;
/// Headers between two neighbours, never handed on (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Hands a request on, unless a fault says otherwise.
pub(crate) async fn forward(
    State(site): State<Arc<Site>>,
    ConnectInfo(visitor): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let is_post = request.method() == Method::POST;
    let is_receipt = is_post && request.uri().path().ends_with("/v1/receipts");
    let is_wasm = request.uri().path().ends_with(".wasm");
    let faults = site
        .faults_when(|f| {
            f.upstream != UpstreamFault::Stalled && !(is_wasm && f.wasm == WasmFault::Stalled)
        })
        .await;
    if let Some(refusal) = refusal(&faults, is_post, is_wasm) {
        return refusal;
    }
    let answer = send(
        &site,
        with_forwarding_headers(request, visitor, site.scheme),
    )
    .await;
    if is_receipt && site.faults.borrow().hold_receipts {
        hold(&site, answer).await
    } else {
        answer
    }
}

/// Asks the upstream for a text on the site's own behalf.
pub(crate) async fn fetch_text(
    site: &Site,
    path: &str,
    host: Option<&HeaderValue>,
) -> Option<String> {
    if site.faults.borrow().upstream != UpstreamFault::None {
        return None;
    }
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().ok()?;
    if let Some(host) = host {
        request.headers_mut().insert(header::HOST, host.clone());
    }
    let response = send(site, request).await;
    if response.status() != StatusCode::OK {
        return None;
    }
    let bytes = to_bytes(response.into_body(), HELD_AT_MOST).await.ok()?;
    String::from_utf8(bytes.to_vec()).ok()
}

fn refusal(faults: &Faults, is_post: bool, is_wasm: bool) -> Option<Response> {
    match faults.upstream {
        UpstreamFault::Down => return Some(bad_gateway("switched off by a fault")),
        UpstreamFault::DownForPosts if is_post => {
            return Some(bad_gateway("switched off by a fault"));
        }
        UpstreamFault::Busy => {
            let retry = [(header::RETRY_AFTER, "1")];
            return Some(
                (StatusCode::SERVICE_UNAVAILABLE, retry, "busy by a fault\n").into_response(),
            );
        }
        _ => {}
    }
    (is_wasm && faults.wasm == WasmFault::Missing).then(|| StatusCode::NOT_FOUND.into_response())
}

async fn send(site: &Site, mut request: Request) -> Response {
    let upstream = site.upstream();
    match aim(&upstream, request.uri()) {
        Ok(uri) => *request.uri_mut() = uri,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
    strip(request.headers_mut());
    match tokio::time::timeout(ANSWER_WITHIN, site.client.request(request)).await {
        Ok(Ok(mut response)) => {
            strip(response.headers_mut());
            response.map(Body::new)
        }
        Ok(Err(_)) => bad_gateway(&format!(
            "nothing answers at {upstream}; is `sayso serve` running there?"
        )),
        Err(_) => (StatusCode::GATEWAY_TIMEOUT, "the upstream took too long\n").into_response(),
    }
}

async fn hold(site: &Site, answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, HELD_AT_MOST).await;
    site.faults_when(|f| !f.hold_receipts).await;
    match body {
        Ok(bytes) => Response::from_parts(head, Body::from(bytes)),
        Err(_) => bad_gateway("the upstream's answer broke off"),
    }
}

/// The asked path and query, at the upstream.
fn aim(upstream: &Uri, asked: &Uri) -> Result<Uri, axum::http::uri::InvalidUriParts> {
    let mut parts = Parts::default();
    parts.scheme = upstream.scheme().cloned();
    parts.authority = upstream.authority().cloned();
    parts.path_and_query = asked.path_and_query().cloned();
    Uri::from_parts(parts)
}

fn with_forwarding_headers(
    mut request: Request,
    visitor: SocketAddr,
    scheme: &'static str,
) -> Request {
    let headers = request.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&visitor.ip().to_string()) {
        headers.insert("x-forwarded-for", value);
    }
    headers.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
    request
}

fn strip(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

fn bad_gateway(why: &str) -> Response {
    (StatusCode::BAD_GATEWAY, format!("{why}\n")).into_response()
}
