//! A small site of another origin, whose pages a test writes while it runs, with a log of every request.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use sayso_demo::Watch;
use tokio::net::TcpListener;
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
    hits: Mutex<Vec<String>>,
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
        self.shared.hits.lock().expect("no holder panics").clone()
    }

    /// How often a path that starts with `start` was asked for.
    pub fn count(&self, start: &str) -> usize {
        self.hits()
            .iter()
            .filter(|hit| hit.starts_with(start))
            .count()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    shared
        .hits
        .lock()
        .expect("no holder panics")
        .push(uri.to_string());
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
            (
                [
                    (header::CONTENT_TYPE, kind),
                    (header::CACHE_CONTROL, keeping.to_owned()),
                ],
                text,
            )
                .into_response()
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
