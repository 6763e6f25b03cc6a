//! From a request to the site it is for, and on to what answers it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderMap, Method, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::Instant;
use tower::ServiceExt;
use utoipa_axum::routes;

use crate::client::Peer;
use crate::edge::Edge;
use crate::guard::{self, Guard};
use crate::handler::receipt::Results;
use crate::handler::{
    address, asset, confirm, document, erasure, health, log, page, receipt, unsubscribe, verify,
};
use crate::openapi::{Description, Document, Routes};
use crate::problem::{Code, Refusal};
use crate::secure;
use crate::site::Site;

/// How often the limiter forgets.
const SWEEP: Duration = Duration::from_secs(60);

/// Every site of this process.
#[derive(Clone, Debug)]
pub struct Service {
    served: Arc<[Served]>,
    routes: Router,
    edge: Edge,
}

/// A site with what its requests pass and get.
#[derive(Clone, Debug)]
struct Served {
    site: Arc<Site>,
    guard: Guard,
    description: Description,
}

impl Service {
    /// A service for these sites.
    pub fn new(sites: Vec<Arc<Site>>) -> Self {
        Self::with(sites, Edge::default())
    }

    /// A service for these sites behind this edge.
    pub fn with(sites: Vec<Arc<Site>>, edge: Edge) -> Self {
        let (routes, document) = routes();
        for site in &sites {
            site.ledger.watch(edge.metrics.watcher(&site.config.id));
        }
        let served = |site: Arc<Site>| Served {
            guard: Guard::new(&site, &edge),
            description: Description::new(&document, &site.config),
            site,
        };
        Self {
            served: sites.into_iter().map(served).collect(),
            routes,
            edge,
        }
    }

    /// The sites.
    pub fn sites(&self) -> Vec<Arc<Site>> {
        let site = |served: &Served| Arc::clone(&served.site);
        self.served.iter().map(site).collect()
    }

    /// Forgets, again and again until told to stop, whoever has a full share of everything.
    pub async fn sweep(self, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(SWEEP) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            for served in self.served.iter() {
                served.guard.rates.sweep();
                let count = served.guard.turned_away();
                if count > 0 {
                    let site = &served.site.config.id;
                    tracing::warn!(site, count, "requests were turned away in the last minute");
                }
            }
        }
    }

    /// Everything this process answers.
    pub fn router(self) -> Router {
        Router::new().fallback(dispatch).with_state(Arc::new(self))
    }

    /// The site that a request is for, and the rest of its path below that site's base.
    fn find(&self, path: &str, headers: &HeaderMap) -> Option<(&Served, String)> {
        let below = |served: &Served| {
            // The one address outside the base, for a proxy that hands it on as it stands.
            if path == "/.well-known/gpc.json" {
                return Some("/gpc.json".to_owned());
            }
            let rest = path.strip_prefix(served.site.config.base.as_str())?;
            rest.starts_with('/').then(|| rest.to_owned())
        };
        if let [served] = self.served.as_ref() {
            return Some((served, below(served)?));
        }
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let candidates: Vec<_> = self
            .served
            .iter()
            .filter_map(|served| Some((served, below(served)?)))
            .collect();
        let allowing = |origin: &str| {
            let mut candidates = candidates.iter();
            candidates.find(|(served, _)| served.site.config.allows_origin(origin))
        };
        let by_host = || {
            let host = text(header::HOST)?;
            let mut schemes = ["https", "http"].into_iter();
            schemes.find_map(|scheme| allowing(&format!("{scheme}://{host}")))
        };
        let by_origin = text(header::ORIGIN).and_then(allowing);
        by_origin.or_else(by_host).cloned()
    }
}

/// The routes below a site's base path, and the document that describes them.
fn routes() -> (Router, Document) {
    let (router, document) = Routes::new()
        .with(routes!(asset::script))
        .with(routes!(asset::file))
        .with(routes!(asset::hashed))
        .with(routes!(receipt::post, receipt::preflight))
        .with(routes!(address::post, address::preflight))
        .with(routes!(erasure::post, erasure::preflight))
        .with(routes!(document::notice))
        .with(routes!(document::layer))
        .with(routes!(document::jwks))
        .with(routes!(document::openapi))
        .with(routes!(log::checkpoint))
        .with(routes!(log::tile))
        .with(routes!(log::proof))
        .with(routes!(log::consistency))
        .with(routes!(confirm::get, confirm::post))
        .with(routes!(unsubscribe::get, unsubscribe::post))
        .with(routes!(page::preferences))
        .with(routes!(page::newsletter, page::subscribe))
        .with(routes!(verify::get))
        .with(routes!(health::live))
        .with(routes!(health::ready))
        .finish();
    let router = router
        .route_layer(middleware::from_fn(guard::pass))
        .fallback(missing)
        .method_not_allowed_fallback(other_method);
    (router, document)
}

async fn dispatch(State(service): State<Arc<Service>>, request: Request) -> Response {
    secure::public(answer(&service, request).await)
}

async fn answer(service: &Service, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if !is_text(&path) {
        return Refusal::new(Code::Malformed, "the path is not text").into_response();
    }
    let Some((served, rest)) = service.find(&path, request.headers()) else {
        return missing().await;
    };
    let rest = match request.uri().query() {
        Some(query) => format!("{rest}?{query}"),
        None => rest,
    };
    let at_the_door = served.guard.at_the_door(&served.site, &rest, request);
    let mut request = match at_the_door.await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let Ok(below) = rest.parse::<PathAndQuery>() else {
        return missing().await;
    };
    *request.uri_mut() = Uri::from(below);
    let method = method_of(request.method());
    let site = &served.site;
    let proxies = &service.edge.proxies;
    let peer = request.extensions_mut().remove::<Peer>();
    let network = peer.and_then(|peer| proxies.network(peer, request.headers()));
    let extensions = request.extensions_mut();
    if let Some(network) = network {
        extensions.insert(network);
    }
    extensions.insert(Arc::clone(site));
    extensions.insert(service.edge.health.clone());
    extensions.insert(served.guard.clone());
    extensions.insert(served.description.clone());
    let started = Instant::now();
    let mut response = service
        .routes
        .clone()
        .oneshot(request)
        .await
        .into_response();
    guard::jitter(&mut response, site.random.as_ref());
    // The route, never the request: no query, no token, no address gets into a log or a label.
    let route = response.extensions().get::<guard::Route>();
    let route = route.map_or("other", |route| route.0.as_str());
    let status = response.status().as_u16();
    let metrics = &service.edge.metrics;
    for outcome in response
        .extensions()
        .get::<Results>()
        .into_iter()
        .flat_map(|all| &all.0)
    {
        metrics.receipt(&site.config.id, outcome);
    }
    metrics.answered(&site.config.id, route, method, status, started.elapsed());
    // What went as it should is counted and not told: a line for each of thousands a second, written under one lock,
    // would take more of the processor than routing them does. Who is to come back is told of once a minute.
    if status < 400 || status == 429 || status == 503 {
        tracing::debug!(site = %site.config.id, method, route, status, "answered");
    } else {
        tracing::info!(site = %site.config.id, method, route, status, "answered");
    }
    response
}

/// Whether a path, its escapes undone, is UTF-8.
fn is_text(path: &str) -> bool {
    let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    let mut bytes = path.bytes();
    let mut plain = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            plain.push(byte);
            continue;
        }
        let mut ahead = bytes.clone();
        match (digit(ahead.next()), digit(ahead.next())) {
            (Some(high), Some(low)) => {
                plain.extend(u8::try_from(high * 16 + low));
                bytes = ahead;
            }
            // A percent sign that begins no escape stands for itself.
            _ => plain.push(byte),
        }
    }
    std::str::from_utf8(&plain).is_ok()
}

/// The method, if it is one that anybody uses: a label must not be whatever a client thinks up.
fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

async fn other_method() -> Response {
    Refusal::new(
        Code::MethodNotAllowed,
        "this address takes other methods; `Allow` names them",
    )
    .into_response()
}

async fn missing() -> Response {
    Refusal::new(Code::NotFound, "there is nothing at this address").into_response()
}
