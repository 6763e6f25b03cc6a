//! https in front of a site: a certificate made for this run, and bytes handed on to the plain port behind.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use rcgen::{CertificateParams, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::Result;

/// The hosts that the certificate names. All are this machine: browsers ask no resolver about what ends in `localhost`.
const HOSTS: [&str; 4] = ["localhost", "*.localhost", "*.site.localhost", "127.0.0.1"];

/// One certificate serves every front of a test program.
static ACCEPTOR: OnceLock<TlsAcceptor> = OnceLock::new();

/// A port that speaks TLS; closed when dropped.
#[derive(Debug)]
pub(crate) struct Front {
    port: u16,
    listener: Option<TcpListener>,
    task: Option<JoinHandle<()>>,
}

impl Front {
    /// Takes a free port, so that its number is known before there is anything behind it.
    pub(crate) async fn bind() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        Ok(Self {
            port: listener.local_addr()?.port(),
            listener: Some(listener),
            task: None,
        })
    }

    /// The origin under one of the machine's names.
    pub(crate) fn origin(&self, host: &str) -> String {
        format!("https://{host}:{}", self.port)
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Hands every connection on to `behind` from now on.
    pub(crate) fn serve(&mut self, behind: SocketAddr) -> Result {
        let listener = self.listener.take().ok_or("this front serves already")?;
        let acceptor = acceptor()?;
        self.task = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(acceptor.clone(), stream, behind));
            }
        }));
        Ok(())
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// One connection. A browser breaks off whenever it likes, so nothing that goes wrong here is worth a word.
async fn carry(acceptor: TlsAcceptor, stream: TcpStream, behind: SocketAddr) {
    let (Ok(mut outer), Ok(mut inner)) = (
        acceptor.accept(stream).await,
        TcpStream::connect(behind).await,
    ) else {
        return;
    };
    let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
}

fn acceptor() -> Result<TlsAcceptor> {
    if let Some(made) = ACCEPTOR.get() {
        return Ok(made.clone());
    }
    let key = KeyPair::generate()?;
    let names: Vec<String> = HOSTS.map(str::to_owned).into();
    let certificate = CertificateParams::new(names)?.self_signed(&key)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    let made = TlsAcceptor::from(Arc::new(config));
    Ok(ACCEPTOR.get_or_init(|| made).clone())
}
