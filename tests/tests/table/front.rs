//! What stands between the demo site and the server: the table's pages, the ends that gated things reach with a log of
//! what reached them, and everything else handed on. Here a broken gate takes the place of the real one.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use sayso_tests::Result;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::page::{self, OWN};

/// No request of the gate is larger.
const AT_MOST: usize = 1 << 20;

/// A picture of one colour.
const PICTURE: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><rect width='8' height='8'/></svg>";

/// A running front; stopped when dropped.
#[derive(Debug)]
pub(crate) struct Front {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    server: String,
    table: String,
    client: reqwest::Client,
    hits: Mutex<Vec<String>>,
    /// Texts of the real gate, and what stands in their place.
    altered: Mutex<Vec<(String, String)>>,
    /// How often one was found.
    found: Mutex<usize>,
    /// How many pages were given out.
    pages: Mutex<usize>,
}

impl Front {
    /// Starts it before a server, with the table's page.
    pub(crate) async fn start(server: &str, table: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            table: table.to_owned(),
            client: reqwest::Client::new(),
            hits: Mutex::default(),
            altered: Mutex::default(),
            found: Mutex::default(),
            pages: Mutex::default(),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // Ends with the test; nobody is left to hear of an error.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { port, shared, task })
    }

    /// Its origin, for the demo site.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What reached the ends of a feature.
    pub(crate) fn hits(&self) -> Vec<String> {
        self.shared.hits.lock().expect("no holder panics").clone()
    }

    /// Forgets what reached them.
    pub(crate) fn reset(&self) {
        self.shared.hits.lock().expect("no holder panics").clear();
    }

    /// Puts other texts in the place of the gate's.
    pub(crate) fn alter(&self, altered: Vec<(String, String)>) {
        *self.shared.altered.lock().expect("no holder panics") = altered;
        *self.shared.found.lock().expect("no holder panics") = 0;
    }

    /// How often one of them was put in place since then.
    pub(crate) fn found(&self) -> usize {
        *self.shared.found.lock().expect("no holder panics")
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let Some(own) = path.strip_prefix(OWN) else {
        return match forward(&shared, request).await {
            Ok(response) => response,
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        };
    };
    if let Some((_, hit)) = own.strip_prefix("hit").and_then(|hit| hit.split_once('/')) {
        shared
            .hits
            .lock()
            .expect("no holder panics")
            .push(hit.to_owned());
        return end(hit);
    }
    let page = match own {
        "door" => page::door(),
        "blank" => page::BLANK.to_owned(),
        _ => shared.table.clone(),
    };
    match filled(&shared, &page, request.headers()).await {
        // One that may not be stored could not come back as it was.
        Ok(text) => ([(header::CACHE_CONTROL, "no-cache")], Html(text)).into_response(),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// What a gated thing gets: scripts note that they ran, under their feature's name.
fn end(hit: &str) -> Response {
    let (feature, rest) = hit.split_once('/').unwrap_or((hit, ""));
    let (kind, text) = match rest.rsplit('.').next() {
        Some("js") => ("text/javascript", format!("note({feature:?}, {rest:?})")),
        Some("css") => ("text/css", format!("#{feature} {{ color: rgb(1, 2, 3) }}")),
        Some("svg") => ("image/svg+xml", PICTURE.to_owned()),
        _ => (
            "text/html; charset=utf-8",
            "<!doctype html><title>frame</title><p>frame</p>".to_owned(),
        ),
    };
    (headers(kind), text).into_response()
}

fn headers(kind: &'static str) -> [(header::HeaderName, &'static str); 2] {
    // What is asked for must be seen to be asked for, each time.
    [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
    ]
}

/// A page with the snippet in it, as `sayso snippet` prints it.
async fn filled(shared: &Shared, page: &str, headers: &HeaderMap) -> Result<String> {
    let mut request = shared
        .client
        .get(format!("{}/sayso/snippet.js", shared.server));
    if let Some(host) = headers.get(header::HOST) {
        request = request.header(header::HOST, host);
    }
    let snippet = request.send().await?.error_for_status()?.text().await?;
    // Each page has ends of its own: what a browser remembers of an earlier one is not asked for again.
    let pages = {
        let mut pages = shared.pages.lock().expect("no holder panics");
        *pages += 1;
        *pages
    };
    let page = page.replace(&format!("{OWN}hit/"), &format!("{OWN}hit{pages}/"));
    Ok(page.replace("{snippet}", &shared.alter(&snippet)))
}

/// Hands a request on; a script comes back with what was altered in it, and is not kept.
async fn forward(shared: &Shared, request: Request) -> Result<Response> {
    let (head, body) = request.into_parts();
    let asked = head
        .uri
        .path_and_query()
        .map_or("/", |asked| asked.as_str());
    let mut headers = head.headers;
    for name in [
        header::ACCEPT_ENCODING,
        header::IF_NONE_MATCH,
        header::CONTENT_LENGTH,
        header::CONNECTION,
    ] {
        headers.remove(name);
    }
    let answer = shared
        .client
        .request(head.method, format!("{}{asked}", shared.server))
        .headers(headers)
        .body(to_bytes(body, AT_MOST).await?)
        .send()
        .await?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    for name in [
        header::TRANSFER_ENCODING,
        header::CONTENT_LENGTH,
        header::CONNECTION,
    ] {
        response.headers_mut().remove(name);
    }
    let script = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/javascript"));
    let mut body: Bytes = answer.bytes().await?;
    if script {
        body = shared.alter(std::str::from_utf8(&body)?).into();
        let never = header::HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, never);
    }
    *response.body_mut() = Body::from(body);
    Ok(response)
}

impl Shared {
    fn alter(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in self.altered.lock().expect("no holder panics").iter() {
            if text.contains(from) {
                text = text.replace(from, to);
                *self.found.lock().expect("no holder panics") += 1;
            }
        }
        text
    }
}
