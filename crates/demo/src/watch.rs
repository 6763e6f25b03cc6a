//! What a page says of itself in a test: a script that stands first in every page, and what it reports.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::site::Site;

/// A script and its reports. Every copy is the same one, so that sites of several origins can share it.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    scripts: Vec<String>,
    reports: Vec<String>,
}

impl Watch {
    /// Where pages report to, and a page of nothing at all.
    pub const PATH: &'static str = "/watch";

    /// Puts a script before all others of every page from now on, after those put there earlier.
    pub fn put(&self, script: impl Into<String>) {
        self.lock().scripts.push(script.into());
    }

    /// Takes one report.
    pub fn report(&self, text: impl Into<String>) {
        self.lock().reports.push(text.into());
    }

    /// Every report so far, oldest first.
    pub fn reports(&self) -> Vec<String> {
        self.lock().reports.clone()
    }

    /// Forgets the reports so far.
    pub fn forget(&self) {
        self.lock().reports.clear();
    }

    /// A page with the scripts in it; the nonce is empty where the page's policy asks for none. Each takes itself out
    /// again before anything else of the page is read.
    pub fn insert(&self, html: String, nonce: &str) -> String {
        let scripts = self.lock().scripts.clone();
        if scripts.is_empty() {
            return html;
        }
        let nonce = match nonce {
            "" => String::new(),
            nonce => format!(" nonce=\"{nonce}\""),
        };
        let scripts: String = scripts
            .iter()
            .map(|script| {
                format!("<script{nonce}>document.currentScript.remove();{{{script}\n}}</script>")
            })
            .collect();
        let place = place(&html);
        format!("{}{scripts}{}", &html[..place], &html[place..])
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a page's first script goes: first in the head, else behind the document type.
fn place(html: &str) -> usize {
    let after = |start: &str, end: char| {
        let at = html.find(start)?;
        Some(at + html[at..].find(end)? + 1)
    };
    after("<head", '>')
        .or_else(|| after("<!doctype", '>'))
        .unwrap_or_default()
}

/// `POST /watch`: a page reports.
pub(crate) async fn report(State(site): State<Arc<Site>>, text: String) -> StatusCode {
    site.watch.report(text);
    StatusCode::NO_CONTENT
}

/// `GET /watch`: a page of this origin without a script, where storage can be looked at and emptied.
pub(crate) async fn nothing() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, "<!doctype html><title>Nothing</title>").into_response()
}

#[cfg(test)]
mod tests {
    use super::Watch;

    #[test]
    fn scripts_stand_first_and_a_page_without_any_stays_as_it_is() {
        let watch = Watch::default();
        assert_eq!(watch.insert("<p>".into(), "n"), "<p>");
        watch.put("one");
        let page = watch.insert("<!doctype html><html><head><script>own".into(), "n");
        let own = page.find("<script>own").expect("its own script");
        assert!(
            page.find("<script nonce=\"n\">").expect("ours") < own,
            "{page}"
        );
        assert!(
            watch
                .insert("<!doctype html><p>".into(), "")
                .starts_with("<!doctype html><script>")
        );
        assert!(watch.insert("<p>".into(), "").starts_with("<script>"));
    }
}
