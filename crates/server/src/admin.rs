//! The administrator's own listener: metrics, health, and what only an administrator may write.
//!
//! **Invariant:** nothing here is reachable through the public listener, and no write happens without the token.

mod token;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::error::StartError;
use crate::handler::{erasure, health, rotation};
use crate::health::Health;
use crate::metrics::Metrics;
use crate::problem::{Code, Refusal};
use crate::secure;
use crate::site::Site;
pub use token::{AdminToken, FILE as TOKEN_FILE, TokenError};

/// Where the administrator's listener is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminOptions {
    /// The address.
    pub listen: SocketAddr,
    /// Whether an address that other machines can reach was asked for in so many words.
    pub anywhere: bool,
}

impl AdminOptions {
    /// The address, if it is one that may be listened on.
    pub fn checked(self) -> Result<SocketAddr, StartError> {
        if self.anywhere || self.listen.ip().to_canonical().is_loopback() {
            Ok(self.listen)
        } else {
            Err(StartError::AdminAddress {
                address: self.listen.to_string(),
            })
        }
    }
}

/// What the administrator's routes know.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Every site of this process.
    pub sites: Arc<[Arc<Site>]>,
    /// What a write must bring.
    pub token: Arc<AdminToken>,
    /// Whether the process can do its work.
    pub health: Health,
    /// What is counted.
    pub metrics: Metrics,
}

impl Admin {
    /// Everything the administrator's listener answers.
    pub fn router(self) -> Router {
        Router::new()
            .route("/metrics", get(metrics))
            .route("/healthz", get(health::live))
            .route("/readyz", get(health::detailed))
            .merge(writes().layer(middleware::from_fn_with_state(self.clone(), authorised)))
            .fallback(async || Refusal::new(Code::NotFound, "there is nothing at this address"))
            .method_not_allowed_fallback(async || {
                Refusal::new(
                    Code::MethodNotAllowed,
                    "this address takes other methods; `Allow` names them",
                )
            })
            .layer(middleware::from_fn(no_browser))
            .layer(middleware::map_response(secure::admin))
            .with_state(self)
    }
}

/// The routes that write. Each gets its site as the public handlers do, after the token was shown.
fn writes() -> Router<Admin> {
    Router::new()
        .route("/sites/{site}/erasures", post(erasure::by_operator))
        .route("/sites/{site}/keys/rotate", post(rotation::post))
}

/// `GET metrics`
async fn metrics(State(admin): State<Admin>) -> Response {
    let text = admin.metrics.text(&admin.sites, &admin.health).await;
    let kind = HeaderValue::from_static(Metrics::MEDIA);
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Lets a request through that brings the token, and gives it its site.
async fn authorised(
    State(admin): State<Admin>,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    if !bearer(request.headers()).is_some_and(|token| admin.token.is(token)) {
        let refusal = Refusal::new(
            Code::Unauthorized,
            "send the token that lies in the data folder, as `Authorization: Bearer …`",
        );
        let challenge = HeaderValue::from_static("Bearer");
        return ([(header::WWW_AUTHENTICATE, challenge)], refusal).into_response();
    }
    let wanted = params.iter().find(|(name, _)| *name == "site");
    let site = wanted.and_then(|(_, id)| admin.sites.iter().find(|site| site.config.id == id));
    let Some(site) = site.cloned() else {
        return Refusal::new(Code::NotFound, "there is no site of this id").into_response();
    };
    request.extensions_mut().insert(site);
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// A browser that some page drives has no business here: its requests name where they come from.
async fn no_browser(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let driven = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "none");
    if driven || headers.contains_key(header::ORIGIN) {
        return Refusal::new(Code::Origin, "no page may ask here").into_response();
    }
    next.run(request).await
}
