//! Starting everything, serving, and ending in order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::admin::{Admin, AdminOptions, AdminToken};
use crate::checkpoint;
use crate::client::Proxies;
use crate::clock::SystemClock;
use crate::connection::{self, Door, Limits};
use crate::disk::{Disk, FolderProbe};
use crate::edge::Edge;
use crate::error::StartError;
use crate::guard::room::Room;
use crate::health::Health;
use crate::load::load;
use crate::locale::Locales;
use crate::log::{self, LogFormat};
use crate::mail::queue;
use crate::mail::transport::{MailTarget, Transport};
use crate::metrics::Metrics;
use crate::piece::Pieces;
use crate::random::OsRandom;
use crate::retention;
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
    /// The administrator's listener, if there is to be one.
    pub admin: Option<AdminOptions>,
    /// Which proxies stand in front.
    pub proxies: Proxies,
    /// How many writes of a site may be under way.
    pub room: Room,
}

/// Serves until what `stop` gives resolves; it is asked for before anything listens, so whoever can tell that this is up
/// can also end it in order. Everything accepted by then is answered.
pub async fn serve<S: Future<Output = ()>>(
    options: ServeOptions,
    stop: impl FnOnce() -> S,
) -> Result<(), StartError> {
    log::start(options.log);
    let admin = options.admin.map(AdminOptions::checked).transpose()?;
    let world = World {
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom::new()),
        mail: Arc::default(),
        address: options
            .address
            .map(|address| address.trim_end_matches('/').to_owned()),
    };
    let locales = Locales::embedded()?;
    let pieces = Pieces::embedded();
    let (mut sites, mut senders) = (Vec::new(), Vec::new());
    for loaded in load(&options.sites)? {
        let id = loaded.config.id.clone();
        for language in &loaded.config.languages {
            let gaps = locales.gaps(language);
            if !gaps.is_empty() {
                tracing::warn!(site = %id, language, missing = gaps.len(), "the locale lacks texts; English stands in");
            }
        }
        senders.push(Transport::new(&options.mail.of(&loaded.config))?);
        // Each site's sender is woken by its own mail alone.
        let world = World {
            mail: Arc::default(),
            ..world.clone()
        };
        sites.push(Arc::new(
            Site::open(loaded.config, &options.data, &locales, &pieces, &world).await?,
        ));
        tracing::info!(site = %id, "site ready");
    }
    let edge = Edge {
        health: Health::new(Disk::new(Arc::new(FolderProbe(options.data.clone())))),
        metrics: Metrics::new(),
        proxies: options.proxies,
        room: options.room,
    };
    let service = Service::with(sites.clone(), edge.clone());
    let stop = stop();
    let (stopping, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    if let Some(address) = admin {
        let admin = Admin {
            sites: service.sites().into(),
            token: Arc::new(AdminToken::open(&options.data, world.random.as_ref())?),
            health: edge.health.clone(),
            metrics: edge.metrics.clone(),
        };
        let listener = listen(address).await?;
        tracing::info!(%address, "listening for the administrator");
        let door = Door {
            limits: Limits::admin(),
            ..Door::default()
        };
        tasks.spawn(connection::serve_through(
            door,
            listener,
            admin.router(),
            stopped.clone(),
        ));
    }
    let listener = listen(options.listen).await?;
    tracing::info!(address = %options.listen, sites = sites.len(), "listening");

    tasks.spawn(edge.health.disk().clone().watch(stopped.clone()));
    tasks.spawn(service.clone().sweep(stopped.clone()));
    for (site, transport) in sites.iter().zip(senders) {
        tasks.spawn(checkpoint::run(Arc::clone(site), stopped.clone()));
        tasks.spawn(retention::run(Arc::clone(site), stopped.clone()));
        tasks.spawn(queue::run(
            Arc::clone(site),
            transport,
            edge.metrics.clone(),
            stopped.clone(),
        ));
    }
    let door = Door {
        limits: Limits::default().within_open_files(),
        proxies: edge.proxies.clone(),
        metrics: edge.metrics.clone(),
    };
    tasks.spawn(connection::serve_through(
        door,
        listener,
        service.router(),
        stopped,
    ));
    stop.await;
    tracing::info!("stopping");
    edge.health.stop();
    // They may have ended by themselves.
    let _ = stopping.send(true);
    while tasks.join_next().await.is_some() {}
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    let refused = |source| StartError::Listen {
        address: address.to_string(),
        source,
    };
    TcpListener::bind(address).await.map_err(refused)
}

/// Resolves when the process is asked to end: Ctrl-C, or SIGTERM where there is one. From the call on, neither ends it
/// by itself.
#[cfg(unix)]
pub fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    // Where no handler can be had, the signal ends the process, and there is nothing to wait for.
    let one = |kind| {
        let handler = signal(kind);
        async move {
            match handler {
                Ok(mut handler) => drop(handler.recv().await),
                Err(_) => std::future::pending().await,
            }
        }
    };
    let (interrupt, terminate) = (one(SignalKind::interrupt()), one(SignalKind::terminate()));
    async {
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
}

/// Resolves when the process is asked to end: Ctrl-C.
#[cfg(not(unix))]
pub fn asked_to_stop() -> impl Future<Output = ()> {
    async {
        // Without a handler there is nothing to wait for but the end itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
