//! Turning away at the door. When more answers arrive than can be kept, most of what arrives is told to come back, and what
//! that costs is missing for what is kept. So the one address that a whole site's visitors post to is asked about before
//! anything is routed or read as JSON, and the answer lies ready.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sayso_core::wire::MAX_BODY;

use super::{Guard, answer};
use crate::handler::read_body;
use crate::limit::shuts;
use crate::metrics::{Metrics, TurningAway};
use crate::origin;
use crate::problem::{Code, Refusal};
use crate::secure;
use crate::site::Site;

/// Where answers are posted, below a site's base.
const ANSWERS: &str = "/v1/receipts";

/// What is said where there is no place.
pub(super) fn busy() -> Refusal {
    Refusal::new(
        Code::Busy,
        "too many answers are arriving at once; try again shortly",
    )
}

impl Guard {
    /// Hands a request for an address below the base back, or its answer if there is no room for what it says.
    ///
    /// What may only shut is handed back: whether it does is for [`super::pass`] to see, which reads it with care.
    pub(crate) async fn at_the_door(
        &self,
        site: &Site,
        below: &str,
        request: Request,
    ) -> Result<Request, Response> {
        if below != ANSWERS || request.method() != Method::POST || !self.places.is_full() {
            return Ok(request);
        }
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        // Read in any case: a connection whose request lies there unread is of no more use.
        let body = match read_body(body, MAX_BODY).await {
            Ok(body) => body,
            Err(refusal) => return Err(answer(site, ANSWERS, &parts.headers, refusal)),
        };
        let room = match self.places.is_full() {
            true => !self.places.is_crammed() && !shuts::says_yes(&body),
            false => true,
        };
        if room {
            return Ok(Request::from_parts(parts, Body::from(body)));
        }
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        self.no_room.counted.one(began.elapsed());
        let origin = origin::listed(&site.config, &parts.headers).ok();
        let origin = origin.and_then(|_| parts.headers.get(header::ORIGIN));
        Err(self.no_room.response(origin))
    }
}

/// The answer to most of those for whom there is no place: made once, as every refusal is made.
pub(super) struct NoRoomLeft {
    /// For whoever asks.
    plain: HeaderMap,
    /// For a listed page, which may read it; the page's own origin is put in.
    listed: HeaderMap,
    body: Bytes,
    /// Each is sent away for as long as this says, in turn.
    turn: AtomicU64,
    /// The shortest time, in seconds.
    least: u64,
    counted: TurningAway,
}

impl NoRoomLeft {
    pub(super) fn new(site: &str, metrics: &Metrics) -> Self {
        let refusal = busy();
        let headers = |origin: Option<&str>| {
            let mut response = refusal.clone().into_response();
            if let Some(origin) = origin {
                origin::allow(origin, response.headers_mut());
            }
            secure::public(response).into_parts().0.headers
        };
        Self {
            plain: headers(None),
            listed: headers(Some("null")),
            body: refusal.body().into(),
            turn: AtomicU64::default(),
            least: u64::from(refusal.retry_after.unwrap_or(1)),
            counted: metrics.turning_away(site, ANSWERS, refusal.code.status().as_u16()),
        }
    }

    fn response(&self, origin: Option<&HeaderValue>) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        let headers = match origin {
            Some(origin) => {
                let mut headers = self.listed.clone();
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers
            }
            None => self.plain.clone(),
        };
        *response.headers_mut() = headers;
        // What `super::jitter` does by chance; by turns it is as even, and needs no randomness for each.
        if let Some(seconds) = response.headers_mut().get_mut(header::RETRY_AFTER) {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed);
            *seconds = HeaderValue::from(self.least + turn % (self.least + 1));
        }
        response
    }
}

impl fmt::Debug for NoRoomLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoRoomLeft")
    }
}
