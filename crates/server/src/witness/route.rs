//! A witness over HTTP: one endpoint that cosigns, and pages that say what is followed and how far.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;

use super::{Refused, Standing, Witness, request};

/// For how long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// The media type of a size in a conflict.
const SIZE: HeaderValue = HeaderValue::from_static("text/x.tlog.size");

/// Everything a witness answers.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/", get(told))
        .route("/status", get(status))
        .route("/healthz", get(async || "ok\n"))
        .fallback(async || (StatusCode::NOT_FOUND, "there is nothing at this address\n"))
        .with_state(witness)
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Body) -> Response {
    let body = match tokio::time::timeout(PATIENCE, Limited::new(body, request::MAX_LEN).collect())
        .await
    {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return (StatusCode::PAYLOAD_TOO_LARGE, "the body is too long\n").into_response();
        }
        Ok(Err(_)) => return (StatusCode::BAD_REQUEST, "the body broke off\n").into_response(),
        Err(_) => {
            return (
                StatusCode::REQUEST_TIMEOUT,
                "the body did not arrive in time\n",
            )
                .into_response();
        }
    };
    // It waits for the disk, and for others who ask about the same log. Once begun it ends, even if the client is gone.
    match tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await {
        Ok(Ok(line)) => line.into_response(),
        Ok(Err(refused)) => refused.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Refused {
    /// The status that the protocol gives it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::OldSize { .. } => StatusCode::BAD_REQUEST,
            Self::Signature(_) => StatusCode::FORBIDDEN,
            Self::UnknownLog(_) => StatusCode::NOT_FOUND,
            Self::Conflict { .. } | Self::Fork { .. } => StatusCode::CONFLICT,
            Self::Proof { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Storage => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = self.status();
        tracing::info!(status = status.as_u16(), why = %self, "a checkpoint was not cosigned");
        match self {
            Self::Conflict { last } | Self::Fork { last } => {
                (status, [(header::CONTENT_TYPE, SIZE)], format!("{last}\n")).into_response()
            }
            other => (status, format!("{other}\n")).into_response(),
        }
    }
}

/// `GET /`: for people.
async fn told(State(witness): State<Arc<Witness>>) -> String {
    let mut text = format!("witness {}\n", witness.verifier_key());
    for Standing { origin, key, last } in witness.standings() {
        let _ = match last {
            Some(last) => write!(
                text,
                "\nlog {key}\norigin {origin}\nlast cosigned:\n\n{}",
                last.note
            ),
            None => write!(text, "\nlog {key}\norigin {origin}\nnothing cosigned yet\n"),
        };
    }
    text
}

#[derive(Serialize)]
struct Status {
    v: u32,
    key: String,
    logs: Vec<LogStatus>,
}

#[derive(Serialize)]
struct LogStatus {
    origin: String,
    key: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
}

/// `GET /status`: for programs, readable from any page. The checkpoints let anyone compare what a log showed to whom.
async fn status(State(witness): State<Arc<Witness>>) -> Response {
    let log = |standing: Standing| LogStatus {
        origin: standing.origin,
        key: standing.key.to_string(),
        size: standing
            .last
            .as_ref()
            .map_or(0, |last| last.checkpoint.size),
        checkpoint: standing.last.map(|last| last.note),
    };
    let status = Status {
        v: 1,
        key: witness.verifier_key().to_string(),
        logs: witness.standings().into_iter().map(log).collect(),
    };
    let open = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (open, Json(status)).into_response()
}
