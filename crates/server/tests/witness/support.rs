//! Logs to be witnessed, witnesses to ask, and requests between them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64ct::{Base64, Encoding};
use http_body_util::BodyExt;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sayso_core::config::{FollowedLog, Following};
use sayso_core::digest::{Digest, sha256};
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Algorithm, Note, Signature, VerifierKey};
use sayso_core::log::tree;
use sayso_ledger::log::Head;
use sayso_ledger::{Answer, LedgerError};
use sayso_server::clock::Clock;
use sayso_server::connection;
use sayso_server::cosign::Tree;
use sayso_server::random::Random;
use sayso_server::witness::{Witness, WitnessError, router};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;

pub(crate) const NOW: u64 = 1_763_766_000_123;
pub(crate) const ORIGIN: &str = "larkspur.example/sayso";

/// A log in memory, with the key that signs its checkpoints.
pub(crate) struct Log {
    pair: Ed25519KeyPair,
    pub(crate) key: VerifierKey,
    leaves: Vec<Digest>,
}

impl Log {
    /// A log of a size: its leaves are 0, 1, 2 … , hashed.
    pub(crate) fn new(origin: &str, size: u64) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&sha256(origin.as_bytes()).0).unwrap();
        let key = VerifierKey {
            name: origin.to_owned(),
            algorithm: Algorithm::Ed25519,
            public: pair.public_key().as_ref().try_into().unwrap(),
        };
        let mut log = Self {
            pair,
            key,
            leaves: Vec::new(),
        };
        log.grow(size);
        log
    }

    pub(crate) fn grow(&mut self, size: u64) {
        for index in self.leaves.len() as u64..size {
            self.leaves.push(tree::leaf_hash(&index.to_be_bytes()));
        }
    }

    /// The same log, one of its leaves gone: what a rebuilt database would hold.
    pub(crate) fn without(mut self, leaf: usize) -> Self {
        self.leaves.remove(leaf);
        self
    }

    /// The same log, one of its leaves another.
    pub(crate) fn altered(mut self, leaf: usize) -> Self {
        self.leaves[leaf] = tree::leaf_hash(b"another");
        self
    }

    fn hash(&self, level: u8, index: u64) -> Option<Digest> {
        if level == 0 {
            return self.leaves.get(index as usize).copied();
        }
        let left = self.hash(level - 1, 2 * index)?;
        let right = self.hash(level - 1, 2 * index + 1)?;
        Some(tree::node_hash(&left, &right))
    }

    pub(crate) fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    pub(crate) fn root(&self, size: u64) -> Digest {
        if size == 0 {
            return tree::empty_root();
        }
        let root = tree::root(size, |level, index| Ok::<_, ()>(self.hash(level, index)));
        root.unwrap().unwrap()
    }

    pub(crate) fn head(&self) -> Head {
        let size = self.size();
        Head {
            size,
            root: self.root(size),
        }
    }

    pub(crate) fn proof(&self, old: u64, new: u64) -> Vec<Digest> {
        let hash = |level, index| Ok::<_, ()>(self.hash(level, index));
        tree::consistency_proof(old, new, hash).unwrap().unwrap()
    }

    pub(crate) fn text(&self, size: u64) -> String {
        Checkpoint {
            origin: self.key.name.clone(),
            size,
            root: self.root(size),
        }
        .text()
    }

    pub(crate) fn sign(&self, text: &str) -> String {
        let signature = self.pair.sign(text.as_bytes()).as_ref().to_vec();
        Note {
            text: text.to_owned(),
            signatures: vec![Signature::new(&self.key, signature)],
        }
        .to_string()
    }

    /// The signed checkpoint of a size.
    pub(crate) fn checkpoint(&self, size: u64) -> String {
        self.sign(&self.text(size))
    }

    /// An add-checkpoint request from one size to another.
    pub(crate) fn request(&self, old: u64, new: u64) -> String {
        body(old, &self.proof(old, new), &self.checkpoint(new))
    }
}

impl Tree for Log {
    fn head(&self) -> Answer<'_, Head> {
        Box::pin(async { Ok::<_, LedgerError>(Log::head(self)) })
    }

    fn consistency(&self, old: u64, new: u64) -> Answer<'_, Option<Vec<Digest>>> {
        let possible = old <= new && new <= self.size();
        Box::pin(async move { Ok(possible.then(|| self.proof(old, new))) })
    }

    fn node(&self, level: u8, index: u64) -> Answer<'_, Option<Digest>> {
        Box::pin(async move { Ok(self.hash(level, index)) })
    }
}

/// The body of an add-checkpoint request.
pub(crate) fn body(old: u64, proof: &[Digest], note: &str) -> String {
    let lines = proof
        .iter()
        .map(|hash| Base64::encode_string(&hash.0) + "\n");
    format!("old {old}\n{}\n{note}", lines.collect::<String>())
}

/// A clock that only tests move.
pub(crate) struct Stopped(pub(crate) AtomicU64);

impl Clock for Stopped {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Randomness that repeats.
pub(crate) struct Fixed(pub(crate) u8);

impl Random for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

/// What a witness of this name that follows these logs declares.
pub(crate) fn following(name: &str, logs: &[VerifierKey]) -> Following {
    let follow = |key: &VerifierKey| FollowedLog {
        origin: key.name.clone(),
        key: key.clone(),
    };
    Following {
        name: name.to_owned(),
        logs: logs.iter().map(follow).collect(),
    }
}

/// Opens a witness over a folder. Its key follows from its name.
pub(crate) fn open(
    name: &str,
    folder: &Path,
    logs: &[VerifierKey],
) -> Result<Witness, WitnessError> {
    let clock = Arc::new(Stopped(AtomicU64::new(NOW)));
    let random = Fixed(sha256(name.as_bytes()).0[0]);
    Witness::open(following(name, logs), folder, clock, &random)
}

/// A witness over a folder of its own that follows these logs.
pub(crate) fn witness(name: &str, logs: &[&Log]) -> (Arc<Witness>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<_> = logs.iter().map(|log| log.key.clone()).collect();
    let witness = open(name, folder.path(), &keys).unwrap();
    (Arc::new(witness), folder)
}

/// What came back over HTTP.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) media: String,
    pub(crate) text: String,
}

pub(crate) async fn send(witness: &Arc<Witness>, request: Request<Body>) -> Reply {
    let answer = router(Arc::clone(witness)).oneshot(request).await.unwrap();
    let media = answer.headers().get("content-type");
    let media = media.map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let status = answer.status();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    Reply {
        status,
        media,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

pub(crate) async fn add(witness: &Arc<Witness>, body: impl Into<Body>) -> Reply {
    let request = Request::post("/add-checkpoint").body(body.into()).unwrap();
    send(witness, request).await
}

pub(crate) async fn get(witness: &Arc<Witness>, path: &str) -> Reply {
    send(witness, Request::get(path).body(Body::empty()).unwrap()).await
}

/// Something that listens until it is dropped.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    _stop: watch::Sender<bool>,
}

/// Serves over a real socket.
pub(crate) async fn listen(router: Router) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(connection::serve(listener, router, stopped));
    Listening {
        address,
        _stop: stop,
    }
}
