//! What was shown, by its digest, and the public keys.

use axum::Extension;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sayso_core::crypto::Jwks;
use sayso_core::digest::Digest;
use sayso_core::wire::Problem;
use sayso_ledger::document::DocumentKind;

use super::ForSite;
use crate::asset::public;
use crate::openapi::Description;
use crate::problem::{Code, Refusal};
use crate::site::Site;

/// A notice by its digest: the exact bytes that receipts name.
#[utoipa::path(
    get, path = "/v1/notices/{digest}", tag = "proofs",
    params(("digest" = String, Path, description = "SHA-256 in base64url")),
    responses(
        (status = 200, description = "The notice, kept for ever", body = Object, content_type = "application/json"),
        (status = 404, description = "None of this digest was ever shown", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn notice(
    Extension(site): ForSite,
    Path(digest): Path<String>,
) -> Result<Response, Refusal> {
    document(&site, DocumentKind::Notice, &digest).await
}

/// A layer by its digest: the exact bytes that receipts name.
#[utoipa::path(
    get, path = "/v1/layers/{digest}", tag = "proofs",
    params(("digest" = String, Path, description = "SHA-256 in base64url")),
    responses(
        (status = 200, description = "The layer, kept for ever", content((Object = "application/json"), (String = "text/plain"))),
        (status = 404, description = "None of this digest was ever shown", body = Problem, content_type = "application/problem+json"),
    )
)]
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

/// The site's public keys (RFC 7517); retired ones stay.
#[utoipa::path(
    get, path = "/v1/jwks.json", tag = "proofs",
    responses((status = 200, description = "The keys", body = Jwks, content_type = "application/jwk-set+json"))
)]
pub async fn jwks(Extension(site): ForSite) -> Response {
    // Strings alone: serialising them has no way to fail.
    let mut response = serde_json::to_string_pretty(&site.signer.jwks())
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

/// This document (OpenAPI 3.1).
#[utoipa::path(
    get, path = "/v1/openapi.json", tag = "proofs",
    responses(
        (status = 200, description = "The document", body = Object, content_type = "application/json"),
        (status = 304, description = "It has not changed"),
    )
)]
pub async fn openapi(
    Extension(description): Extension<Description>,
    headers: HeaderMap,
) -> Response {
    description.respond(&headers)
}
