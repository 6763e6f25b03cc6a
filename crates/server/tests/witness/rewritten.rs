//! A server with its own key, its own salts and a database rebuilt without one leaf: what a witness makes of it.

use std::path::Path;
use std::sync::Arc;

use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, VerifierKey};
use sayso_core::log::proof;
use sayso_core::receipt;
use sayso_ledger::receipt::Append;
use sayso_ledger::record::RecordKind;
use sayso_server::checkpoint::{PublishError, publish};
use sayso_server::crypto::RingVerifier;
use sayso_server::site::Site;
use sayso_server::witness::{Witness, router};

use super::support::{Listening, listen, open};
use super::visitor::{Visitor, body};
use super::world::World;

/// The real witness service, following the real server's log.
struct Watch {
    witness: Arc<Witness>,
    listening: Listening,
    log: VerifierKey,
    _folder: tempfile::TempDir,
}

impl Watch {
    async fn new() -> Self {
        // Randomness repeats here, so every new world has the same keys.
        let log = World::new().await.site.signer.log_key().clone();
        let folder = tempfile::tempdir().unwrap();
        let witness = Arc::new(open_following("witness.example", folder.path(), &log));
        let listening = listen(router(Arc::clone(&witness))).await;
        Self {
            witness,
            listening,
            log,
            _folder: folder,
        }
    }

    /// A server whose log this witness watches.
    async fn world(&self) -> World {
        let (url, key) = (self.listening.address, self.witness.verifier_key());
        let log = format!(
            "\n[log]\nquorum = 1\nwitnesses = [{{ url = \"http://{url}\", key = \"{key}\" }}]\n"
        );
        World::with(|text| text + &log, |_| {}).await
    }

    /// What it remembers of the log.
    fn size(&self) -> u64 {
        let last = self.witness.standings().remove(0).last;
        last.map_or(0, |last| last.checkpoint.size)
    }
}

fn open_following(name: &str, folder: &Path, log: &VerifierKey) -> Witness {
    open(name, folder, std::slice::from_ref(log)).unwrap()
}

async fn post(world: &World, visitor: &Visitor, word: &str) {
    let receipt = visitor.receipt(world, word);
    let answer = world.post("/sayso/v1/receipts", body(None, &[&receipt], &[]));
    let outcome = answer.send().await.result();
    assert!(outcome.countersigned.is_some(), "{outcome:?}");
}

/// Everything that one ledger holds, put into another with the same salts and times, but for one entry.
async fn copy(from: &Site, to: &Site, without: Option<u64>) {
    for record in from.ledger.scan(0, 1000).await.unwrap() {
        match record.kind {
            _ if Some(record.index) == without => {}
            RecordKind::Receipt(stored) => {
                let append = Append {
                    receipt: receipt::Parsed::read(&stored.jws)
                        .unwrap()
                        .verify(&RingVerifier)
                        .unwrap(),
                    salt: stored.salt,
                    received: stored.received,
                    flags: stored.flags,
                };
                to.ledger.append(vec![append]).await.unwrap();
            }
            RecordKind::KeyEvent { salt, body } => {
                let event = to.ledger.key_event(body, salt, record.received);
                event.await.unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_honest_server_publishes_what_its_witness_cosigned() {
    let watch = Watch::new().await;
    let world = watch.world().await;
    let visitor = Visitor::new();
    for word in ["one", "two", "three"] {
        post(&world, &visitor, word).await;
        let published = publish(&world.site).await.unwrap();
        assert_eq!((published.cosigned, published.size), (1, watch.size()));
        let (checkpoint, note) =
            Checkpoint::open(&published.note, &watch.log, &RingVerifier).unwrap();
        assert_eq!(checkpoint.size, published.size);
        let keys = [watch.witness.verifier_key().clone()];
        assert_eq!(proof::cosigned(&note, &keys, &RingVerifier).len(), 1);
        let served = world.get("/sayso/checkpoint").send().await;
        assert_eq!(served.text(), published.note);
    }
    assert_eq!(world.get("/sayso/readyz").send().await.status, 200);
}

#[tokio::test]
async fn a_copy_with_every_leaf_is_the_same_log() {
    let watch = Watch::new().await;
    let honest = watch.world().await;
    let visitor = Visitor::new();
    for word in ["one", "two", "three", "four"] {
        post(&honest, &visitor, word).await;
    }
    publish(&honest.site).await.unwrap();
    // So what the next test finds is the missing leaf, and nothing that copying itself brings.
    let moved = watch.world().await;
    copy(&honest.site, &moved.site, None).await;
    assert_eq!(
        moved.site.ledger.head().await.unwrap(),
        honest.site.ledger.head().await.unwrap()
    );
    let published = publish(&moved.site).await.unwrap();
    assert_eq!(published.cosigned, 1);
}

#[tokio::test]
async fn a_database_rebuilt_without_one_leaf_is_not_cosigned_not_published_and_not_ready() {
    // (receipts that the rebuilt log gets afterwards, so that it is smaller, as large, and larger than what was cosigned)
    for more in 0..3 {
        let watch = Watch::new().await;
        let honest = watch.world().await;
        let visitor = Visitor::new();
        for word in ["one", "two", "three", "four"] {
            post(&honest, &visitor, word).await;
        }
        let published = publish(&honest.site).await.unwrap();

        let rebuilt = watch.world().await;
        assert_eq!(
            rebuilt.site.signer.log_key(),
            honest.site.signer.log_key(),
            "the key is the log's own"
        );
        copy(&honest.site, &rebuilt.site, Some(published.size - 2)).await;
        for word in ["five", "six"].iter().take(more) {
            post(&rebuilt, &visitor, word).await;
        }

        let refused = publish(&rebuilt.site).await;
        let Err(PublishError::Rewritten(accusation)) = refused else {
            panic!("{more} more: {refused:?}");
        };
        assert_eq!(
            (accusation.witness.as_str(), accusation.cosigned),
            ("witness.example", published.size)
        );
        assert_eq!(
            watch.size(),
            published.size,
            "the witness stays where it was"
        );
        let served = rebuilt.get("/sayso/checkpoint").send().await;
        served.refused(404, "not-found");
        let ready = rebuilt.get("/sayso/readyz").send().await;
        assert_eq!(ready.status, 503, "{more} more: {}", ready.text());
        // Decisions are still kept: a visitor's no must not wait for the operator.
        post(&rebuilt, &visitor, "seven").await;

        // The honest database publishes on.
        post(&honest, &visitor, "eight").await;
        assert_eq!(publish(&honest.site).await.unwrap().cosigned, 1);
    }
}

#[tokio::test]
async fn a_checkpoint_that_lacks_the_quorum_is_not_served_after_a_restart() {
    let watch = Watch::new().await;
    let alone = World::new().await;
    let visitor = Visitor::new();
    post(&alone, &visitor, "one").await;
    let published = publish(&alone.site).await.unwrap();
    assert_eq!(published.cosigned, 0);

    // The same data, under a configuration that names a witness.
    let watched = watch.world().await;
    let folder = alone.folder();
    let restarted = watched.restart(|site| {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), site.join(entry.file_name())).unwrap();
            }
        }
    });
    let restarted = restarted
        .await
        .unwrap_or_else(|(_, error)| panic!("{error}"));
    restarted
        .get("/sayso/checkpoint")
        .send()
        .await
        .refused(404, "not-found");
    let published = publish(&restarted.site).await.unwrap();
    assert_eq!(published.cosigned, 1);
    let note = Note::parse(&published.note).unwrap();
    assert_eq!(note.signatures.len(), 2);
}

#[tokio::test]
async fn at_its_start_a_server_asks_its_witnesses_about_what_it_published_before() {
    let watch = Watch::new().await;
    let world = watch.world().await;
    post(&world, &Visitor::new(), "one").await;
    let published = publish(&world.site).await.unwrap();
    // The database was put back to this state; the witness has seen more.
    let mut later = watch.world().await;
    copy(&world.site, &later.site, None).await;
    post(&later, &Visitor::new(), "two").await;
    later = later
        .restart(|_| {})
        .await
        .unwrap_or_else(|(_, error)| panic!("{error}"));
    publish(&later.site).await.unwrap();
    assert!(watch.size() > published.size);
    drop(later);

    let restored = world
        .restart(|_| {})
        .await
        .unwrap_or_else(|(_, error)| panic!("{error}"));
    let refused = publish(&restored.site).await;
    assert!(
        matches!(refused, Err(PublishError::Rewritten(_))),
        "although nothing was appended: {refused:?}"
    );
    assert_eq!(restored.get("/sayso/readyz").send().await.status, 503);
}
