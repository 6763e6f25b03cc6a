//! Asking a running server, over its administrator's listener, for what only an administrator may do.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sayso_core::policy::PurposeId;
use sayso_core::wire::Problem;
use sayso_server::admin::TOKEN_FILE;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::args::AdminArgs;
use crate::failure::Failure;

/// An erasure waits until the bytes are gone, in every file.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest answer.
const MAX_ANSWER: usize = 1024 * 1024;

/// Posts JSON to `sites/{site}/{what}` and reads the answer.
pub(crate) fn post<T: DeserializeOwned>(
    args: &AdminArgs,
    what: &str,
    order: &serde_json::Value,
) -> Result<T, Failure> {
    // Site ids are spelt as purpose ids are; anything else could name another address.
    PurposeId::new(&args.site)
        .map_err(|_| Failure::of(format!("{:?} is not a site id", args.site)))?;
    let token = token(&args.data)?;
    let url = format!("http://{}/sites/{}/{what}", args.admin, args.site);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::of)?;
    let asking = ask(&url, &token, args.admin, order.to_string());
    let (status, body) = runtime.block_on(async {
        let late = |_| {
            Failure::of(format!(
                "{} did not answer within {} seconds; the same command again does no harm",
                args.admin,
                PATIENCE.as_secs()
            ))
        };
        tokio::time::timeout(PATIENCE, asking).await.map_err(late)?
    })?;
    if status == 200 {
        let unreadable = |error| {
            Failure::of(format!(
                "{}: the answer cannot be read: {error}",
                args.admin
            ))
        };
        return serde_json::from_slice(&body).map_err(unreadable);
    }
    Err(refused(args, status, &body))
}

fn token(data: &Path) -> Result<Zeroizing<String>, Failure> {
    let path = data.join(TOKEN_FILE);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => Err(Failure::of(format!(
            "{}: {error}; `sayso serve --admin ADDR` makes the token at its first start, in the folder given as --data",
            path.display()
        ))),
    }
}

async fn ask(
    url: &str,
    token: &str,
    address: SocketAddr,
    body: String,
) -> Result<(u16, Vec<u8>), Failure> {
    let request = hyper::Request::post(url)
        .header("authorization", format!("Bearer {}", token.trim()))
        .header("content-type", "application/json")
        .body(Full::new(hyper::body::Bytes::from(body)))
        .map_err(Failure::of)?;
    let client: Client<HttpConnector, _> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request).await.map_err(|error| {
        Failure::of(format!(
            "nothing answers at {address} ({error}): is `sayso serve --admin {address}` running?"
        ))
    })?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), MAX_ANSWER)
        .collect()
        .await
        .map_err(|error| Failure::of(format!("{address}: the answer broke off: {error}")))?;
    Ok((status, body.to_bytes().to_vec()))
}

fn refused(args: &AdminArgs, status: u16, body: &[u8]) -> Failure {
    let problem = serde_json::from_slice::<Problem>(body);
    match (status, problem) {
        (401, _) => Failure::of(format!(
            "{} does not know this token: is {} the folder that the server was started with?",
            args.admin,
            args.data.display()
        )),
        (_, Ok(problem)) => Failure::of(format!("refused ({}): {}", problem.code, problem.detail)),
        (_, Err(_)) => Failure::of(format!(
            "{} answered {status}: is it the administrator's listener of `sayso serve`?",
            args.admin
        )),
    }
}
