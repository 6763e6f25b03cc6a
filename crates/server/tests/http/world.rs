//! A service of the demo's configuration over a folder of its own, and requests to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use sayso_core::config::SiteConfig;
use sayso_core::crypto::Jwks;
use sayso_core::digest::sha256;
use sayso_core::verify::{Demands, Verified};
use sayso_core::wire::{Outcome, Problem, Response};
use sayso_server::StartError;
use sayso_server::clock::Clock;
use sayso_server::crypto::RingVerifier;
use sayso_server::locale::Locales;
use sayso_server::mail::queue;
use sayso_server::mail::transport::{MailTarget, Transport};
use sayso_server::piece::Pieces;
use sayso_server::random::Random;
use sayso_server::service::Service;
use sayso_server::site::{Site, World as Needs};
use tokio::sync::Notify;
use tower::ServiceExt;

/// The page that sends answers in these tests, on the service's own host.
pub(crate) const ORIGIN: &str = "https://larkspur.example";
pub(crate) const HOST: &str = "larkspur.example";
pub(crate) const NOW: u64 = 1_763_766_000_000;

/// A clock that only tests move.
pub(crate) struct Stopped(AtomicU64);

impl Clock for Stopped {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Randomness that repeats: the hashes of 0, 1, 2 …
struct Seeded(AtomicU64);

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let block = sha256(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()).0;
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// A service with one site.
pub(crate) struct World {
    pub(crate) site: Arc<Site>,
    pub(crate) clock: Arc<Stopped>,
    router: Router,
    folder: tempfile::TempDir,
}

/// The demo's configuration, on a host of its own.
pub(crate) fn config(change: impl FnOnce(String) -> String) -> SiteConfig {
    let text = include_str!("../../../../sites/demo/sayso.toml");
    let text = text.replace(
        r#"origins = ["http://127.0.0.1:*", "http://localhost:*"]"#,
        r#"origins = ["https://larkspur.example", "https://other.larkspur.example", "http://127.0.0.1:*"]"#,
    );
    SiteConfig::parse("sayso.toml", &change(text)).expect("the configuration holds")
}

/// Pieces small enough to see through.
pub(crate) fn pieces() -> Pieces {
    let text = |name: &str, body: &str| (name.to_owned(), body.as_bytes().to_vec());
    Pieces::new([
        text("gate.js", "function(c,l,s){window.told=[c,l,s]};\n"),
        text("snippet.js", "window.sayso={q:[]}"),
        text("ahead.js", "1"),
        text("inline.js", "0"),
        text("dev.js", "function(d){window.declared=d}"),
        text("settle.js", &"export default 1;\n".repeat(50)),
        text("settle_bg.wasm", "\0asm settle"),
        text("app.js", "export default 2;"),
        text("app_bg.wasm", "\0asm app"),
        text("late.js", "export default 3;"),
        text("verify_page.js", "import './verify.js';"),
        text("verify.js", "export default 4;"),
        text("verify_bg.wasm", "\0asm verify"),
    ])
}

pub(crate) fn needs(clock: Arc<dyn Clock>) -> Needs {
    Needs {
        clock,
        random: Arc::new(Seeded(AtomicU64::new(0))),
        mail: Arc::new(Notify::new()),
        address: None,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|text| text, |_| {}).await
    }

    /// A world whose configuration text and site are altered first.
    pub(crate) async fn with(
        text: impl FnOnce(String) -> String,
        change: impl FnOnce(&mut Site),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(Stopped(AtomicU64::new(NOW)));
        let opened = Self::open(folder, clock, config(text), 0, change).await;
        opened.unwrap_or_else(|(_, error)| panic!("{error}"))
    }

    async fn open(
        folder: tempfile::TempDir,
        clock: Arc<Stopped>,
        config: SiteConfig,
        seed: u64,
        change: impl FnOnce(&mut Site),
    ) -> Result<Self, (tempfile::TempDir, StartError)> {
        let locales = Locales::embedded().expect("the locales read");
        let needs = Needs {
            random: Arc::new(Seeded(AtomicU64::new(seed))),
            ..needs(Arc::clone(&clock) as Arc<dyn Clock>)
        };
        let opened = Site::open(config, folder.path(), &locales, &pieces(), &needs).await;
        let mut site = match opened {
            Ok(site) => site,
            Err(error) => return Err((folder, error)),
        };
        change(&mut site);
        let site = Arc::new(site);
        let router = Service::new(vec![Arc::clone(&site)]).router();
        Ok(Self {
            site,
            clock,
            router,
            folder,
        })
    }

    /// Ends the service and starts it again over the same folder, which may be altered in between.
    pub(crate) async fn restart(
        self,
        alter: impl FnOnce(&Path),
    ) -> Result<Self, (tempfile::TempDir, StartError)> {
        let Self {
            site,
            clock,
            router,
            folder,
        } = self;
        let config = site.config.clone();
        drop(router);
        // The last one to hold the ledger: dropping it ends its writer.
        drop(site);
        alter(&folder.path().join("demo"));
        Self::open(folder, clock, config, 1 << 32, |_| {}).await
    }

    /// The site's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().join("demo")
    }

    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) fn advance(&self, ms: u64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) fn get<'a>(&'a self, path: &'a str) -> Ask<'a> {
        self.ask(Method::GET, path)
    }

    /// A post from the site's own page.
    pub(crate) fn post<'a>(&'a self, path: &'a str, body: impl Into<Vec<u8>>) -> Ask<'a> {
        self.ask(Method::POST, path)
            .with("origin", ORIGIN)
            .with("content-type", "text/plain;charset=UTF-8")
            .body(body.into())
    }

    pub(crate) fn ask<'a>(&'a self, method: Method, path: &'a str) -> Ask<'a> {
        let headers = BTreeMap::from([("host", HOST.to_owned())]);
        Ask {
            router: &self.router,
            method,
            path,
            headers,
            body: Vec::new(),
        }
    }

    /// Sends what is queued, and gives the mails written so far, oldest first.
    pub(crate) async fn mails(&self) -> Vec<Mail> {
        let transport = Transport::new(&MailTarget::Folder).expect("a folder needs nothing");
        queue::drain(&self.site, &transport)
            .await
            .expect("the queue is drained");
        let mut paths: Vec<PathBuf> = match std::fs::read_dir(self.folder.path().join("demo/mail"))
        {
            Ok(entries) => entries
                .map(|entry| entry.expect("an entry").path())
                .collect(),
            Err(_) => Vec::new(),
        };
        paths.sort();
        paths
            .iter()
            .map(|path| Mail(std::fs::read_to_string(path).expect("a mail")))
            .collect()
    }

    /// The published keys.
    pub(crate) async fn keys(&self) -> Jwks {
        let answer = self.get("/sayso/v1/jwks.json").send().await;
        serde_json::from_slice(&answer.body).expect("a key set")
    }

    /// Checks a countersigned receipt as a visitor would, with nothing but the published keys.
    pub(crate) async fn verify(&self, outcome: &Outcome) -> Verified {
        let file = serde_json::to_vec(outcome.countersigned.as_ref().expect("countersigned"))
            .expect("JSON");
        sayso_core::verify::verify(
            &file,
            &self.keys().await,
            &Demands::default(),
            &RingVerifier,
        )
        .expect("it verifies")
    }
}

/// A request being put together.
pub(crate) struct Ask<'a> {
    router: &'a Router,
    method: Method,
    path: &'a str,
    headers: BTreeMap<&'static str, String>,
    body: Vec<u8>,
}

impl Ask<'_> {
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.to_owned());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(self.body)).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("text"))
    }

    /// The results of a post that was taken.
    pub(crate) fn results(&self) -> Vec<Outcome> {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        let response: Response = serde_json::from_slice(&self.body).expect("results");
        assert_eq!(response.v, 1);
        response.results
    }

    pub(crate) fn result(&self) -> Outcome {
        self.results().pop().expect("one result")
    }

    /// Asserts that it is a refusal of this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Problem {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let problem: Problem = serde_json::from_slice(&self.body).expect("a problem document");
        assert_eq!(
            (self.status.as_u16(), problem.code.as_str()),
            (status, code),
            "{problem:?}"
        );
        assert_eq!(problem.status, status);
        assert_eq!(problem.kind, format!("urn:sayso:problem:{code}"));
        assert!(!problem.detail.is_empty() && !problem.title.is_empty());
        assert!(
            self.headers.get("set-cookie").is_none(),
            "a refusal sets no cookie"
        );
        problem
    }
}

/// A mail as it lies in its file.
pub(crate) struct Mail(pub(crate) String);

impl Mail {
    /// Both parts, decoded far enough to find links in them.
    pub(crate) fn text(&self) -> String {
        self.0.replace("=\r\n", "").replace("=3D", "=")
    }

    pub(crate) fn header(&self, name: &str) -> String {
        let unfolded = self.0.replace("\r\n ", " ");
        let line = unfolded
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in\n{}", self.0))
            .to_owned()
    }

    /// The path of the first link to a page of the service.
    pub(crate) fn path(&self, page: &str) -> String {
        let text = self.text();
        let start = text
            .find(&format!("{ORIGIN}/sayso/{page}?t="))
            .unwrap_or_else(|| panic!("no link in\n{text}"));
        let link = text[start..]
            .split(['\r', '\n', '>', '"', '<'])
            .next()
            .expect("a link");
        link[ORIGIN.len()..].to_owned()
    }
}
