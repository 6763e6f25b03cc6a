//! Whole ledgers: a sound one holds, and each thing that can be wrong is found by the check that is there for it.

mod support;
#[path = "support/world.rs"]
mod world;

use std::fs;
use std::path::Path;

use sayso_audit::against::Older;
use sayso_audit::reading::Reading;
use sayso_audit::report::{Check, Report, State};
use sayso_core::log::Entry;
use sayso_core::verify::Demands;
use sayso_ledger::Ledger;
use sayso_ledger::sqlite::SqliteLedger;
use support::{Place, Ring, START, SiteKey, witness_key};
use world::{World, report, run};

fn everything() -> World {
    let mut world = World::new("larkspur");
    run(world.everything());
    world
}

/// The report after some SQL was run behind the ledger's back. `mark` is what the marks would be, so that the change is one
/// that somebody made on purpose.
fn after(sql: &str) -> Report {
    let world = everything();
    behind(&world.path(), sql);
    world.report()
}

fn behind(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).expect("a database");
    connection
        .create_scalar_function(
            "mark",
            -1,
            rusqlite::functions::FunctionFlags::SQLITE_INNOCUOUS,
            |_| Ok(vec![0u8; 8]),
        )
        .expect("a function");
    connection
        .pragma_update(None, "foreign_keys", false)
        .expect("allowed");
    connection.execute_batch(sql).expect("it runs");
}

fn failed(report: &Report) -> Vec<Check> {
    let fails = |state: &State| matches!(state, State::Fails(_));
    report
        .checks
        .iter()
        .filter(|check| fails(&check.state))
        .map(|check| check.check)
        .collect()
}

#[test]
fn a_sound_ledger_holds_and_the_report_says_what_is_in_it() {
    let world = everything();
    let report = world.report();
    println!("{report}");
    assert_eq!(report.findings, []);
    assert_eq!(report.exit_code, 0);
    assert_eq!(
        (report.contents.tombstones, report.contents.key_events),
        (3, 1)
    );
    let sum = report.contents.signed + report.contents.witnessed + report.contents.erased;
    assert_eq!(sum, 34);
    assert!(
        report
            .checks
            .iter()
            .all(|check| check.check == Check::Witnesses || check.state == State::Holds)
    );
    assert!(
        report.remarks.predecessor_not_kept > 0,
        "erasing leaves successors without predecessor"
    );
    assert_eq!(report.remarks.unpublished, 0);
}

#[test]
fn hashes_alone_are_checked_where_that_is_asked() {
    let world = everything();
    let report = report(&world.path(), &world.site.jwks(), |options| {
        options.hashes_only = true
    });
    assert_eq!((report.exit_code, report.size), (0, 38));
    let tree = report
        .checks
        .iter()
        .find(|check| check.check == Check::Tree);
    assert_eq!(tree.map(|check| &check.state), Some(&State::Holds));
    let signatures = report
        .checks
        .iter()
        .find(|check| check.check == Check::Signatures);
    assert!(matches!(
        signatures.map(|check| &check.state),
        Some(State::NotMade(_))
    ));
}

#[test]
fn each_thing_that_can_be_wrong_is_found_by_its_check() {
    for (sql, check, code) in [
        (
            "UPDATE entry SET commitment = randomblob(32) WHERE log_index = 6",
            Check::Entries,
            32,
        ),
        (
            "UPDATE entry SET received = received + 1 WHERE log_index = 6",
            Check::Entries,
            32,
        ),
        (
            "UPDATE entry SET flags = 'clock' WHERE log_index = 6",
            Check::Entries,
            32,
        ),
        (
            "UPDATE entry SET kind = 1 WHERE log_index = 6",
            Check::Entries,
            32,
        ),
        (
            "UPDATE entry SET body = CAST(x'00' || substr(body, 2) AS BLOB) WHERE log_index = 6",
            Check::Entries,
            32,
        ),
        ("DELETE FROM entry WHERE log_index = 0", Check::Tree, 33),
        ("UPDATE node SET hash = randomblob(32)", Check::Tree, 33),
        ("DELETE FROM node WHERE number = 1", Check::Tree, 33),
        (
            "UPDATE entry SET commitment = randomblob(32) WHERE log_index = 4",
            Check::Tree,
            33,
        ),
        (
            "UPDATE checkpoint SET note = replace(note, 'larkspur', 'larkspuR')",
            Check::Checkpoints,
            34,
        ),
        (
            "UPDATE checkpoint SET root = randomblob(32)",
            Check::Checkpoints,
            34,
        ),
        ("UPDATE checkpoint SET cosigned = 3", Check::Checkpoints, 34),
        ("DELETE FROM hash WHERE log_index = 6", Check::LookUps, 36),
        ("DELETE FROM id WHERE log_index = 4", Check::LookUps, 36),
        (
            "UPDATE decision SET content = content + 1 WHERE log_index = 6",
            Check::LookUps,
            36,
        ),
        (
            "UPDATE subject SET log_index = 7 WHERE log_index = 6",
            Check::LookUps,
            36,
        ),
        (
            "INSERT INTO subject (key, prev, log_index) SELECT key, prev, 6 FROM subject LIMIT 1",
            Check::LookUps,
            36,
        ),
        (
            "UPDATE entry SET body = NULL, received = 0, flags = '' WHERE log_index = 6",
            Check::Erasure,
            37,
        ),
        ("UPDATE document SET body = x'00'", Check::Beside, 39),
        (
            "UPDATE subscription SET mark = x'00', revision = 9",
            Check::Beside,
            39,
        ),
        ("UPDATE token SET expires = 1", Check::Beside, 39),
        ("DELETE FROM forget WHERE number = 2", Check::Beside, 39),
        (
            "UPDATE address_receipt SET log_index = 6 WHERE log_index = 30",
            Check::Beside,
            39,
        ),
        ("CREATE TABLE more (x)", Check::Files, 31),
        ("UPDATE subscription SET address = 77", Check::Files, 31),
    ] {
        let report = after(sql);
        let failed = failed(&report);
        assert!(failed.contains(&check), "{sql}: {failed:?}\n{report}");
        assert!(
            report.exit_code != 0 && report.exit_code <= code,
            "{sql}: {}",
            report.exit_code
        );
    }
}

#[test]
fn salts_are_there_for_exactly_what_is_not_erased() {
    for sql in [
        "UPDATE salt SET salt = randomblob(32) WHERE log_index = 4",
        "UPDATE salt SET salt = zeroblob(32) WHERE log_index = 6",
        "DELETE FROM salt WHERE log_index = 6",
        "UPDATE log SET forgotten = 0",
    ] {
        let world = everything();
        behind(&world.folder.path().join("salts.db"), sql);
        assert_ne!(world.report().exit_code, 0, "{sql}");
    }
    let world = everything();
    let spare = "INSERT INTO salt (log_index, salt) VALUES (38, randomblob(32))";
    behind(&world.folder.path().join("salts.db"), spare);
    let report = world.report();
    assert_eq!((report.exit_code, report.remarks.spare_salts), (0, 1));
}

#[test]
fn a_receipt_that_the_visitor_did_not_sign_is_found_though_everything_else_agrees() {
    // Whoever has the salts and the files can put a receipt of their own in; they cannot sign it.
    let mut world = World::new("larkspur");
    run(async {
        let ledger = world.ledger();
        world.fill(&ledger, 3).await;
    });
    let mut keys = world.site.jwks();
    keys.keys
        .retain(|key| key.public() != Some(world.site.witness.public));
    world.made = 3;
    run(async {
        let ledger = world.ledger();
        world.fill(&ledger, 4).await;
    });
    let report = report(&world.path(), &keys, |_| {});
    assert_eq!(failed(&report), [Check::Signatures]);
    assert_eq!(report.exit_code, 35);
}

#[test]
fn a_log_that_was_taken_back_is_seen_by_its_own_checkpoint_file() {
    let mut world = World::new("larkspur");
    let published = run(async {
        let ledger = world.ledger();
        world.fill(&ledger, 3).await;
        world.publish(&ledger, START).await
    });
    let later = world.site.signed_checkpoint(5, published.root);
    for (note, code) in [
        (published.note.clone(), 0),
        (later, 30),
        (world.site.signed_checkpoint(2, published.root), 34),
        (published.note.replace("larkspur", "elsewhere"), 34),
        ("nonsense".to_owned(), 34),
    ] {
        let report = report(&world.path(), &world.site.jwks(), |options| {
            options.checkpoint = Some(Box::leak(note.clone().into_boxed_str()));
        });
        assert_eq!(report.exit_code, code, "{note}");
    }
}

#[test]
fn witnesses_are_asked_for() {
    let mut world = World::new("larkspur");
    let witness = SiteKey::new(50);
    let key = witness_key(&witness, "witness.example/w");
    run(async {
        let ledger = world.ledger();
        world.fill(&ledger, 3).await;
        let mut published = world.publish(&ledger, START).await;
        published.note = world
            .site
            .cosigned(&published.note, &witness, "witness.example/w", 7);
        published.cosigned = 1;
        ledger
            .publish_checkpoint(published)
            .await
            .expect("published");
    });
    let stranger = witness_key(&SiteKey::new(60), "other.example/w");
    for (keys, quorum, code) in [
        (vec![key.clone()], 1, 0),
        (vec![key.clone(), stranger], 2, 27),
    ] {
        let report = report(&world.path(), &world.site.jwks(), |options| {
            options.demands = Demands {
                witnesses: Box::leak(keys.clone().into_boxed_slice()),
                quorum,
            };
        });
        assert_eq!(report.exit_code, code, "{report}");
    }
}

fn copy(from: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["ledger.db", "salts.db"] {
        fs::copy(from.join(name), folder.path().join(name)).expect("copied");
    }
    folder
}

fn against(world: &World, older: &Older) -> Report {
    report(&world.path(), &world.site.jwks(), |options| {
        // The borrow of the options ends with this report.
        options.against = Some(Box::leak(Box::new(match older {
            Older::Head { checkpoint, entry } => Older::Head {
                checkpoint: checkpoint.clone(),
                entry: *entry,
            },
            Older::Copy(_) => unreachable!("copies are not shared"),
        })));
    })
}

/// The same receipts in another ledger of the same log and keys, one of them left out.
fn rebuilt(world: &World, without: u64, count: u64) -> World {
    let other = World::new("larkspur");
    run(async {
        let (old, new) = (world.ledger(), other.ledger());
        for index in (0..count).filter(|index| *index != without) {
            let stored = old.by_index(index).await.expect("answered").expect("kept");
            let receipt =
                sayso_core::verify::verify_receipt(&stored.jws, &world.site.jwks(), &Ring)
                    .expect("it holds");
            let append = sayso_ledger::receipt::Append {
                receipt,
                salt: stored.salt,
                received: stored.received,
                flags: stored.flags,
            };
            new.append(vec![append]).await.expect("appended");
        }
        other.publish(&new, START).await;
    });
    other
}

#[test]
fn a_rewritten_history_is_told_from_a_grown_one() {
    let mut world = World::new("larkspur");
    let (published, receipt) = run(async {
        let ledger = world.ledger();
        world.fill(&ledger, 20).await;
        let published = world.publish(&ledger, START).await;
        let stored = ledger.by_index(6).await.expect("answered").expect("kept");
        let receipt = sayso_core::verify::verify_receipt(&stored.jws, &world.site.jwks(), &Ring)
            .expect("it holds");
        let place = Place {
            index: 6,
            received: stored.received,
            hashes: ledger
                .inclusion(6, Some(20))
                .await
                .expect("answered")
                .expect("there")
                .hashes,
            checkpoint: &published.note,
        };
        let file = world.site.countersign(&receipt, &stored.salt, place);
        (
            published.clone(),
            serde_json::to_string(&file).expect("JSON"),
        )
    });
    let older = copy(world.folder.path());
    run(async {
        let ledger = world.ledger();
        world.fill(&ledger, 31).await;
    });
    let open = |text: &str| Older::read(text, &world.site.origin, &world.site.jwks(), &Ring);
    let rewritten = rebuilt(&world, 5, 31);
    assert_eq!(rewritten.report().exit_code, 0, "by itself it looks sound");
    for text in [&published.note, &receipt] {
        let state = open(text).expect("it reads");
        assert_eq!(against(&world, &state).exit_code, 0);
        let report = against(&rewritten, &state);
        assert_eq!(report.exit_code, 29, "{report}");
    }
    let of_copy = |world: &World| {
        let ledger = SqliteLedger::read(&older.path().join("ledger.db"), None).expect("it opens");
        let state = Older::Copy(Box::new(Reading::new(Box::new(ledger)).expect("a runtime")));
        let state: &'static Older = Box::leak(Box::new(state));
        report(&world.path(), &world.site.jwks(), |options| {
            options.against = Some(state)
        })
    };
    assert_eq!(of_copy(&world).exit_code, 0);
    let report = of_copy(&rewritten);
    assert_eq!(report.exit_code, 29);
    assert!(
        report.findings[0].what.contains("from entry 5 on"),
        "{report}"
    );

    // A log that went back, and states that are of no use.
    let short = rebuilt(&world, 99, 12);
    assert_eq!(
        against(&short, &open(&published.note).expect("it reads")).exit_code,
        30
    );
    assert_eq!(of_copy(&short).exit_code, 30);
    let other = World::new("stranger");
    let entry = Entry::Receipt(published.root).leaf_hash();
    for text in [
        "nonsense".to_owned(),
        other.site.signed_checkpoint(20, published.root),
        published.note.replacen("\n20\n", "\n21\n", 1),
        receipt.replace("\"v\":1", "\"v\":2"),
        format!("{{\"x\":\"{entry}\"}}"),
    ] {
        assert!(open(&text).is_err(), "{text}");
    }
}
