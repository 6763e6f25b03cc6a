//! Starting everything, serving, and ending in order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::clock::SystemClock;
use crate::connection;
use crate::error::StartError;
use crate::load::load;
use crate::locale::Locales;
use crate::log::{self, LogFormat};
use crate::mail::queue;
use crate::mail::transport::{MailTarget, Transport};
use crate::piece::Pieces;
use crate::random::OsRandom;
use crate::service::Service;
use crate::site::{Site, World};

/// How `sayso serve` was called.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The folder with the sites.
    pub sites: PathBuf,
    /// The folder with their data.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where mail goes.
    pub mail: MailTarget,
    /// Where this service is reached from outside, such as `https://consent.shop.example`, if that is not the origin of
    /// the pages that use it. Links in mail lead there.
    pub address: Option<String>,
    /// The form of log lines.
    pub log: LogFormat,
}

/// Serves until `stop` resolves. Everything accepted by then is answered.
pub async fn serve(
    options: ServeOptions,
    stop: impl Future<Output = ()>,
) -> Result<(), StartError> {
    log::start(options.log);
    let transport = Transport::new(&options.mail)?;
    let wake = Arc::new(Notify::new());
    let world = World {
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom::new()),
        mail: Arc::clone(&wake),
        address: options
            .address
            .map(|address| address.trim_end_matches('/').to_owned()),
    };
    let locales = Locales::embedded()?;
    let pieces = Pieces::embedded();
    let mut sites = Vec::new();
    for loaded in load(&options.sites)? {
        let id = loaded.config.id.clone();
        for language in &loaded.config.languages {
            let gaps = locales.gaps(language);
            if !gaps.is_empty() {
                tracing::warn!(site = %id, language, missing = gaps.len(), "the locale lacks texts; English stands in");
            }
        }
        sites.push(Arc::new(
            Site::open(loaded.config, &options.data, &locales, &pieces, &world).await?,
        ));
        tracing::info!(site = %id, "site ready");
    }
    let refused = |source| StartError::Listen {
        address: options.listen.to_string(),
        source,
    };
    let listener = TcpListener::bind(options.listen).await.map_err(refused)?;
    tracing::info!(address = %options.listen, sites = sites.len(), "listening");

    let (stopping, stopped) = watch::channel(false);
    let sender = tokio::spawn(queue::run(sites.clone(), transport, wake, stopped.clone()));
    let router = Service::new(sites).router();
    let serving = tokio::spawn(connection::serve(listener, router, stopped));
    stop.await;
    tracing::info!("stopping");
    // Both may have ended by themselves.
    let _ = stopping.send(true);
    let _ = serving.await;
    let _ = sender.await;
    tracing::info!("stopped");
    Ok(())
}

/// Resolves when the process is asked to end: Ctrl-C, or SIGTERM where there is one.
pub async fn asked_to_stop() {
    let interrupt = async {
        // Without a handler there is nothing to wait for but the end itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
