//! What answers each request, one family per file.

pub mod address;
pub mod asset;
pub mod confirm;
pub mod document;
pub mod erasure;
pub mod health;
pub mod log;
pub mod page;
pub mod receipt;
pub mod rotation;
pub mod unsubscribe;
pub mod verify;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::{Code, Refusal};
use crate::site::Site;

/// The site that a request is for; put there before any handler runs.
pub(crate) type ForSite = Extension<Arc<Site>>;

/// What a query asks for. One that cannot be read is refused like everything else, with a problem document.
pub struct Asked<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Query(asked) = Query::try_from_uri(&parts.uri).map_err(|_| {
            let detail = "the query cannot be read: each name may stand in it once";
            Refusal::new(Code::Malformed, detail)
        })?;
        Ok(Self(asked))
    }
}

/// For how long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let reading = Limited::new(body, limit).collect();
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::new(
            Code::TooLarge,
            format!("the body may be {limit} bytes long at most"),
        )),
        Ok(Err(_)) => Err(Refusal::new(Code::Malformed, "the body broke off")),
        Err(_) => Err(Refusal::new(
            Code::Timeout,
            "the body did not arrive in time",
        )),
    }
}
