//! What was shown, by its digest, and the public keys.

use axum::Extension;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sayso_core::digest::Digest;
use sayso_ledger::document::DocumentKind;

use super::ForSite;
use crate::asset::public;
use crate::problem::{Code, Refusal};
use crate::site::Site;

/// `GET v1/notices/{digest}`
pub async fn notice(
    Extension(site): ForSite,
    Path(digest): Path<String>,
) -> Result<Response, Refusal> {
    document(&site, DocumentKind::Notice, &digest).await
}

/// `GET v1/layers/{digest}`
pub async fn layer(
    Extension(site): ForSite,
    Path(digest): Path<String>,
) -> Result<Response, Refusal> {
    document(&site, DocumentKind::Layer, &digest).await
}

async fn document(site: &Site, kind: DocumentKind, digest: &str) -> Result<Response, Refusal> {
    let missing = || {
        Refusal::new(
            Code::NotFound,
            format!("no {} of this digest was ever shown", kind.as_str()),
        )
    };
    let digest = Digest::parse(digest).ok_or_else(missing)?;
    let document = site
        .ledger
        .document(kind, digest)
        .await?
        .ok_or_else(missing)?;
    let mut response = document.body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::try_from(document.media).map_err(|_| missing())?,
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    public(headers);
    Ok(response)
}

/// `GET v1/jwks.json`
pub async fn jwks(Extension(site): ForSite) -> Response {
    // Strings alone: serialising them has no way to fail.
    let mut response = serde_json::to_string_pretty(site.signer.jwks())
        .unwrap_or_default()
        .into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/jwk-set+json"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    public(headers);
    response
}
