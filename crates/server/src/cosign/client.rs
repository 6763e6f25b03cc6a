//! HTTP to witnesses, who are other parties: TLS with the public roots, and bounds on what they may send.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::Missing;

/// Longest answer read: a few lines, each a cosignature.
const MAX_ANSWER: usize = 16 * 1024;
/// For how long a connection is kept between two checkpoints.
const IDLE: Duration = Duration::from_secs(90);

/// Which certificates are believed.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// The public roots, as browsers have them.
    #[default]
    Public,
    /// These roots alone.
    Roots(RootCertStore),
}

/// Posts to witnesses over kept connections.
#[derive(Clone)]
pub(super) struct Client(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) media: String,
    pub(super) body: String,
}

impl Client {
    pub(super) fn new(trust: &Trust) -> Self {
        let roots = match trust {
            Trust::Public => RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            },
            Trust::Roots(roots) => roots.clone(),
        };
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has what the default versions of TLS need")
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Plain http is refused for all but loopback hosts when the configuration is read.
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self(client)
    }

    /// Posts a text. How long that may take is the caller's to say.
    pub(super) async fn post(&self, address: &str, body: String) -> Result<Reply, Missing> {
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
            .header(
                header::USER_AGENT,
                concat!("sayso/", env!("CARGO_PKG_VERSION")),
            )
            .body(Full::from(body))
            .map_err(|error| Missing::Unreachable(error.to_string()))?;
        let response = self
            .0
            .request(request)
            .await
            .map_err(|error| Missing::Unreachable(chain(&error)))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER)
            .collect()
            .await
            .map_err(|_| Missing::Nonsense("its answer is too long, or broke off"))?
            .to_bytes();
        let media = head.headers.get(header::CONTENT_TYPE);
        let media = media.and_then(|value| value.to_str().ok()).unwrap_or("");
        Ok(Reply {
            status: head.status,
            media: media.split(';').next().unwrap_or("").trim().to_owned(),
            body: String::from_utf8(body.to_vec())
                .map_err(|_| Missing::Nonsense("its answer is not text"))?,
        })
    }
}

/// An error with its causes: the outermost alone says "client error (Connect)".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
