//! A small site of another origin, whose pages a test writes while it runs, with a log of every request.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures::StreamExt as _;
use futures::stream::once;
use sayso_demo::Watch;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Result;
use crate::tls::Front;

/// A running site; stopped when dropped.
#[derive(Debug)]
pub struct Elsewhere {
    port: u16,
    /// The same site over https.
    front: Option<Front>,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    watch: Watch,
    files: Mutex<HashMap<String, (String, String)>>,
    /// Pages that come in two pieces: where they are cut, and what must have been asked for before the second.
    cuts: Mutex<HashMap<String, (&'static str, &'static str)>>,
    hits: watch::Sender<Vec<String>>,
    kept: AtomicBool,
}

impl Elsewhere {
    /// Starts an empty site on a free port, over plain http. [`World::elsewhere`](crate::World::elsewhere) starts one that
    /// is right for every engine.
    pub async fn start() -> Result<Self> {
        Self::begin(Watch::default(), false).await
    }

    /// Starts an empty site whose pages begin with what `watch` puts there.
    pub(crate) async fn begin(watch: Watch, https: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            watch,
            ..Shared::default()
        });
        let mut front = None;
        if https {
            let mut made = Front::bind().await?;
            made.serve(listener.local_addr()?)?;
            front = Some(made);
        }
        let router = Router::new()
            .fallback(answer)
            .route(Watch::PATH, get(nothing).post(report))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // Ends with the test; nobody is left to hear of an error.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            port,
            front,
            shared,
            task,
        })
    }

    /// The origin, by the address or by a name of the machine, which are different origins for a browser.
    pub fn origin(&self, host: &str) -> String {
        if let Some(front) = &self.front {
            return front.origin(host);
        }
        format!("http://{host}:{}", self.port)
    }

    /// Lets browsers keep pages, as their back/forward caches ask for; each is still asked for when it is opened.
    pub fn let_keep(&self) {
        self.shared.kept.store(true, Ordering::Relaxed);
    }

    /// Puts a file on the site; the type follows from the name.
    pub fn put(&self, path: &str, text: &str) {
        let kind = match path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        let mut files = self.shared.files.lock().expect("no holder panics");
        files.insert(path.to_owned(), (kind.to_owned(), text.to_owned()));
    }

    /// Puts a page that comes in two pieces: up to `cut`, a text in it, and the rest once `hit` was asked for.
    pub fn put_in_pieces(&self, path: &str, text: &str, cut: &'static str, hit: &'static str) {
        assert!(text.contains(cut), "{cut:?} stands in {text}");
        self.put(path, text);
        let mut cuts = self.shared.cuts.lock().expect("no holder panics");
        cuts.insert(path.to_owned(), (cut, hit));
    }

    /// Puts every file of a folder on the site, those of its folders included.
    pub fn put_folder(&self, path: &str, folder: &Path) -> Result {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{path}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                self.put_folder(&path, &entry.path())?;
            } else {
                self.put(&path, &std::fs::read_to_string(entry.path())?);
            }
        }
        Ok(())
    }

    /// Paths asked for so far, in order, with their queries.
    pub fn hits(&self) -> Vec<String> {
        self.shared.hits.borrow().clone()
    }

    /// How often a path that starts with `start` was asked for.
    pub fn count(&self, start: &str) -> usize {
        count(&self.shared.hits.borrow(), start)
    }
}

/// How many paths start so.
fn count(hits: &[String], start: &str) -> usize {
    hits.iter().filter(|hit| hit.starts_with(start)).count()
}

impl Shared {
    /// The text, at once or in the two pieces that were asked for.
    fn pieces(&self, path: &str, text: String) -> Body {
        let cuts = self.cuts.lock().expect("no holder panics");
        let Some(&(cut, hit)) = cuts.get(path) else {
            return text.into();
        };
        let (first, rest) = text.split_at(text.find(cut).unwrap_or_default());
        let (first, rest) = (first.to_owned(), rest.to_owned());
        let mut hits = self.hits.subscribe();
        let before = count(&hits.borrow(), hit);
        let rest = async move {
            // It fails when the site is gone, and nobody is left to read on.
            let _ = hits.wait_for(|hits| count(hits, hit) > before).await;
            Ok::<_, Infallible>(rest)
        };
        Body::from_stream(once(async { Ok(first) }).chain(once(rest)))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    shared.hits.send_modify(|hits| hits.push(uri.to_string()));
    let file = shared
        .files
        .lock()
        .expect("no holder panics")
        .get(uri.path())
        .cloned();
    let keeping = match shared.kept.load(Ordering::Relaxed) {
        true => "no-cache",
        false => "no-store",
    };
    match file {
        Some((kind, text)) => {
            let text = match kind.starts_with("text/html") {
                true => shared.watch.insert(text, ""),
                false => text,
            };
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, keeping.to_owned()),
            ];
            (headers, shared.pieces(uri.path(), text)).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A page reports what went wrong on it.
async fn report(State(shared): State<Arc<Shared>>, text: String) -> StatusCode {
    shared.watch.report(text);
    StatusCode::NO_CONTENT
}

/// A page of this origin without a script.
async fn nothing() -> Html<&'static str> {
    Html("<!doctype html><title>Nothing</title>")
}
