//! New keys take over, and what the old ones signed goes on to hold.

use std::fs;

use sayso_core::countersignature::Parsed;
use sayso_core::crypto::{Jwks, KeyRole};
use sayso_core::log::Entry;
use sayso_core::receipt::Kind;
use sayso_core::wire::Outcome;
use sayso_ledger::LedgerError;
use sayso_ledger::record::RecordKind;
use sayso_server::StartError;
use sayso_server::checkpoint::publish;
use sayso_server::rotation::{AHEAD, RotateError, Rotated, rotate};
use sayso_server::signer::{KeyError, Rotating};
use serde_json::Value;

use crate::site::Failing;
use crate::visitor::{GIVEN, Visitor, body, unsigned};
use crate::world::{NOW, World};

const PATH: &str = "/sayso/v1/receipts";

async fn rotated(world: &World, which: Rotating) -> Rotated {
    rotate(&world.site, which).await.expect("rotated")
}

async fn post(world: &World, receipt: &str) -> Outcome {
    let ask = world.post(PATH, body(None, &[receipt], &[]));
    ask.send().await.result()
}

async fn witness(world: &World, word: &str) -> Outcome {
    let decision = unsigned(world, word, GIVEN);
    world
        .post(PATH, body(None, &[], &[decision]))
        .send()
        .await
        .result()
}

/// The key that countersigned.
fn kid(outcome: &Outcome) -> String {
    let file = outcome.countersigned.as_ref().expect("countersigned");
    let parsed = Parsed::read(&file.countersignature).expect("it reads");
    parsed.kid().to_owned()
}

fn times(keys: &Jwks, role: KeyRole) -> Vec<(Option<u64>, Option<u64>)> {
    let of_role = keys.keys.iter().filter(|key| key.sayso == role);
    of_role.map(|key| (key.from, key.until)).collect()
}

#[tokio::test]
async fn a_new_key_takes_over_at_a_time_told_ahead() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let receipt = visitor.receipt(&world, "before");
    let before = post(&world, &receipt).await;
    let done = rotated(&world, Rotating::Countersignature).await;
    let from = NOW + AHEAD;
    assert_eq!((done.from, done.index), (from, 1));
    let keys = world.keys().await;
    assert_eq!(
        times(&keys, KeyRole::Countersignature),
        [(Some(from), None), (None, Some(from))]
    );
    assert_eq!(times(&keys, KeyRole::Log), [(None, None)]);

    world.advance(AHEAD - 1);
    let meanwhile = post(&world, &visitor.receipt(&world, "meanwhile")).await;
    assert_eq!(kid(&meanwhile), kid(&before), "it is not its time yet");
    world.advance(1);
    let after = post(&world, &visitor.receipt(&world, "after")).await;
    assert_eq!(kid(&after), done.kid);
    for outcome in [&before, &meanwhile, &after] {
        world.verify(outcome).await;
    }
    // The same receipt is answered as it was, whatever key signs now.
    let again = post(&world, &receipt).await;
    let file = |outcome: &Outcome| {
        let file = outcome.countersigned.clone().expect("countersigned");
        (file.receipt, file.salt, file.countersignature)
    };
    assert_eq!(file(&again), file(&before));
    world.verify(&again).await;
}

#[tokio::test]
async fn the_log_tells_of_the_new_key_set() {
    let world = World::new().await;
    post(&world, &Visitor::new().receipt(&world, "one")).await;
    let done = rotated(&world, Rotating::Witness).await;
    let entries = world
        .site
        .ledger
        .entries(0..2)
        .await
        .expect("read")
        .expect("there");
    assert!(matches!(entries[1], Entry::KeyEvent(_)));
    let records = world.site.ledger.scan(done.index, 1).await.expect("read");
    let RecordKind::KeyEvent { salt, body } = &records[0].kind else {
        panic!("{records:?}");
    };
    assert_eq!(
        entries[1],
        Entry::KeyEvent(sayso_core::commitment::key_event(salt, body))
    );
    let event: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&event["v"], &event["site"]), (&1.into(), &"demo".into()));
    let told: Jwks = serde_json::from_str(body).expect("a key set, with more beside it");
    assert_eq!(told, world.keys().await);
    publish(&world.site).await.expect("published");
}

#[tokio::test]
async fn what_the_server_recorded_holds_across_rotations() {
    let world = World::new().await;
    let before = witness(&world, "before").await;
    rotated(&world, Rotating::Witness).await;
    world.advance(AHEAD);
    let after = witness(&world, "after").await;
    for outcome in [&before, &after] {
        assert_eq!(world.verify(outcome).await.receipt.kind(), Kind::Witnessed);
    }
    let again = witness(&world, "before").await;
    assert_eq!(
        again.countersigned.map(|file| file.receipt),
        before.countersigned.map(|file| file.receipt)
    );
}

#[tokio::test]
async fn long_after_its_key_is_forgotten_a_receipt_is_countersigned_for_when_the_oldest_key_began()
{
    let world = World::new().await;
    let receipt = Visitor::new().receipt(&world, "one");
    let first = post(&world, &receipt).await;
    let recorded = witness(&world, "two").await;
    let second = rotated(&world, Rotating::Countersignature).await;
    world.advance(AHEAD);
    rotated(&world, Rotating::Countersignature).await;
    world.advance(AHEAD);
    let again = post(&world, &receipt).await;
    assert_eq!(kid(&again), second.kid);
    let verified = world.verify(&again).await;
    assert_eq!(verified.statement.received, second.from);
    assert_eq!(post(&world, &receipt).await, again, "and so every time");
    world.verify(&first).await;
    // Its witness key is of its own time still.
    assert_eq!(witness(&world, "two").await.countersigned, None);
    world.verify(&recorded).await;
}

#[tokio::test]
async fn a_rotation_cut_short_is_finished_at_the_next_start() {
    for name in ["countersignature", "witness"] {
        let which = match name {
            "witness" => Rotating::Witness,
            _ => Rotating::Countersignature,
        };
        // The log cannot be written: what is left is what a crash before it leaves.
        let unwritable = LedgerError::Unavailable("pulled the plug".to_owned());
        let broken = World::with(|text| text, |site| Failing::replace(site, unwritable)).await;
        let keys = broken.keys().await;
        let error = rotate(&broken.site, which).await.expect_err("refused");
        assert!(matches!(error, RotateError::Ledger(_)), "{error}");
        assert_eq!(broken.keys().await, keys, "nothing has changed");
        let (used, waiting) = (format!("keys/{name}.key"), format!("keys/{name}.key.next"));
        let old = fs::read(broken.folder().join(&used)).expect("a key");
        let next = fs::read(broken.folder().join(&waiting)).expect("it waits");

        let world = broken
            .restart(|_| {})
            .await
            .map_err(|e| e.1)
            .expect("starts");
        let role = match which {
            Rotating::Witness => KeyRole::Witness,
            Rotating::Countersignature => KeyRole::Countersignature,
        };
        assert_eq!(
            times(&world.keys().await, role),
            [(Some(NOW + AHEAD), None), (None, Some(NOW + AHEAD))]
        );
        assert!(!world.folder().join(&waiting).exists());
        let key = fs::read(world.folder().join(&used)).expect("a key");
        assert_eq!(key, next, "the key that waited, not another");
        assert_eq!(world.site.ledger.size().await, Ok(1));

        // Cut short after the log told of it: told again, and true this time.
        world.advance(60_000);
        let world = world
            .restart(|folder| {
                fs::copy(folder.join(&used), folder.join(&waiting)).expect("copied");
                fs::write(folder.join(&used), &old).expect("written");
            })
            .await
            .map_err(|e| e.1)
            .expect("starts");
        assert_eq!(world.site.ledger.size().await, Ok(2));
        let records = world.site.ledger.scan(1, 1).await.expect("read");
        let RecordKind::KeyEvent { body, .. } = &records[0].kind else {
            panic!("{records:?}");
        };
        let told: Jwks = serde_json::from_str(body).expect("a key set");
        assert_eq!(
            told,
            world.keys().await,
            "the log's last word is what is published"
        );
        let outcome = post(&world, &Visitor::new().receipt(&world, "one")).await;
        world.verify(&outcome).await;
    }
}

#[tokio::test]
async fn a_log_with_entries_never_gets_another_key() {
    let lost =
        |folder: &std::path::Path| fs::remove_file(folder.join("keys/log.key")).expect("lost");
    // Nothing stands in the log yet: nobody knows a key of it.
    let world = World::new().await;
    let old = world.site.signer.log_key().clone();
    let world = world.restart(lost).await.map_err(|e| e.1).expect("starts");
    assert_ne!(world.site.signer.log_key(), &old);
    post(&world, &Visitor::new().receipt(&world, "one")).await;
    let Err((_, error)) = world.restart(lost).await else {
        panic!("it started");
    };
    let sentence = error.to_string();
    assert!(
        matches!(error, StartError::Key(KeyError::LogKey { entries: 1, .. })),
        "{sentence}"
    );
    assert!(
        sentence.contains("restore the key from its backup"),
        "{sentence}"
    );
}

#[tokio::test]
async fn no_secret_is_shown() {
    let world = World::new().await;
    rotated(&world, Rotating::Witness).await;
    let shown = format!("{:?} {:?}", world.site.signer, world.site);
    let mut secrets = 0;
    for entry in fs::read_dir(world.folder().join("keys")).expect("a folder") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a key");
        for line in text.lines().filter(|line| line.starts_with("sayso-secret")) {
            let secret = line.split(' ').nth(2).expect("a key");
            assert!(!shown.contains(secret), "{shown}");
            secrets += 1;
        }
    }
    assert_eq!(secrets, 5, "four keys, and the one before the new one");
    assert!(shown.contains("kid"), "what is public is shown: {shown}");
}
