//! Witnesses behind TLS, as all but those on loopback hosts are.

use std::sync::Arc;

use axum::Router;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use sayso_core::config::{LogConfig, WitnessConfig};
use sayso_server::cosign::{Missing, Trust, Verdict, Witnesses};
use sayso_server::witness::router;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::support::{Log, ORIGIN, witness};

/// A certificate for a name, signed by itself.
fn certificate(name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    (certificate.der().clone(), key)
}

/// Serves over TLS on a port of its own.
async fn listen(
    router: Router,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, router) = (acceptor.clone(), router.clone());
            tokio::spawn(async move {
                // A client that does not believe the certificate hangs up.
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service = TowerToHyperService::new(router);
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                let _ = serving.await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_witness_is_believed_only_behind_a_certificate_that_is() {
    let log = Log::new(ORIGIN, 5);
    let (witness, _folder) = witness("witness.example", &[&log]);
    let (public, key) = certificate("localhost");
    let port = listen(router(Arc::clone(&witness)), public.clone(), key).await;
    let mut roots = RootCertStore::empty();
    roots.add(public).unwrap();
    // (where it is asked, which roots are believed, whether it cosigns)
    let cases = [
        ("localhost", Trust::Roots(roots.clone()), true),
        ("127.0.0.1", Trust::Roots(roots), false),
        ("localhost", Trust::Public, false),
    ];
    for (host, trust, cosigns) in cases {
        let config = LogConfig {
            witnesses: vec![WitnessConfig {
                url: format!("https://{host}:{port}"),
                key: witness.verifier_key().clone(),
            }],
            quorum: 1,
            interval: 1,
        };
        let asked = Witnesses::new(&config, &trust);
        let note = log.checkpoint(5);
        let verdict = asked.cosign(&log, &note, log.head()).await.verdict;
        let missing = asked.standings().remove(0).missing;
        if cosigns {
            assert_eq!((verdict, missing), (Verdict::Publish, None));
        } else {
            assert_eq!(verdict, Verdict::TooFew);
            let Some(Missing::Unreachable(why)) = missing else {
                panic!("{missing:?}");
            };
            assert!(why.contains("certificate"), "{why}");
        }
    }
}
