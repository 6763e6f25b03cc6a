//! What answers each request, one family per file.

pub mod address;
pub mod asset;
pub mod confirm;
pub mod document;
pub mod health;
pub mod page;
pub mod receipt;
pub mod unsubscribe;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::problem::{Code, Refusal};
use crate::site::Site;

/// The site that a request is for; put there before any handler runs.
pub(crate) type ForSite = Extension<Arc<Site>>;

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
