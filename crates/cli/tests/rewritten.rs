//! A ledger rebuilt without one leaf, by somebody who has the server's key, salts and all: whole and sound in itself, and
//! caught by anybody who kept something older of it.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test that cannot do its first steps has to stop"
)]

mod support;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sayso_core::config::SiteConfig;
use sayso_core::decision::{Action, Surface};
use sayso_core::digest::sha256;
use sayso_core::id::uuid_v7;
use sayso_core::receipt::Via;
use sayso_core::wire::UnsignedDecision;
use sayso_core::witness;
use sayso_ledger::receipt::Append;
use sayso_ledger::record::RecordKind;
use sayso_server::admit;
use sayso_server::checkpoint::publish;
use sayso_server::clock::Clock;
use sayso_server::crypto::RingVerifier;
use sayso_server::locale::Locales;
use sayso_server::piece::Pieces;
use sayso_server::random::OsRandom;
use sayso_server::site::{Site, World};
use support::{Said, sayso, workspace};

const NOW: u64 = 1_763_766_000_000;
/// The entry that is left out, of four.
const LEFT_OUT: u64 = 1;

/// A clock that moves a second whenever it is read.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> u64 {
        self.0.fetch_add(1000, Ordering::Relaxed)
    }
}

/// The demo's site over a data folder.
async fn site(data: &Path) -> Site {
    let text = fs::read_to_string(workspace().join("sites/demo/sayso.toml")).unwrap();
    let world = World {
        clock: Arc::new(Ticking(AtomicU64::new(NOW))),
        random: Arc::new(OsRandom::new()),
        mail: Arc::default(),
        address: None,
    };
    let config = SiteConfig::parse("sayso.toml", &text).unwrap();
    let locales = Locales::embedded().unwrap();
    Site::open(config, data, &locales, &Pieces::embedded(), &world)
        .await
        .unwrap()
}

/// A decision of this name, recorded; its countersigned receipt.
async fn decide(site: &Site, word: &str) -> String {
    let unsigned = UnsignedDecision {
        id: uuid_v7(NOW, sha256(word.as_bytes()).0[..10].try_into().unwrap()),
        time: NOW,
        surface: Surface::Banner,
        action: Action::GiveAll,
        layer: site.edition(None, None).layer_digest.to_string(),
        in_view: true,
        signals: Vec::new(),
        choices: "analytics:g1.fw4~necessary:n1".into(),
    };
    let append = admit::witnessed(site, &unsigned, Via::Gate, None).unwrap();
    let outcomes = site.ledger.append(vec![append]).await.unwrap();
    outcomes[0].stored().unwrap().jws.clone()
}

/// Everything that a ledger holds but one entry, put into another with the same salts and times.
async fn copy(from: &Site, to: &Site, without: u64) {
    for record in from.ledger.scan(0, 1000).await.unwrap() {
        match record.kind {
            _ if record.index == without => {}
            RecordKind::Receipt(stored) => {
                let parsed = witness::Parsed::read(&stored.jws).unwrap();
                let append = Append {
                    receipt: parsed.verify(&to.signer.jwks(), &RingVerifier).unwrap(),
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

/// An honest ledger, and the same rebuilt without one entry and with some more at its end.
struct Story {
    folder: tempfile::TempDir,
}

impl Story {
    async fn new(more: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (honest, rebuilt) = (folder.path().join("honest"), folder.path().join("rebuilt"));
        let before = site(&honest).await;
        for word in ["one", "two", "three", "four"] {
            decide(&before, word).await;
        }
        publish(&before).await.unwrap();

        // Whoever has the server has its keys.
        fs::create_dir_all(rebuilt.join("demo/keys")).unwrap();
        for key in fs::read_dir(honest.join("demo/keys")).unwrap() {
            let key = key.unwrap();
            fs::copy(key.path(), rebuilt.join("demo/keys").join(key.file_name())).unwrap();
        }
        let after = site(&rebuilt).await;
        let head = before.ledger.head().await.unwrap();
        copy(&before, &after, LEFT_OUT).await;
        for word in ["five", "six"].iter().take(more) {
            decide(&after, word).await;
        }
        assert_ne!(after.ledger.head().await.unwrap().root, head.root);
        publish(&after).await.unwrap();
        Self { folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn verify(&self, ledger: &str, against: Option<&str>) -> Said {
        let mut arguments: Vec<OsString> = vec!["verify".into(), "--ledger".into()];
        arguments.push(self.path(ledger).into());
        if let Some(older) = against {
            arguments.extend(["--against".into(), self.path(older).into()]);
        }
        sayso(arguments)
    }
}

#[tokio::test]
async fn a_ledger_rebuilt_without_one_leaf_is_sound_in_itself_and_caught_by_what_is_older() {
    // (entries added afterwards, what an older checkpoint alone tells: it went back, or it shows two faces)
    for (more, code) in [(0, 30), (1, 29), (2, 29)] {
        let story = Story::new(more).await;
        // The control: in itself the rebuilt ledger is without fault, so only something older can tell.
        let alone = story.verify("rebuilt/demo", None);
        assert_eq!(alone.code, 0, "{more} more: {}{}", alone.out, alone.err);

        let said = story.verify("rebuilt/demo", Some("honest/demo/checkpoint"));
        assert_eq!(said.code, code, "{more} more: {}{}", said.out, said.err);
        // An older copy of the whole ledger tells from which entry on.
        let said = story.verify("rebuilt/demo", Some("honest/demo"));
        assert_eq!(said.code, 29, "{more} more: {}{}", said.out, said.err);
        let from = format!("rewritten from entry {LEFT_OUT} on");
        assert!(said.out.contains(&from), "{}", said.out);

        // And the honest ledger holds against itself.
        for older in ["honest/demo/checkpoint", "honest/demo"] {
            let said = story.verify("honest/demo", Some(older));
            assert_eq!(said.code, 0, "{older}: {}{}", said.out, said.err);
        }
    }
}
