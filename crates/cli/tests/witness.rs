//! `sayso witness` as a process: it says what others need, survives being killed at any moment, and ends in order.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test that cannot do its first steps has to stop"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sayso_core::digest::Digest;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Algorithm, Note, Signature, VerifierKey};
use sayso_core::log::{cosignature, tree};
use sayso_server::crypto::RingVerifier;

use support::sayso;

/// How many checkpoints are prepared.
const STEPS: u64 = 300;

/// A log in memory that grows as far as it is asked about; with a leaf altered, it is another history.
struct Log {
    pair: Ed25519KeyPair,
    key: VerifierKey,
    altered: Option<u64>,
}

impl Log {
    fn new(altered: Option<u64>) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
        let key = VerifierKey {
            name: "larkspur.example/sayso".into(),
            algorithm: Algorithm::Ed25519,
            public: pair.public_key().as_ref().try_into().unwrap(),
        };
        Self { pair, key, altered }
    }

    fn hash(&self, level: u8, index: u64) -> Digest {
        match level {
            0 if self.altered == Some(index) => tree::leaf_hash(b"altered"),
            0 => tree::leaf_hash(&index.to_be_bytes()),
            _ => tree::node_hash(
                &self.hash(level - 1, 2 * index),
                &self.hash(level - 1, 2 * index + 1),
            ),
        }
    }

    fn text(&self, size: u64) -> String {
        let root = tree::root(size, |level, index| {
            Ok::<_, ()>(Some(self.hash(level, index)))
        });
        Checkpoint {
            origin: self.key.name.clone(),
            size,
            root: root.unwrap().unwrap(),
        }
        .text()
    }

    fn request(&self, old: u64, new: u64) -> String {
        let text = self.text(new);
        let signature = self.pair.sign(text.as_bytes()).as_ref().to_vec();
        let note = Note {
            text,
            signatures: vec![Signature::new(&self.key, signature)],
        };
        let hash = |level, index| Ok::<_, ()>(Some(self.hash(level, index)));
        let proof = tree::consistency_proof(old, new, hash).unwrap().unwrap();
        let lines = proof
            .iter()
            .map(|hash| Base64::encode_string(&hash.0) + "\n");
        format!("old {old}\n{}\n{note}", lines.collect::<String>())
    }
}

/// A running witness, killed when the test lets go of it.
struct Running {
    child: Child,
    key: VerifierKey,
    address: String,
}

impl Running {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .args(["witness", "--listen", "127.0.0.1:0", "--config"])
            .arg(folder.join("witness.toml"))
            .arg("--data")
            .arg(folder.join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let key = lines.next().expect("it says its key").unwrap();
        let address = lines.next().expect("it says where it listens").unwrap();
        Self {
            child,
            key: VerifierKey::parse(&key).unwrap(),
            address: address.strip_prefix("http://").unwrap().to_owned(),
        }
    }

    /// Sends SIGTERM and waits for the end.
    fn end(&mut self) -> i32 {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a witness; `None` if it is gone before its answer is whole.
fn ask(address: &str, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: witness.example\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let whole = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .is_some_and(|length| length.parse() == Ok(body.len()));
    whole.then(|| (status, body.to_owned()))
}

fn add(address: &str, body: &str) -> Option<(u16, String)> {
    ask(address, "POST", "/add-checkpoint", body)
}

/// How far the witness is, by its own word.
fn size_of(address: &str) -> u64 {
    let (status, body) = ask(address, "GET", "/status", "").unwrap();
    assert_eq!(status, 200);
    let status: serde_json::Value = serde_json::from_str(&body).unwrap();
    status["logs"][0]["size"].as_u64().unwrap()
}

fn folder(log: &Log) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "version = 1\nname = \"witness.example\"\n\n[[logs]]\nkey = \"{}\"\n",
        log.key
    );
    fs::write(folder.path().join("witness.toml"), config).unwrap();
    folder
}

#[test]
fn killed_at_any_moment_it_never_contradicts_what_it_handed_out() {
    let (honest, forked) = (Log::new(None), Log::new(Some(0)));
    let folder = folder(&honest);
    // Made beforehand, so that the witness is at work whenever it is killed.
    let steps: Vec<_> = (0..STEPS).map(|old| honest.request(old, old + 1)).collect();
    let mut handed_out = 0;
    let mut key = None;
    let (mut rounds, mut unanswered) = (0, 0);
    while handed_out + 100 < STEPS {
        let mut running = Running::start(folder.path());
        let address = running.address.clone();
        assert_eq!(*key.get_or_insert(running.key.clone()), running.key);

        // Whatever was handed out before the kill is remembered, and nothing else is cosigned in its stead.
        let last = size_of(&address);
        assert!(
            last == handed_out || last == handed_out + 1,
            "it handed out {handed_out} and remembers {last}"
        );
        unanswered += last - handed_out;
        if last > 0 {
            let smaller = add(&address, &honest.request(0, last - 1)).unwrap();
            assert_eq!(smaller, (409, format!("{last}\n")));
            let replaced = add(&address, &forked.request(last, last)).unwrap();
            assert_eq!(replaced, (409, format!("{last}\n")));
            let diverged = add(&address, &forked.request(last, last + 1)).unwrap();
            assert_eq!(diverged.0, 422, "{}", diverged.1);
        }

        // Requests one after another until it is killed in the middle of them, each time at another moment.
        let answered = AtomicU64::new(last);
        let wanted = last + 1 + rounds * 7 % 20;
        let moment = Duration::from_micros(rounds * 61 % 1500);
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| {
                let mut old = last;
                while let Some((status, body)) = add(&address, &steps[old as usize]) {
                    assert_eq!(status, 200, "{body}");
                    old += 1;
                    answered.store(old, Ordering::SeqCst);
                }
            });
            while answered.load(Ordering::SeqCst) < wanted {
                std::thread::yield_now();
            }
            let reached = Instant::now();
            while reached.elapsed() < moment {
                std::hint::spin_loop();
            }
            running.child.kill().unwrap();
            asking.join().unwrap();
        });
        handed_out = answered.load(Ordering::SeqCst);
        rounds += 1;
    }
    println!(
        "killed {rounds} times; {handed_out} checkpoints cosigned, {unanswered} more stored and not handed out"
    );
}

#[test]
fn it_ends_in_order_and_goes_on_where_it_was() {
    let log = Log::new(None);
    let folder = folder(&log);
    let mut running = Running::start(folder.path());
    let (status, line) = add(&running.address, &log.request(0, 4)).unwrap();
    assert_eq!(status, 200);
    let note = Note {
        text: log.text(4),
        signatures: vec![Signature::parse(line.trim_end()).unwrap()],
    };
    assert!(cosignature::time_of(&note, &running.key, &RingVerifier).is_some());
    let in_use = sayso([
        "witness".as_ref(),
        "--config".as_ref(),
        folder.path().join("witness.toml").as_os_str(),
        "--data".as_ref(),
        folder.path().join("data").as_os_str(),
    ]);
    assert_eq!(in_use.code, 1);
    assert!(
        in_use.err.contains("in use by another witness process"),
        "{}",
        in_use.err
    );
    assert_eq!(running.end(), 0);
    let again = Running::start(folder.path());
    assert_eq!(again.key, running.key);
    assert_eq!(size_of(&again.address), 4);
}

#[test]
fn faults_in_its_configuration_are_told_with_line_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("witness.toml");
    fs::write(
        &path,
        "version = 1\nname = \"w w\"\n[[logs]]\nkey = \"x\"\n",
    )
    .unwrap();
    let said = sayso([
        "witness".as_ref(),
        "--config".as_ref(),
        path.as_os_str(),
        "--data".as_ref(),
        folder.path().as_os_str(),
    ]);
    assert_eq!(said.code, 1);
    for line in [":2: name: ", ":4: logs.key: "] {
        let place = format!("{}{line}", path.display());
        assert!(said.err.contains(&place), "{}", said.err);
    }
    assert!(
        !folder.path().join("witness.key").exists(),
        "nothing is made from a faulty file"
    );
}
