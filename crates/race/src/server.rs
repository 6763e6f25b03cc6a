//! The neutral server: the same files, headers and compression for everybody, over HTTP/2 and the shaped link.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use base64ct::{Base64, Encoding};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::PublicKeyData;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::file::File;
use crate::link::Link;

/// The most that one TLS record carries, in bytes. A browser can read nothing of a record before it has all of it, so
/// Go's TLS, and with it Caddy, begins with records of the size of a packet, as content delivery networks do.
const RECORD: usize = 1230;

/// What arrived at the server.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Seen {
    /// Method and path.
    pub(crate) request: String,
    /// The answer's status.
    pub(crate) status: u16,
    /// The answer's body as it was sent, in bytes.
    pub(crate) body: usize,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it is, such as `https://localhost:41234`.
    pub(crate) origin: String,
    /// The digest of its certificate's key, as Chromium wants it named.
    pub(crate) key: String,
    /// The link that leads to it.
    pub(crate) link: Arc<Link>,
    shared: Arc<Shared>,
    hang_up: watch::Sender<u64>,
}

#[derive(Debug)]
struct Shared {
    files: HashMap<String, File>,
    behind: Option<SocketAddr>,
    client: Client<HttpConnector, Full<Bytes>>,
    seen: Mutex<Vec<Seen>>,
}

/// A listener with its port, before it is known what it serves: pages name their origin.
#[derive(Debug)]
pub(crate) struct Listener(TcpListener);

impl Listener {
    pub(crate) async fn new() -> Result<Self> {
        Ok(Self(
            TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?,
        ))
    }

    /// Serves the files, and hands everything else under `/sayso/` to the server behind.
    pub(crate) fn serve(
        self,
        files: HashMap<String, File>,
        behind: Option<SocketAddr>,
        link: Arc<Link>,
    ) -> Result<Server> {
        let (acceptor, key) = tls()?;
        let shared = Arc::new(Shared {
            files,
            behind,
            client: Client::builder(TokioExecutor::new()).build_http(),
            seen: Mutex::default(),
        });
        let (hang_up, hung_up) = watch::channel(0);
        let server = Server {
            origin: format!("https://localhost:{}", self.0.local_addr()?.port()),
            key,
            link: link.clone(),
            shared: shared.clone(),
            hang_up,
        };
        tokio::spawn(async move {
            while let Ok((socket, _)) = self.0.accept().await {
                let (link, shared, acceptor) = (link.clone(), shared.clone(), acceptor.clone());
                let mut hung_up = hung_up.clone();
                tokio::spawn(async move {
                    hung_up.mark_unchanged();
                    tokio::select! {
                        () = connection(socket, &link, shared, acceptor) => {}
                        _ = hung_up.changed() => {}
                    }
                });
            }
        });
        Ok(server)
    }
}

impl Server {
    /// What has arrived since this was asked last.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *lock(&self.shared.seen))
    }

    /// Ends every connection, as between two days.
    pub(crate) fn hang_up(&self) {
        self.hang_up.send_modify(|times| *times += 1);
    }
}

fn lock(seen: &Mutex<Vec<Seen>>) -> std::sync::MutexGuard<'_, Vec<Seen>> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// TLS 1.3 with a certificate of this run, without resumption: every new connection pays its handshake.
fn tls() -> Result<(TlsAcceptor, String)> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let digest = Sha256::digest(made.signing_key.subject_public_key_info());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    config.send_tls13_tickets = 0;
    config.max_fragment_size = Some(RECORD);
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok((
        TlsAcceptor::from(Arc::new(config)),
        Base64::encode_string(&digest),
    ))
}

async fn connection(
    socket: TcpStream,
    link: &Arc<Link>,
    shared: Arc<Shared>,
    acceptor: TlsAcceptor,
) {
    let _ = socket.set_nodelay(true);
    // A browser that goes away in the middle is nobody's fault.
    let Ok(stream) = acceptor.accept(link.shape(socket)).await else {
        return;
    };
    let service = hyper::service::service_fn(move |request| {
        let shared = shared.clone();
        async move { Ok::<_, Infallible>(answer(&shared, request).await) }
    });
    let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let name = format!("{} {}", request.method(), request.uri().path());
    let response = match shared.files.get(request.uri().path()) {
        Some(file) if request.method() == Method::GET => serve(file),
        _ => match shared.behind {
            Some(behind) if request.uri().path().starts_with("/sayso/") => {
                forward(shared, behind, request)
                    .await
                    .unwrap_or_else(|error| plain(StatusCode::BAD_GATEWAY, format!("{error:#}\n")))
            }
            _ => plain(StatusCode::NOT_FOUND, "not here\n".to_owned()),
        },
    };
    let body = hyper::body::Body::size_hint(response.body()).lower();
    lock(&shared.seen).push(Seen {
        request: name,
        status: response.status().as_u16(),
        body: usize::try_from(body).unwrap_or(usize::MAX),
    });
    response
}

fn serve(file: &File) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(file.body.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(file.keep));
    if file.compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn plain(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}

/// As a site's own web server hands its path on.
async fn forward(
    shared: &Shared,
    behind: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>> {
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().context("a path")?.as_str();
    let host = head.uri.authority().map(ToString::to_string);
    let host = HeaderValue::try_from(host.context("a host")?)?;
    head.uri = Uri::try_from(format!("http://{behind}{path}"))?;
    head.version = hyper::Version::HTTP_11;
    head.headers.insert(header::HOST, host);
    let body = body.collect().await?.to_bytes();
    let request = Request::from_parts(head, Full::new(body));
    let (mut head, body) = shared.client.request(request).await?.into_parts();
    head.version = hyper::Version::HTTP_2;
    for name in [
        header::CONNECTION,
        header::TRANSFER_ENCODING,
        HeaderName::from_static("keep-alive"),
    ] {
        head.headers.remove(name);
    }
    Ok(Response::from_parts(
        head,
        Full::new(body.collect().await?.to_bytes()),
    ))
}
