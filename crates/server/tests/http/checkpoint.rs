//! Publishing the log's head, and refusing to serve a ledger that does not extend what was published.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::cosignature;
use sayso_core::log::note::{Algorithm, Note, VerifierKey};
use sayso_core::log::proof;
use sayso_ledger::Ledger;
use sayso_ledger::log::Head;
use sayso_server::StartError;
use sayso_server::checkpoint::resume::ResumeError;
use sayso_server::checkpoint::{Cosigner, Cosigning, PublishError, publish, run};
use sayso_server::cosign::{Cosigned, Verdict};
use sayso_server::crypto::RingVerifier;
use sayso_server::site::Site;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::visitor::{Visitor, body};
use crate::world::{NOW, World};

const PATH: &str = "/sayso/v1/receipts";
/// When the witness of these tests signs.
const SECONDS: u64 = 1_763_766_000;

/// Posts a receipt named by a word.
pub(crate) async fn add(world: &World, word: &str) {
    let receipt = Visitor::new().receipt(world, word);
    let answer = world.post(PATH, body(None, &[&receipt], &[])).send().await;
    assert!(answer.result().countersigned.is_some());
}

/// The published checkpoint, as a stranger reads it: by other people's code.
async fn read(world: &World) -> (u64, [u8; 32]) {
    let answer = world
        .get("/sayso/checkpoint")
        .without("origin")
        .send()
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=1"));
    let note = signed_note::Note::from_bytes(&answer.body).expect("a note");
    let key = world.site.signer.log_key().to_string();
    let key = signed_note::StandardVerifier::new(&key).expect("a key");
    let keys = signed_note::VerifierList::new(vec![Box::new(key)]);
    let (signed, _) = note.verify(&keys).expect("it holds");
    assert_eq!(signed.len(), 1);
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).expect("a checkpoint");
    assert_eq!(checkpoint.origin(), "larkspur.example/sayso");
    (checkpoint.size(), checkpoint.hash().0)
}

#[tokio::test]
async fn the_head_is_published_once_it_has_grown() {
    let world = World::new().await;
    let none = world.get("/sayso/checkpoint").send().await;
    none.refused(404, "not-found");
    publish(&world.site).await.expect("published");
    assert_eq!(
        read(&world).await,
        (0, sayso_core::log::tree::empty_root().0)
    );
    add(&world, "one").await;
    add(&world, "two").await;
    assert_eq!(read(&world).await.0, 0, "not before it is published");
    let published = publish(&world.site).await.expect("published");
    assert_eq!(read(&world).await, (2, published.root.0));
    assert_eq!(published.time, NOW);
    let file = fs::read_to_string(world.folder().join("checkpoint")).expect("a file");
    assert_eq!(file, published.note);

    world.advance(60_000);
    let again = publish(&world.site).await.expect("published");
    assert_eq!(again, published, "without growth there is nothing to say");
    let kept = world.site.ledger.published().await.expect("read");
    assert_eq!(kept.as_ref(), Some(&*published));
}

#[tokio::test]
async fn the_key_set_holds_the_logs_key() {
    let world = World::new().await;
    let origin = &world.site.signer.log_key().name;
    let published = world.keys().await.log_keys(origin);
    assert_eq!(published, [world.site.signer.log_key().clone()]);
}

#[tokio::test]
async fn a_start_goes_on_from_what_was_published() {
    let world = World::new().await;
    add(&world, "one").await;
    let published = publish(&world.site).await.expect("published");
    add(&world, "two").await;
    let world = world
        .restart(|_| {})
        .await
        .map_err(|e| e.1)
        .expect("starts");
    assert_eq!(read(&world).await, (1, published.root.0));
    publish(&world.site).await.expect("published");
    assert_eq!(read(&world).await.0, 2);
    // The file is written after the ledger: a crash between the two leaves an older file, or none.
    let older = published.note.clone();
    let world = world
        .restart(|folder| fs::write(folder.join("checkpoint"), older).expect("written"))
        .await
        .map_err(|e| e.1)
        .expect("starts");
    assert_eq!(read(&world).await.0, 2);
    let world = world
        .restart(|folder| fs::remove_file(folder.join("checkpoint")).expect("removed"))
        .await
        .map_err(|e| e.1)
        .expect("starts");
    assert_eq!(read(&world).await.0, 2);
}

/// The ledger's files, whatever the database calls them.
fn copy_ledger(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = entry.file_name();
        if name.to_string_lossy().contains(".db") {
            fs::copy(entry.path(), to.join(name)).expect("copied");
        }
    }
}

fn remove_ledger(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_name().to_string_lossy().contains(".db") {
            fs::remove_file(entry.path()).expect("removed");
        }
    }
}

async fn refused(world: World, alter: impl FnOnce(&Path)) -> ResumeError {
    match world.restart(alter).await {
        Ok(_) => panic!("it started"),
        Err((_, StartError::Resume(error))) => error,
        Err((_, other)) => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_older_database_is_refused_with_a_sentence() {
    let backup = tempfile::tempdir().expect("a folder");
    let world = World::new().await;
    add(&world, "one").await;
    let world = world
        .restart(|folder| copy_ledger(folder, backup.path()))
        .await
        .map_err(|e| e.1)
        .expect("starts");
    add(&world, "two").await;
    publish(&world.site).await.expect("published");
    let error = refused(world, |folder| {
        remove_ledger(folder);
        copy_ledger(backup.path(), folder);
    })
    .await;
    let sentence = error.to_string();
    let numbers = (2, 1);
    assert!(
        matches!(error, ResumeError::Smaller { published, found, .. } if (published, found) == numbers),
        "{sentence}"
    );
    for part in [
        "checkpoint of 2 entries",
        "the ledger has 1",
        "restore the newest backup",
    ] {
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[tokio::test]
async fn another_history_of_the_same_length_is_refused() {
    let world = World::new().await;
    let other = World::new().await;
    add(&world, "one").await;
    add(&other, "another").await;
    let kept = tempfile::tempdir().expect("a folder");
    drop(
        other
            .restart(|folder| copy_ledger(folder, kept.path()))
            .await,
    );
    publish(&world.site).await.expect("published");
    // The randomness repeats, so the keys of both are the same: what differs is the history.
    let error = refused(world, |folder| {
        remove_ledger(folder);
        copy_ledger(kept.path(), folder);
    })
    .await;
    let sentence = error.to_string();
    assert!(
        matches!(error, ResumeError::Differs { published: 1, .. }),
        "{sentence}"
    );
    assert!(sentence.contains("are others"), "{sentence}");
}

#[tokio::test]
async fn a_checkpoint_of_another_log_is_refused() {
    for foreign in [
        "rubbish",
        "evil.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— evil.example/log AAAAAAAA\n",
    ] {
        let world = World::new().await;
        let error = refused(world, |folder| {
            fs::write(folder.join("checkpoint"), foreign).expect("written");
        })
        .await;
        assert!(matches!(error, ResumeError::Foreign { .. }), "{error}");
    }
}

/// A witness that cosigns, or does not, and remembers when it was asked.
struct Asked {
    key: VerifierKey,
    pair: ring::signature::Ed25519KeyPair,
    answers: Mutex<bool>,
    when: Mutex<Vec<Instant>>,
}

impl Asked {
    fn new() -> Arc<Self> {
        use ring::signature::KeyPair;
        let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
        let key = VerifierKey {
            name: "witness.example".to_owned(),
            algorithm: Algorithm::Cosignature,
            public: pair.public_key().as_ref().try_into().expect("32 bytes"),
        };
        Arc::new(Self {
            key,
            pair,
            answers: Mutex::new(true),
            when: Mutex::default(),
        })
    }

    async fn world(self: &Arc<Self>, quorum: usize) -> World {
        let watching = Arc::clone(self);
        let change = move |site: &mut Site| {
            site.config.log.quorum = quorum;
            site.cosigner = Some(watching);
        };
        World::with(|text| text, change).await
    }
}

impl Cosigner for Asked {
    fn cosign<'a>(&'a self, _: &'a dyn Ledger, _: Head, note: &'a str) -> Cosigning<'a> {
        self.when.lock().expect("unpoisoned").push(Instant::now());
        let mut note = Note::parse(note).expect("a note");
        let answers = *self.answers.lock().expect("unpoisoned");
        let mut by = Vec::new();
        if answers {
            let message = cosignature::message(SECONDS, &note.text);
            let signature = self.pair.sign(message.as_bytes());
            let signature = signature.as_ref().try_into().expect("64 bytes");
            note.signatures
                .push(cosignature::line(&self.key, SECONDS, signature));
            by.push((self.key.name.clone(), SECONDS));
        }
        let verdict = if answers {
            Verdict::Publish
        } else {
            Verdict::TooFew
        };
        let note = note.to_string();
        Box::pin(async move { Cosigned { note, by, verdict } })
    }
}

#[tokio::test]
async fn witnesses_sign_below_the_log() {
    let witness = Asked::new();
    let world = witness.world(1).await;
    add(&world, "one").await;
    let published = publish(&world.site).await.expect("published");
    assert_eq!(published.cosigned, 1);
    let answer = world.get("/sayso/checkpoint").send().await.text();
    let (checkpoint, note) =
        Checkpoint::open(&answer, world.site.signer.log_key(), &RingVerifier).expect("it holds");
    assert_eq!(checkpoint.size, 1);
    let cosigned = proof::cosigned(&note, std::slice::from_ref(&witness.key), &RingVerifier);
    assert_eq!(cosigned, [("witness.example".to_owned(), SECONDS)]);
}

#[tokio::test]
async fn without_the_quorum_the_one_before_stays() {
    let witness = Asked::new();
    let world = witness.world(1).await;
    let first = publish(&world.site).await.expect("published");
    add(&world, "one").await;
    *witness.answers.lock().expect("unpoisoned") = false;
    let error = publish(&world.site).await.expect_err("too few");
    assert!(
        matches!(
            error,
            PublishError::Quorum {
                size: 1,
                found: 0,
                wanted: 1
            }
        ),
        "{error}"
    );
    assert_eq!(read(&world).await.0, first.size);
    *witness.answers.lock().expect("unpoisoned") = true;
    assert_eq!(publish(&world.site).await.expect("published").size, 1);
}

#[tokio::test(start_paused = true)]
async fn growth_is_published_at_most_once_in_an_interval() {
    let witness = Asked::new();
    let watching = Arc::clone(&witness);
    let change = move |site: &mut Site| {
        site.config.log.interval = 5;
        site.cosigner = Some(watching);
    };
    let world = World::with(|text| text, change).await;
    let (stopping, stopped) = watch::channel(false);
    let task = tokio::spawn(run(Arc::clone(&world.site), stopped));
    for number in 0..4 {
        for word in ["a", "b", "c"] {
            add(&world, &format!("{word}{number}")).await;
        }
        let size = world.site.ledger.size().await.expect("read");
        while world
            .site
            .publication
            .newest()
            .is_none_or(|newest| newest.size < size)
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    stopping.send(true).expect("it runs");
    task.await.expect("it ends");
    let when = witness.when.lock().expect("unpoisoned");
    assert!(when.len() >= 4, "{when:?}");
    for pair in when.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_secs(5), "{when:?}");
    }
}
