//! Whether the process lives, and whether it can keep what it is given.

use axum::Extension;

use super::ForSite;
use crate::problem::Refusal;

/// `GET healthz`
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET readyz`
pub async fn ready(Extension(site): ForSite) -> Result<&'static str, Refusal> {
    site.ledger.ready().await?;
    Ok("ready\n")
}
