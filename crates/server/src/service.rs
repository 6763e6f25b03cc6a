//! From a request to the site it is for, and on to what answers it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower::ServiceExt;

use crate::handler::{address, asset, confirm, document, health, page, receipt, unsubscribe};
use crate::problem::{Code, Refusal};
use crate::site::Site;

/// Every site of this process.
#[derive(Clone, Debug)]
pub struct Service {
    sites: Arc<[Arc<Site>]>,
    routes: Router,
}

impl Service {
    /// A service for these sites.
    pub fn new(sites: Vec<Arc<Site>>) -> Self {
        Self {
            sites: sites.into(),
            routes: routes(),
        }
    }

    /// The sites.
    pub fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// Everything this process answers.
    pub fn router(self) -> Router {
        Router::new().fallback(dispatch).with_state(self)
    }

    /// The site that a request is for, and the rest of its path below that site's base.
    fn find(&self, path: &str, headers: &HeaderMap) -> Option<(&Arc<Site>, String)> {
        let below = |site: &Arc<Site>| {
            let rest = path.strip_prefix(site.config.base.as_str())?;
            rest.starts_with('/').then(|| rest.to_owned())
        };
        if let [site] = self.sites.as_ref() {
            return Some((site, below(site)?));
        }
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let candidates: Vec<_> = self
            .sites
            .iter()
            .filter_map(|site| Some((site, below(site)?)))
            .collect();
        let by_origin = text(header::ORIGIN).and_then(|origin| {
            candidates
                .iter()
                .find(|(site, _)| site.config.allows_origin(origin))
        });
        let by_host = || {
            let host = text(header::HOST)?;
            let named = |site: &Arc<Site>| {
                ["https", "http"]
                    .iter()
                    .any(|scheme| site.config.allows_origin(&format!("{scheme}://{host}")))
            };
            candidates.iter().find(|(site, _)| named(site))
        };
        by_origin.or_else(by_host).cloned()
    }
}

/// The routes below a site's base path.
fn routes() -> Router {
    Router::new()
        .route("/sayso.js", get(asset::script))
        .route("/{file}", get(asset::file))
        .route("/a/{name}", get(asset::file))
        .route(
            "/v1/receipts",
            post(receipt::post).options(receipt::preflight),
        )
        .route(
            "/v1/addresses",
            post(address::post).options(receipt::preflight),
        )
        .route("/v1/notices/{digest}", get(document::notice))
        .route("/v1/layers/{digest}", get(document::layer))
        .route("/v1/jwks.json", get(document::jwks))
        .route("/confirm", get(confirm::get).post(confirm::post))
        .route(
            "/unsubscribe",
            get(unsubscribe::get).post(unsubscribe::post),
        )
        .route("/preferences", get(page::preferences))
        .route("/newsletter", get(page::newsletter).post(page::subscribe))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .fallback(missing)
}

async fn dispatch(State(service): State<Service>, mut request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some((site, rest)) = service.find(&path, request.headers()) else {
        return missing().await;
    };
    let rest = match request.uri().query() {
        Some(query) => format!("{rest}?{query}"),
        None => rest,
    };
    let Ok(below) = rest.parse::<PathAndQuery>() else {
        return missing().await;
    };
    *request.uri_mut() = Uri::from(below);
    let method = request.method().clone();
    // The route, never the request: no query, no token, no address gets into a log.
    let route = route_of(request.uri().path());
    let id = site.config.id.clone();
    request.extensions_mut().insert(Arc::clone(site));
    let response = service
        .routes
        .clone()
        .oneshot(request)
        .await
        .into_response();
    tracing::info!(site = %id, %method, route, status = response.status().as_u16(), "answered");
    response
}

/// The fixed part of a path, for the log.
fn route_of(path: &str) -> &'static str {
    const ROUTES: [&str; 15] = [
        "/sayso.js",
        "/snippet.js",
        "/cookies.",
        "/a/",
        "/v1/receipts",
        "/v1/addresses",
        "/v1/notices/",
        "/v1/layers/",
        "/v1/jwks.json",
        "/confirm",
        "/unsubscribe",
        "/preferences",
        "/newsletter",
        "/healthz",
        "/readyz",
    ];
    ROUTES
        .into_iter()
        .find(|route| path.starts_with(route))
        .unwrap_or("other")
}

async fn missing() -> Response {
    Refusal::new(Code::NotFound, "there is nothing at this address").into_response()
}
