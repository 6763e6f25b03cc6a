//! What this server saw: the witness for "nothing before the choice".

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use axum::http::{HeaderMap, Method, Uri, header};
use serde::Serialize;

/// Older entries are dropped beyond this many.
const KEEP: usize = 10_000;

/// Which gated thing reached the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The analytics script reported a page view.
    Analytics,
    /// The tracking pixel was fetched.
    Pixel,
    /// The video frame was fetched.
    Frame,
    /// The live chat's script was fetched, or a message was sent with it.
    Chat,
}

/// One request that a gate should have allowed first.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// Counts from 1 since the start.
    pub number: u64,
    /// Milliseconds since 1970.
    pub time: u64,
    /// What it was.
    pub kind: Kind,
    /// Path and query asked for.
    pub path: String,
    /// The page it came from, if it said so.
    pub page: Option<String>,
    /// Names of the cookies that came along; never their values.
    pub cookies: Vec<String>,
}

/// One request of any kind.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
    /// Milliseconds since 1970.
    pub time: u64,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query asked for.
    pub path: String,
}

/// The log in memory.
#[derive(Debug, Default)]
pub(crate) struct HitLog(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    count: u64,
    hits: VecDeque<Hit>,
    requests: VecDeque<Seen>,
}

impl HitLog {
    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.lock().hits.iter().cloned().collect()
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.lock().requests.iter().cloned().collect()
    }

    pub(crate) fn reset(&self) {
        let mut entries = self.lock();
        entries.hits.clear();
        entries.requests.clear();
    }

    pub(crate) fn add_hit(&self, kind: Kind, uri: &Uri, headers: &HeaderMap, page: Option<String>) {
        let mut entries = self.lock();
        entries.count += 1;
        let hit = Hit {
            number: entries.count,
            time: now_ms(),
            kind,
            path: path_and_query(uri),
            page: page.or_else(|| referring_page(headers)),
            cookies: cookie_names(headers),
        };
        push(&mut entries.hits, hit);
    }

    pub(crate) fn add_request(&self, method: &Method, uri: &Uri) {
        let seen = Seen {
            time: now_ms(),
            method: method.to_string(),
            path: path_and_query(uri),
        };
        push(&mut self.lock().requests, seen);
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == KEEP {
        queue.pop_front();
    }
    queue.push_back(item);
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query()
        .map_or_else(|| uri.path().to_owned(), ToString::to_string)
}

/// The `Referer` without scheme and host.
fn referring_page(headers: &HeaderMap) -> Option<String> {
    let referer: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    Some(referer.path().to_owned())
}

fn cookie_names(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.split('=').next())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn now_ms() -> u64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_keeps_names_of_cookies_and_never_values() {
        let log = HitLog::default();
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            "sayso=1.x; _pulse_id=secret".parse().expect("header"),
        );
        headers.insert(
            header::REFERER,
            "http://127.0.0.1:1/pricing?x=1".parse().expect("header"),
        );
        log.add_hit(
            Kind::Pixel,
            &Uri::from_static("/hits/pixel.gif?a=1"),
            &headers,
            None,
        );
        let hits = log.hits();
        assert_eq!(hits[0].cookies, ["sayso", "_pulse_id"]);
        assert_eq!(hits[0].page.as_deref(), Some("/pricing"));
        assert_eq!(hits[0].path, "/hits/pixel.gif?a=1");
        assert!(!format!("{hits:?}").contains("secret"));
    }

    #[test]
    fn a_reset_forgets_but_numbers_go_on() {
        let log = HitLog::default();
        let uri = Uri::from_static("/hits/pixel.gif");
        log.add_hit(Kind::Pixel, &uri, &HeaderMap::new(), None);
        log.reset();
        assert!(log.hits().is_empty());
        log.add_hit(Kind::Pixel, &uri, &HeaderMap::new(), None);
        assert_eq!(log.hits()[0].number, 2);
    }
}
