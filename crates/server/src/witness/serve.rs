//! Starting a witness and ending it in order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use sayso_core::config::Following;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Witness, WitnessError, router};
use crate::clock::SystemClock;
use crate::connection;
use crate::log::{self, LogFormat};
use crate::random::OsRandom;

/// How `sayso witness` was called.
#[derive(Clone, Debug)]
pub struct WitnessOptions {
    /// The witness's configuration.
    pub config: PathBuf,
    /// The folder with its key and memory.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The form of log lines.
    pub log: LogFormat,
}

/// Serves until what `stop` gives resolves; it is asked for before anything listens. `ready` hears the verifier key and the address once requests are taken.
pub async fn serve<S: Future<Output = ()>>(
    options: WitnessOptions,
    ready: impl FnOnce(&Witness, SocketAddr),
    stop: impl FnOnce() -> S,
) -> Result<(), WitnessError> {
    log::start(options.log);
    let path = &options.config;
    let text = std::fs::read_to_string(path).map_err(WitnessError::io(path))?;
    let following =
        Following::parse(&path.display().to_string(), &text).map_err(WitnessError::Config)?;
    let (clock, random) = (Arc::new(SystemClock), OsRandom::new());
    let witness = Arc::new(Witness::open(following, &options.data, clock, &random)?);
    let refused = |source| WitnessError::Listen {
        address: options.listen.to_string(),
        source,
    };
    let stop = stop();
    let listener = TcpListener::bind(options.listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    tracing::info!(%address, key = %witness.verifier_key(), logs = witness.logs.len(), "witnessing");
    ready(&witness, address);

    let (stopping, stopped) = watch::channel(false);
    let serving = tokio::spawn(connection::serve(listener, router(witness), stopped));
    stop.await;
    tracing::info!("stopping");
    // It may have ended by itself.
    let _ = stopping.send(true);
    let _ = serving.await;
    tracing::info!("stopped");
    Ok(())
}
