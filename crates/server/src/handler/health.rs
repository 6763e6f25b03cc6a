//! Whether the process lives, and whether it can keep what it is given. In public without a reason.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use sayso_core::wire::Problem;

use super::ForSite;
use crate::admin::Admin;
use crate::health::Health;
use crate::problem::{Code, Refusal};

/// Whether the process lives.
#[utoipa::path(
    get, path = "/healthz", tag = "health",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain"))
)]
pub async fn live() -> &'static str {
    "ok\n"
}

/// Whether it can keep what it is given.
#[utoipa::path(
    get, path = "/readyz", tag = "health",
    responses(
        (status = 200, description = "It can", body = String, content_type = "text/plain"),
        (status = 503, description = "It cannot now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ready(
    Extension(site): ForSite,
    Extension(health): Extension<Health>,
) -> Result<&'static str, Refusal> {
    match health.trouble(&site).await {
        None => Ok("ready\n"),
        Some(_) => Err(Refusal::new(
            Code::Unavailable,
            "the service cannot do all of its work at this moment; try again later",
        )),
    }
}

/// `GET readyz` of the administrator: a line for each site, with what keeps it from its work.
pub async fn detailed(State(admin): State<Admin>) -> (StatusCode, String) {
    let mut status = StatusCode::OK;
    let mut text = String::new();
    for site in admin.sites.iter() {
        let state = match admin.health.trouble(site).await {
            None => "ready".to_owned(),
            Some(trouble) => {
                status = StatusCode::SERVICE_UNAVAILABLE;
                format!("not ready: {trouble}")
            }
        };
        text.push_str(&format!("{}: {state}\n", site.config.id));
    }
    (status, text)
}
