//! Starting the site, asking what it saw, breaking it on purpose, and stopping it.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::http::{Uri, uri::Scheme};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    fault::Faults,
    hit::{Hit, Seen},
    site::{self, Site},
    watch::Watch,
};

/// How long [`Demo::stop`] waits for requests under way.
const STOP_WITHIN: Duration = Duration::from_secs(1);

/// What the site is made of.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Origin of the running `sayso serve`, such as `http://127.0.0.1:8788`.
    pub upstream: String,
    /// Folder of the pages.
    pub pages: PathBuf,
    /// Whether `GET` and `POST /faults` exist.
    pub faults: bool,
    /// Whether visitors come by https, through somebody in front who ends it.
    pub https: bool,
}

impl Options {
    /// A site on a free loopback port, without the `/faults` endpoint.
    pub fn new(upstream: impl Into<String>, pages: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            upstream: upstream.into(),
            pages: pages.into(),
            faults: false,
            https: false,
        }
    }
}

/// A running demo site. Dropping it stops it.
#[derive(Debug)]
pub struct Demo {
    address: SocketAddr,
    site: Arc<Site>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Demo {
    /// Listens and serves until stopped.
    ///
    /// # Errors
    /// If the address is taken, the folder has no `index.html`, or the upstream is not an `http://` origin.
    pub async fn start(options: Options) -> io::Result<Self> {
        if !options.pages.join("index.html").is_file() {
            return Err(invalid(format!(
                "{}: no index.html in this folder; --pages names the folder of the site's pages",
                options.pages.display()
            )));
        }
        let upstream = parse_upstream(&options.upstream)?;
        let listener = TcpListener::bind(options.listen).await.map_err(|e| {
            io::Error::new(
                e.kind(),
                format!("cannot listen on {}: {e}", options.listen),
            )
        })?;
        let address = listener.local_addr()?;
        let scheme = if options.https { "https" } else { "http" };
        let site = Arc::new(Site::new(options.pages, upstream, scheme, options.faults));
        let service =
            site::router(site.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let serving = axum::serve(listener, service).with_graceful_shutdown(async {
                let _ = stopped.await; // a dropped sender stops the site, too
            });
            if let Err(error) = serving.await {
                eprintln!("demo site: {error}");
            }
        });
        Ok(Self {
            address,
            site,
            stop: Some(stop),
            task,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its origin, such as `http://127.0.0.1:41234`, without a slash at the end.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address of one of its pages; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What arrived at the analytics, pixel, frame and chat endpoints, oldest first.
    pub fn hits(&self) -> Vec<Hit> {
        self.site.hits.hits()
    }

    /// Every request of any kind, oldest first: pages, assets, and what was handed to sayso.
    pub fn requests(&self) -> Vec<Seen> {
        self.site.hits.requests()
    }

    /// Forgets hits and requests.
    pub fn reset(&self) {
        self.site.hits.reset();
    }

    /// The script that stands first in every page, and what pages report with it.
    pub fn watch(&self) -> Watch {
        self.site.watch.clone()
    }

    /// What is broken at this moment.
    pub fn faults(&self) -> Faults {
        self.site.faults.borrow().clone()
    }

    /// Breaks or mends; whatever waits for a mended fault goes on.
    pub fn set_faults(&self, faults: Faults) {
        self.site.faults.send_replace(faults);
    }

    /// Hands `/sayso/*` to another process from now on.
    ///
    /// # Errors
    /// If it is not an `http://` origin.
    pub fn set_upstream(&self, upstream: &str) -> io::Result<()> {
        self.site.set_upstream(parse_upstream(upstream)?);
        Ok(())
    }

    /// Stops listening and waits a moment for requests under way.
    pub async fn stop(mut self) {
        self.site.faults.send_replace(Faults::default()); // nothing may wait for a fault any more
        drop(self.stop.take());
        let _ = tokio::time::timeout(STOP_WITHIN, &mut self.task).await;
        self.task.abort();
    }

    /// Serves until the process is told to stop.
    pub async fn wait(mut self) {
        let _ = (&mut self.task).await;
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.task.abort();
    }
}

fn parse_upstream(text: &str) -> io::Result<Uri> {
    let uri: Uri = text.parse().map_err(|e| {
        invalid(format!(
            "{text}: not an address ({e}); write http://host:port"
        ))
    })?;
    let plain = uri.scheme() == Some(&Scheme::HTTP)
        && uri.authority().is_some()
        && uri.path() == "/"
        && uri.query().is_none();
    if plain {
        Ok(uri)
    } else {
        Err(invalid(format!(
            "{text}: the upstream must be written as http://host:port"
        )))
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
