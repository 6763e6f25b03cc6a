//! The accept loop: HTTP/1 only, with a limit on everything a client can draw out, and a graceful end.
//!
//! Who stalls is cut off; who reads nothing is cut off; and when all places are taken, whoever has rested longest makes
//! room, so that an honest client always gets in ([`places`]).

pub mod places;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::client::{Peer, Proxies};
use crate::metrics::Metrics;
use crate::problem::{Code, Refusal};
use places::{Place, Places};

/// Largest request head, in bytes.
const MAX_HEAD: usize = 32 * 1024;
/// Most headers of a request.
const MAX_HEADERS: usize = 100;

/// What clients of a listener may draw out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For how long the head of a request may take to arrive, and a connection may rest between two.
    pub head: Duration,
    /// For how long a client may leave an answer lying.
    pub write: Duration,
    /// For how long requests under way may take to finish once the process is asked to stop.
    pub last: Duration,
    /// For how long a connection without any request is heard then.
    pub first: Duration,
    /// Most connections at once.
    pub connections: usize,
    /// Most connections at once from one network, where it is known.
    pub per_network: usize,
}

/// What a listener needs beside its routes.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// What clients may draw out.
    pub limits: Limits,
    /// Which proxies stand in front.
    pub proxies: Proxies,
    /// What is counted.
    pub metrics: Metrics,
}

impl Default for Limits {
    /// For the public.
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            write: Duration::from_secs(20),
            last: Duration::from_secs(10),
            first: Duration::from_millis(500),
            connections: 8192,
            per_network: 512,
        }
    }
}

impl Limits {
    /// For the administrator and what collects metrics: few, and they are near.
    pub fn admin() -> Self {
        Self {
            connections: 64,
            per_network: 64,
            ..Self::default()
        }
    }

    /// No more connections than this process may have files open, some kept for files.
    #[must_use]
    pub fn within_open_files(self) -> Self {
        Self {
            connections: self
                .connections
                .min(open_files().saturating_sub(KEPT).max(1)),
            ..self
        }
    }
}

/// Files that are not connections: databases, logs, mails.
const KEPT: usize = 256;

/// How many files this process may have open, after asking for as many as are allowed.
fn open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let allowed = match setrlimit(Resource::Nofile, all) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    // Without a limit there is no number.
    allowed.map_or(usize::MAX, |count| {
        usize::try_from(count).unwrap_or(usize::MAX)
    })
}

/// Serves until told to stop, then lets requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, stop: watch::Receiver<bool>) {
    serve_through(Door::default(), listener, router, stop).await;
}

/// The same with limits of one's own.
pub async fn serve_through(
    door: Door,
    listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let places = Places::new(door.limits, door.metrics.clone());
    // Every connection keeps one end; the other tells when the last has let go.
    let (open, mut closed) = mpsc::channel::<Infallible>(1);
    let ending = Ending {
        stop: stop.clone(),
        open,
    };
    let take = |stream: TcpStream, peer: SocketAddr| {
        take(&door, &places, &ending, &router, stream, peer);
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => take(stream, peer),
            Err(error) => {
                // Out of file handles, most likely: waiting lets some go.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    // Whoever the operating system has accepted in the meantime is answered, too.
    if let Ok(listener) = listener.into_std() {
        while let Ok((stream, peer)) = listener.accept() {
            let stream = stream.set_nonblocking(true).map(|()| stream);
            if let Ok(stream) = stream.and_then(TcpStream::from_std) {
                take(stream, peer);
            }
        }
    }
    drop(ending);
    if tokio::time::timeout(door.limits.last, closed.recv())
        .await
        .is_err()
    {
        tracing::warn!("some connections did not end in time");
    }
}

/// How a connection learns that the process ends, and tells when it has ended itself.
#[derive(Clone)]
struct Ending {
    stop: watch::Receiver<bool>,
    open: mpsc::Sender<Infallible>,
}

/// Takes a connection, or says that there is no room.
fn take(
    door: &Door,
    places: &Arc<Places>,
    ending: &Ending,
    router: &Router,
    stream: TcpStream,
    peer: SocketAddr,
) {
    let peer = Peer(peer);
    let Some(place) = places.enter(door.proxies.direct(peer)) else {
        // One attempt: whoever has just connected has room for so few bytes.
        let _ = stream.try_write(NO_ROOM.as_bytes());
        return;
    };
    // Answers are small and must not wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(door.limits.write));
    let service = TowerToHyperService::new(router.clone().map_request({
        let place = place.clone();
        move |mut request: Request<Incoming>| {
            place.touch();
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(place.clone());
            request.map(axum::body::Body::new)
        }
    }));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(door.limits.head)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    tokio::spawn(run(connection, place, ending.clone(), door.limits.first));
}

/// Serves one connection to its end.
async fn run<S>(
    connection: http1::Connection<TokioIo<Pin<Box<TimeoutStream<TcpStream>>>>, S>,
    place: Place,
    mut ending: Ending,
    first: Duration,
) where
    S: hyper::service::HttpService<Incoming, ResBody = axum::body::Body>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut connection = pin!(connection);
    // A visitor who hangs up is nothing to report.
    let served = async {
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = ending.stop.wait_for(|stop| *stop) => {}
        }
        // Whoever was accepted and has not been heard yet may have asked already.
        if !place.was_used()
            && tokio::time::timeout(first, connection.as_mut())
                .await
                .is_ok()
        {
            return;
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    };
    tokio::select! {
        () = served => {}
        () = place.asked_to_leave() => {}
    }
    place.leave();
    drop(ending.open);
}

/// What a client is told for whom no other can make room.
static NO_ROOM: LazyLock<String> = LazyLock::new(|| {
    let refusal = Refusal::new(
        Code::Busy,
        "too many connections are open; try again shortly",
    );
    let (status, body) = (refusal.code.status(), refusal.body());
    format!(
        "HTTP/1.1 {status}\r\nRetry-After: 5\r\nConnection: close\r\nCache-Control: no-store\r\n\
         Content-Type: application/problem+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
});
