//! The site's state and its routes.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::Uri,
    middleware::{self, Next},
    response::Response,
    routing::{any, get, post},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::sync::watch;

use crate::{
    endpoint,
    fault::Faults,
    fragment::Fragments,
    hit::HitLog,
    page, proxy,
    watch::{Watch, nothing, report},
};

/// Path that belongs to sayso.
pub(crate) const BASE: &str = "/sayso";

/// All that the handlers share.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) pages: PathBuf,
    pub(crate) hits: HitLog,
    pub(crate) faults: watch::Sender<Faults>,
    pub(crate) fragments: Fragments,
    pub(crate) watch: Watch,
    /// The scheme that visitors use, told to the process behind.
    pub(crate) scheme: &'static str,
    pub(crate) client: Client<HttpConnector, Body>,
    upstream: RwLock<Uri>,
    faults_over_http: bool,
}

impl Site {
    pub(crate) fn new(
        pages: PathBuf,
        upstream: Uri,
        scheme: &'static str,
        faults_over_http: bool,
    ) -> Self {
        // No kept connections: after a restart of the upstream the first request must not meet a dead one.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build_http();
        Self {
            pages,
            hits: HitLog::default(),
            faults: watch::Sender::default(),
            fragments: Fragments::default(),
            watch: Watch::default(),
            scheme,
            client,
            upstream: RwLock::new(upstream),
            faults_over_http,
        }
    }

    pub(crate) fn upstream(&self) -> Uri {
        self.upstream
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_upstream(&self, upstream: Uri) {
        *self
            .upstream
            .write()
            .unwrap_or_else(PoisonError::into_inner) = upstream;
    }

    /// Waits until the faults are as `wanted`, and gives them.
    pub(crate) async fn faults_when(&self, wanted: impl FnMut(&Faults) -> bool) -> Faults {
        let mut faults = self.faults.subscribe();
        let current = faults.wait_for(wanted).await.map(|f| f.clone());
        current.unwrap_or_default() // the sender lives as long as the site
    }
}

/// Every route of the site.
pub(crate) fn router(site: Arc<Site>) -> Router {
    let mut router = Router::new()
        .route(BASE, any(proxy::forward))
        .route("/sayso/{*rest}", any(proxy::forward))
        .route("/hits/analytics", post(endpoint::analytics))
        .route("/hits/pixel.gif", get(endpoint::pixel))
        .route("/hits/chat", post(endpoint::chat_message))
        .route("/hits/reset", post(endpoint::reset))
        .route("/hits.json", get(endpoint::hits))
        .route("/embed/video", get(endpoint::video))
        .route("/chat.js", get(endpoint::chat_script));
    if site.faults_over_http {
        router = router.route("/faults", get(endpoint::faults).post(endpoint::set_faults));
    }
    router
        .fallback(get(page::serve))
        .layer(middleware::from_fn_with_state(site.clone(), see))
        // Behind the log: what a page says of itself is no request of the page's.
        .route(Watch::PATH, get(nothing).post(report))
        .with_state(site)
}

async fn see(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    site.hits.add_request(request.method(), request.uri());
    next.run(request).await
}
