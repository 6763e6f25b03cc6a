//! Bits that turn over in the files: each is found, or changes nothing that can be read through the ledger.
//!
//! `SAYSO_FLIPS=1000` turns over so many; `SAYSO_SEED` says where.

mod support;
#[path = "support/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sayso_ledger::Ledger;
use sayso_ledger::document::DocumentKind;
use sayso_ledger::record::{Record, RecordKind};
use sayso_ledger::sqlite::SqliteLedger;
use support::START;
use world::{World, run, try_report, vault};

const FILES: [&str; 2] = ["ledger.db", "salts.db"];

/// A generator of numbers that are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

/// Everything that can be read through the ledger, or why it cannot.
async fn readable(path: &Path, world: &World, sound: &[Record]) -> Result<String, String> {
    use std::fmt::Write as _;
    let ledger = SqliteLedger::read(path, Some(vault())).map_err(|error| error.to_string())?;
    let said = |error: sayso_ledger::LedgerError| error.to_string();
    let mut out = format!(
        "{} {:?}\n",
        ledger.log(),
        ledger.head().await.map_err(said)?
    );
    let records = ledger.scan(0, 1000).await.map_err(said)?;
    let _ = writeln!(out, "{records:?}");
    for level in 0..6 {
        let all = 0..sound.len() as u64 >> level;
        let _ = writeln!(out, "{:?}", ledger.nodes(level, all).await.map_err(said)?);
    }
    let _ = writeln!(
        out,
        "{:?}",
        ledger.entries(0..sound.len() as u64).await.map_err(said)?
    );
    for record in sound {
        let _ = writeln!(
            out,
            "{:?}",
            ledger.by_index(record.index).await.map_err(said)?
        );
        if let RecordKind::Receipt(stored) = &record.kind {
            let _ = writeln!(
                out,
                "{:?}",
                ledger.by_hash(stored.hash).await.map_err(said)?
            );
            let _ = writeln!(
                out,
                "{:?}",
                ledger
                    .by_decision(stored.decision.clone())
                    .await
                    .map_err(said)?
            );
        }
    }
    let _ = writeln!(out, "{:?}", ledger.checkpoints().await.map_err(said)?);
    let _ = writeln!(out, "{:?}", ledger.published().await.map_err(said)?);
    for kind in [DocumentKind::Notice, DocumentKind::Layer] {
        let _ = writeln!(out, "{:?}", ledger.documents(kind).await.map_err(said)?);
    }
    for email in &world.emails {
        let _ = writeln!(
            out,
            "{}",
            ledger.suppressed(email.clone()).await.map_err(said)?
        );
        let address = ledger.address(email.clone()).await.map_err(said)?;
        let shown = address.map(|a| {
            (
                a.email,
                a.profile.first_name,
                a.profile.topics,
                a.subscriptions,
            )
        });
        let _ = writeln!(out, "{shown:?}");
    }
    for token in &world.tokens {
        let token = ledger.token(*token).await.map_err(said)?;
        let shown = token.map(|t| (t.kind, t.email, t.expires, t.used, t.body));
        let _ = writeln!(out, "{shown:?}");
    }
    let mail = ledger.due_mail(u64::MAX >> 1, 100).await.map_err(said)?;
    let shown: Vec<_> = mail
        .into_iter()
        .map(|mail| (mail.id, mail.body, mail.attempts))
        .collect();
    let _ = writeln!(out, "{shown:?}");
    Ok(out)
}

#[test]
fn every_bit_that_turns_over_is_found_or_harmless() {
    let number = |name: &str, default: u64| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let (count, seed) = (number("SAYSO_FLIPS", 60), number("SAYSO_SEED", 7));
    let mut world = World::new("larkspur");
    run(async {
        world.everything().await;
        // So many that most pages are full.
        let ledger = world.ledger();
        let more = world.made + 40;
        world.fill(&ledger, more).await;
        world.publish(&ledger, START + 2 * 86_400_000).await;
    });
    let folder = world.folder.path();
    let sound: BTreeMap<&str, Vec<u8>> = FILES
        .iter()
        .map(|name| (*name, fs::read(folder.join(name)).expect("read")))
        .collect();
    let records = run(async { world.ledger().scan(0, 1000).await.expect("read") });
    let before = run(readable(&world.path(), &world, &records)).expect("it is sound");
    assert_eq!(world.report().exit_code, 0);

    let mut numbers = Numbers(seed);
    let total: usize = sound.values().map(Vec::len).sum();
    let (mut found, mut harmless, mut escaped) = (BTreeMap::new(), 0, Vec::new());
    for _ in 0..count {
        let mut at = usize::try_from(numbers.next() % (8 * total as u64)).expect("small");
        let bit = at % 8;
        at /= 8;
        let (name, bytes) = if at < sound["ledger.db"].len() {
            ("ledger.db", &sound["ledger.db"])
        } else {
            at -= sound["ledger.db"].len();
            ("salts.db", &sound["salts.db"])
        };
        let bent = tempfile::tempdir().expect("a folder");
        for other in FILES {
            fs::write(bent.path().join(other), &sound[other]).expect("written");
        }
        let mut changed = bytes.clone();
        changed[at] ^= 1 << bit;
        fs::write(bent.path().join(name), changed).expect("written");
        let path = bent.path().join("ledger.db");
        let code =
            try_report(&path, &world.site.jwks(), |_| {}).map_or(40, |report| report.exit_code);
        if code != 0 {
            *found.entry(code).or_insert(0) += 1;
        } else if run(readable(&path, &world, &records)).as_ref() == Ok(&before) {
            harmless += 1;
        } else {
            escaped.push(format!(
                "bit {bit} of byte {at} of {name} (page {}, at {})",
                at / 4096,
                at % 4096
            ));
        }
    }
    println!(
        "{count} bits turned over in {total} bytes (seed {seed}): {} found (by exit code: {found:?}), {harmless} harmless, \
         {} escaped",
        found.values().sum::<u64>(),
        escaped.len()
    );
    assert!(
        escaped.is_empty(),
        "not found and not harmless: {escaped:#?}"
    );
    assert!(!found.is_empty(), "some of them hit something");
}
