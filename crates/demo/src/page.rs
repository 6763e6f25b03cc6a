//! Pages: HTML files with a header, a footer, a nonce, the snippet and the cookie table put in.

use std::{io, path::Path, path::PathBuf, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use base64ct::{Base64UrlUnpadded, Encoding};
use tower_http::services::ServeDir;

use crate::{fragment, site::Site};

/// The strict policy under which everything here, and Sayso itself, must work.
const POLICY: &str = "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; \
     require-trusted-types-for 'script'; trusted-types sayso";

/// Serves a page, or another file of the folder, or the page that says there is none.
pub(crate) async fn serve(State(site): State<Arc<Site>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let host = request.headers().get(header::HOST).cloned();
    if !is_public(&path) {
        return not_found(&site, host.as_ref()).await;
    }
    if let Some(clean) = clean_path(&site.pages, &path) {
        return Redirect::permanent(&clean).into_response();
    }
    if let Some(text) = read(&page_file(&site.pages, &path)).await {
        return respond(&site, StatusCode::OK, &path, &text, host.as_ref()).await;
    }
    let file = ServeDir::new(&site.pages)
        .append_index_html_on_directories(false)
        .try_call(request)
        .await;
    match file {
        Ok(response) if response.status() != StatusCode::NOT_FOUND => {
            with_asset_headers(response.map(Body::new))
        }
        Ok(_) => not_found(&site, host.as_ref()).await,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            not_found(&site, host.as_ref()).await
        }
        Err(error) => internal(&error),
    }
}

/// Whether a path may name a file: plain characters only, nothing hidden, no parts of pages.
fn is_public(path: &str) -> bool {
    path.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-._".contains(&b))
        && !path.contains("//")
        && !path
            .split('/')
            .any(|segment| segment.starts_with(['.', '_']))
}

/// `/de` → `/de/`, `/index.html` → `/`, `/pricing.html` → `/pricing`.
fn clean_path(pages: &Path, path: &str) -> Option<String> {
    if let Some(stem) = path.strip_suffix(".html") {
        return Some(
            stem.strip_suffix("index")
                .filter(|s| s.ends_with('/'))
                .unwrap_or(stem)
                .to_owned(),
        );
    }
    let is_folder = !path.ends_with('/')
        && pages
            .join(path.trim_start_matches('/'))
            .join("index.html")
            .is_file();
    is_folder.then(|| format!("{path}/"))
}

fn page_file(pages: &Path, path: &str) -> PathBuf {
    let relative = path.trim_start_matches('/');
    if relative.is_empty() || relative.ends_with('/') {
        pages.join(relative).join("index.html")
    } else {
        pages.join(format!("{relative}.html"))
    }
}

async fn read(file: &Path) -> Option<String> {
    tokio::fs::read_to_string(file).await.ok()
}

async fn not_found(site: &Site, host: Option<&HeaderValue>) -> Response {
    match read(&site.pages.join("404.html")).await {
        Some(text) => respond(site, StatusCode::NOT_FOUND, "", &text, host).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn respond(
    site: &Site,
    status: StatusCode,
    path: &str,
    text: &str,
    host: Option<&HeaderValue>,
) -> Response {
    let nonce = match new_nonce() {
        Ok(nonce) => nonce,
        Err(error) => return internal(&error),
    };
    let html = fill(site, path, text, &nonce, host).await;
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    let fixed = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("content-security-policy", POLICY),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("x-content-type-options", "nosniff"),
    ];
    let faults = site.faults.borrow().clone();
    let broken = faults
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in fixed.into_iter().chain(broken) {
        let value = HeaderValue::from_str(&value.replace("{nonce}", &nonce));
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Puts parts, nonce and Sayso's texts in their places.
async fn fill(
    site: &Site,
    path: &str,
    text: &str,
    nonce: &str,
    host: Option<&HeaderValue>,
) -> String {
    let language = language_of(text).to_owned();
    let mut html = text.to_owned();
    for part in ["header", "footer"] {
        let marker = format!("<!-- part:{part} -->");
        if html.contains(&marker) {
            let file = site
                .pages
                .join("_parts")
                .join(&language)
                .join(format!("{part}.html"));
            let part = read(&file).await.unwrap_or_default();
            let here = format!("href=\"{path}\">"); // not those that also open a surface
            html = html.replace(
                &marker,
                &part.replace(&here, &format!("href=\"{path}\" aria-current=\"page\">")),
            );
        }
    }
    if html.contains("<!-- sayso:snippet -->") {
        let script = fragment::snippet(site, host)
            .await
            .map(|js| format!("<script nonce=\"{nonce}\">{}</script>", js.trim_end()));
        html = html.replace("<!-- sayso:snippet -->", &script.unwrap_or_default());
    }
    if html.contains("<!-- sayso:cookies -->") {
        let table = fragment::cookie_table(site, &language, host).await;
        html = html.replace(
            "<!-- sayso:cookies -->",
            table.as_deref().unwrap_or(NO_TABLE),
        );
    }
    site.watch.insert(html.replace("{{nonce}}", nonce), nonce)
}

/// Shown in place of the cookie table while sayso does not answer.
const NO_TABLE: &str =
    "<p role=\"note\">The table cannot be shown at the moment. Please try again in a minute.</p>";

/// The page's language, from its `<html lang="…">`.
fn language_of(html: &str) -> &str {
    html.split_once("<html lang=\"")
        .and_then(|(_, rest)| rest.split('"').next())
        .unwrap_or("en")
}

fn new_nonce() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(Base64UrlUnpadded::encode_string(&bytes))
}

fn with_asset_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

fn internal(error: &io::Error) -> Response {
    eprintln!("demo site: {error}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_parts_and_odd_paths_are_not_public() {
        for path in [
            "/../Cargo.toml",
            "/_parts/en/header",
            "/.git/config",
            "/a//b",
            "/a%2e%2e/b",
            "/a\\b",
        ] {
            assert!(!is_public(path), "{path}");
        }
        for path in ["/", "/de/", "/css/site.css", "/journal/quiet-updates"] {
            assert!(is_public(path), "{path}");
        }
    }

    #[test]
    fn file_names_lead_to_clean_paths() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(clean_path(nowhere, "/index.html").as_deref(), Some("/"));
        assert_eq!(
            clean_path(nowhere, "/de/index.html").as_deref(),
            Some("/de/")
        );
        assert_eq!(
            clean_path(nowhere, "/pricing.html").as_deref(),
            Some("/pricing")
        );
        assert_eq!(clean_path(nowhere, "/pricing"), None);
    }

    #[test]
    fn the_language_is_the_pages_own() {
        assert_eq!(
            language_of("<!doctype html><html lang=\"ar\" dir=\"rtl\">"),
            "ar"
        );
        assert_eq!(language_of("<p>"), "en");
    }
}
