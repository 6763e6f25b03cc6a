//! `POST sites/{site}/keys/rotate` of the administrator's listener.

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sayso_core::json;
use serde::{Deserialize, Serialize};

use super::{ForSite, read_body};
use crate::problem::{Code, Refusal};
use crate::rotation::{RotateError, Rotated, rotate};
use crate::signer::Rotating;

/// Longest order.
const MAX_BODY: usize = 1024;

/// Which keys; all that can be rotated, if none is named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    v: u32,
    #[serde(default)]
    keys: Vec<Which>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    Countersignature,
    Witness,
}

#[derive(Serialize)]
struct Answer {
    v: u32,
    rotated: Vec<Rotated>,
}

/// `POST sites/{site}/keys/rotate`
pub async fn post(Extension(site): ForSite, body: Body) -> Result<Response, Refusal> {
    let body = read_body(body, MAX_BODY).await?;
    let order: Order = json::read(&body, MAX_BODY)
        .map_err(|error| Refusal::new(Code::Malformed, error.to_string()))?;
    if order.v != 1 {
        return Err(Refusal::new(Code::Malformed, "`v` is not 1"));
    }
    let named = |which: &Which| match which {
        Which::Countersignature => Rotating::Countersignature,
        Which::Witness => Rotating::Witness,
    };
    let mut keys: Vec<Rotating> = order.keys.iter().map(named).collect();
    keys.dedup();
    if keys.is_empty() {
        keys.extend(Rotating::ALL);
    }
    let mut rotated = Vec::new();
    for which in keys {
        rotated.push(rotate(&site, which).await?);
    }
    // Strings and numbers: serialising them has no way to fail.
    let body = serde_json::to_string(&Answer { v: 1, rotated }).unwrap_or_default();
    let media = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, media)], body).into_response())
}

impl From<RotateError> for Refusal {
    fn from(error: RotateError) -> Self {
        // For the administrator, who can act on it.
        tracing::error!(%error, "a key was not rotated");
        Self::new(Code::Unavailable, error.to_string())
    }
}
