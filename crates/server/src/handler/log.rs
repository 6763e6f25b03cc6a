//! The log for everybody: checkpoint, tiles (C2SP tlog-tiles), and proofs for those who would rather not build their own.

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sayso_core::digest::encode;
use sayso_core::log::proof::Proof;
use sayso_core::log::tile::Tile;
use sayso_core::wire::Problem;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ForSite;
use crate::asset::public;
use crate::problem::{Code, Refusal};
use crate::site::Site;

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
const JSON: &str = "application/json";
/// What never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What is out of date within seconds.
const A_MOMENT: &str = "public, max-age=1";
/// What stays true and is soon bettered.
const A_MINUTE: &str = "public, max-age=60";

/// The newest published checkpoint: a signed note (C2SP), with the witnesses' cosignatures.
#[utoipa::path(
    get, path = "/checkpoint", tag = "log",
    responses(
        (status = 200, description = "The checkpoint", body = String, content_type = "text/plain"),
        (status = 404, description = "There is none yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn checkpoint(Extension(site): ForSite) -> Result<Response, Refusal> {
    let published = site.publication.newest().ok_or_else(|| {
        let detail = "the log has not published a checkpoint yet; the first follows within seconds";
        Refusal::new(Code::NotFound, detail)
    })?;
    Ok(answer(published.note.clone(), TEXT, A_MOMENT))
}

/// A tile of hashes, `{level}/{index}[.p/{width}]`, or a bundle of entries, `entries/{index}[.p/{width}]` (C2SP tlog-tiles).
#[utoipa::path(
    get, path = "/tile/{*path}", tag = "log",
    params(("path" = String, Path, description = "Which tile or bundle")),
    responses(
        (status = 200, description = "The tile, kept for ever", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "The log has no such tile, or not yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn tile(Extension(site): ForSite, Path(path): Path<String>) -> Result<Response, Refusal> {
    let found = match path.strip_prefix("entries/") {
        Some(rest) => match Tile::parse(&format!("0/{rest}")) {
            Some(tile) => entries(&site, &tile).await?,
            None => None,
        },
        None => match Tile::parse(&path) {
            Some(tile) => hashes(&site, &tile).await?,
            None => None,
        },
    };
    let missing = || Refusal::new(Code::NotFound, "the log has no such tile, or not yet");
    Ok(answer(found.ok_or_else(missing)?, BYTES, FOR_EVER))
}

async fn hashes(site: &Site, tile: &Tile) -> Result<Option<Vec<u8>>, Refusal> {
    let (level, nodes) = tile.nodes();
    let hashes = site.ledger.nodes(level, nodes).await?;
    Ok(hashes.map(|hashes| Tile::bytes(&hashes)))
}

/// A bundle of entries: each after its length in two bytes.
async fn entries(site: &Site, tile: &Tile) -> Result<Option<Vec<u8>>, Refusal> {
    let (_, range) = tile.nodes();
    let entries = site.ledger.entries(range).await?;
    let framed = |entry: sayso_core::log::Entry| {
        let bytes = entry.to_bytes();
        // Thirty-three bytes each.
        let length = (bytes.len() as u16).to_be_bytes();
        length.into_iter().chain(bytes)
    };
    Ok(entries.map(|entries| entries.into_iter().flat_map(framed).collect()))
}

/// That an entry stands in the log, under the newest published checkpoint (C2SP tlog-proof).
#[utoipa::path(
    get, path = "/v1/log/proof/{index}", tag = "log",
    params(("index" = String, Path, description = "The entry: 0, 1, 2 …")),
    responses(
        (status = 200, description = "The proof", body = String, content_type = "text/plain"),
        (status = 404, description = "No published checkpoint covers it, or not yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn proof(
    Extension(site): ForSite,
    Path(index): Path<String>,
) -> Result<Response, Refusal> {
    let index = decimal(&index).ok_or_else(|| malformed("an index is a number: 0, 1, 2 …"))?;
    let missing = || {
        let detail = "no published checkpoint covers an entry of this index, or not yet";
        Refusal::new(Code::NotFound, detail)
    };
    let published = site.publication.newest().ok_or_else(missing)?;
    if index >= published.size {
        return Err(missing());
    }
    let inclusion = site.ledger.inclusion(index, Some(published.size)).await?;
    let proof = Proof {
        index,
        hashes: inclusion.ok_or_else(missing)?.hashes,
        checkpoint: published.note.clone(),
    };
    Ok(answer(proof.to_string(), TEXT, A_MINUTE))
}

/// Which two sizes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Sizes {
    /// The smaller.
    #[param(pattern = "^(0|[1-9][0-9]*)$")]
    from: String,
    /// The larger.
    #[param(pattern = "^(0|[1-9][0-9]*)$")]
    to: String,
}

#[derive(Serialize, ToSchema)]
struct Consistency {
    v: u32,
    from: u64,
    to: u64,
    hashes: Vec<String>,
}

/// That the log of size `to` extends that of size `from`.
#[utoipa::path(
    get, path = "/v1/log/consistency", tag = "log", params(Sizes),
    responses(
        (status = 200, description = "The proof", body = Consistency, content_type = "application/json"),
        (status = 404, description = "The log has not reached that size", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn consistency(
    Extension(site): ForSite,
    sizes: Result<Query<Sizes>, QueryRejection>,
) -> Result<Response, Refusal> {
    let wanted = || malformed("ask with from=SIZE&to=SIZE, the smaller size first");
    let Query(sizes) = sizes.map_err(|_| wanted())?;
    let (Some(from), Some(to)) = (decimal(&sizes.from), decimal(&sizes.to)) else {
        return Err(wanted());
    };
    if from > to {
        return Err(wanted());
    }
    let hashes = site.ledger.consistency(from, to).await?.ok_or_else(|| {
        let detail = format!("the log has not reached {to} entries");
        Refusal::new(Code::NotFound, detail)
    })?;
    let hashes = hashes.iter().map(|hash| encode(&hash.0)).collect();
    let body = Consistency {
        v: 1,
        from,
        to,
        hashes,
    };
    // Strings and numbers: serialising them has no way to fail.
    let body = serde_json::to_string(&body).unwrap_or_default();
    Ok(answer(body, JSON, FOR_EVER))
}

/// A number in its one spelling.
fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0"
        || (!text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if canonical { text.parse().ok() } else { None }
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(Code::Malformed, detail)
}

fn answer(body: impl IntoResponse, media: &'static str, keep: &'static str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    public(headers);
    response
}
