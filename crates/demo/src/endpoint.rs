//! The ends that gated things would reach, the log of what reached them, and the fault switches.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    fault::Faults,
    hit::{Hit, Kind},
    site::Site,
};

/// The smallest picture: one transparent pixel.
const PIXEL: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\
      \x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;";
const VIDEO: &str = include_str!("video.html");
/// The most that a report may weigh.
const REPORT_AT_MOST: usize = 4096;
const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

/// What the analytics script reports.
#[derive(Deserialize)]
struct Report {
    page: String,
}

/// `POST /hits/analytics`: one page view.
pub(crate) async fn analytics(
    State(site): State<Arc<Site>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if body.len() > REPORT_AT_MOST {
        return (
            StatusCode::PAYLOAD_TOO_LARGE,
            "a report has at most 4096 bytes\n",
        )
            .into_response();
    }
    match serde_json::from_slice::<Report>(&body) {
        Ok(report) => {
            site.hits
                .add_hit(Kind::Analytics, &uri, &headers, Some(report.page));
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => (
            StatusCode::BAD_REQUEST,
            format!("not a report: {error}; expected {{\"page\":\"/path\"}}\n"),
        )
            .into_response(),
    }
}

/// `GET /hits/pixel.gif`
pub(crate) async fn pixel(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    site.hits.add_hit(Kind::Pixel, &uri, &headers, None);
    ([(header::CONTENT_TYPE, "image/gif"), NO_STORE], PIXEL).into_response()
}

/// `GET /embed/video`: a page that stands for another company's player.
pub(crate) async fn video(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    site.hits.add_hit(Kind::Frame, &uri, &headers, None);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        NO_STORE,
    ];
    (headers, VIDEO).into_response()
}

/// `GET /chat.js`: the live chat's own script, a file of the site.
pub(crate) async fn chat_script(
    State(site): State<Arc<Site>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    site.hits.add_hit(Kind::Chat, &uri, &headers, None);
    match tokio::fs::read(site.pages.join("chat.js")).await {
        Ok(script) => {
            let kind = (header::CONTENT_TYPE, "text/javascript; charset=utf-8");
            ([kind, NO_STORE], script).into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `POST /hits/chat`: a message; what it says is not kept.
pub(crate) async fn chat_message(
    State(site): State<Arc<Site>>,
    uri: Uri,
    headers: HeaderMap,
) -> StatusCode {
    site.hits.add_hit(Kind::Chat, &uri, &headers, None);
    StatusCode::NO_CONTENT
}

/// `GET /hits.json`: the log, oldest first.
pub(crate) async fn hits(
    State(site): State<Arc<Site>>,
) -> ([(HeaderName, &'static str); 1], Json<Vec<Hit>>) {
    ([NO_STORE], Json(site.hits.hits()))
}

/// `POST /hits/reset`
pub(crate) async fn reset(State(site): State<Arc<Site>>) -> Redirect {
    site.hits.reset();
    Redirect::to("/hits")
}

/// `GET /faults`
pub(crate) async fn faults(State(site): State<Arc<Site>>) -> Json<Faults> {
    Json(site.faults.borrow().clone())
}

/// `POST /faults`: replaces all; what is left out is mended, so `{}` mends everything.
pub(crate) async fn set_faults(State(site): State<Arc<Site>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Faults>(&body) {
        Ok(faults) => {
            site.faults.send_replace(faults.clone());
            Json(faults).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, format!("not faults: {error}\n")).into_response(),
    }
}
