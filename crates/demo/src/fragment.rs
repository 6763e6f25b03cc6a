//! The two texts that pages take from sayso: the snippet and the cookie table.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::HeaderValue;

use crate::{
    proxy,
    site::{BASE, Site},
};

/// A page is not kept waiting longer than this.
const WITHIN: Duration = Duration::from_secs(2);

/// The last good copy of each text, for when sayso does not answer.
#[derive(Debug, Default)]
pub(crate) struct Fragments(Mutex<HashMap<String, String>>);

/// The inline snippet, as `sayso snippet` prints it.
pub(crate) async fn snippet(site: &Site, host: Option<&HeaderValue>) -> Option<String> {
    fresh_or_kept(site, &format!("{BASE}/snippet.js"), host).await
}

/// The cookie table in a language, as HTML.
pub(crate) async fn cookie_table(
    site: &Site,
    language: &str,
    host: Option<&HeaderValue>,
) -> Option<String> {
    fresh_or_kept(site, &format!("{BASE}/cookies.{language}.html"), host).await
}

async fn fresh_or_kept(site: &Site, path: &str, host: Option<&HeaderValue>) -> Option<String> {
    let fetched = tokio::time::timeout(WITHIN, proxy::fetch_text(site, path, host)).await;
    let mut kept = site
        .fragments
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    match fetched {
        Ok(Some(text)) => {
            kept.insert(path.to_owned(), text.clone());
            Some(text)
        }
        _ => kept.get(path).cloned(),
    }
}
