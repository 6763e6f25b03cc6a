//! Exports of real ledgers: a bundle of any of them verifies, nothing erased is in any form, and two sites never mix.

mod support;
#[path = "support/world.rs"]
mod world;

use std::io::BufReader;

use proptest::prelude::*;
use sayso_audit::bundle::check::{Checked, check};
use sayso_audit::bundle::error::BundleError;
use sayso_audit::export::{Countersigner, Exported, Format, export};
use sayso_audit::filter::Filter;
use sayso_audit::reading::Reading;
use sayso_core::policy::PurposeId;
use sayso_core::record::Status;
use sayso_core::verify::{Countersigned, Demands, verify};
use sayso_ledger::Ledger;
use sayso_ledger::erasure::What;
use sayso_ledger::log::Head;
use sayso_ledger::receipt::Stored;
use sayso_ledger::sqlite::SqliteLedger;
use support::{Place, Ring, START, Site};
use world::{World, run, vault};

impl Countersigner for Site {
    fn countersign(&self, stored: &Stored) -> Result<Option<Countersigned>, String> {
        let receipt = sayso_core::verify::verify_receipt(&stored.jws, &self.jwks(), &Ring)
            .map_err(|e| e.to_string())?;
        let place = Place {
            index: stored.index,
            received: stored.received,
            hashes: stored.inclusion.hashes.clone(),
            checkpoint: &self.signed_checkpoint(stored.inclusion.size, stored.inclusion.root),
        };
        Ok(Some(self.countersign(&receipt, &stored.salt, place)))
    }

    fn checkpoint(&self, head: &Head) -> Result<String, String> {
        Ok(self.signed_checkpoint(head.size, head.root))
    }
}

fn reading(world: &World) -> Reading {
    let ledger = SqliteLedger::read(&world.path(), Some(vault())).expect("the ledger opens");
    Reading::new(Box::new(ledger)).expect("a runtime")
}

fn exported(world: &World, format: Format<'_>, filter: &Filter) -> (Vec<u8>, Exported) {
    let mut out = Vec::new();
    let done = export(&reading(world), format, filter, &mut out, |_| {}).expect("exported");
    (out, done)
}

fn checked(world: &World, bundle: &[u8]) -> Result<Checked, BundleError> {
    check(
        BufReader::new(bundle),
        &world.site.jwks(),
        &Demands::default(),
        &Ring,
        2,
        |_| {},
    )
}

#[test]
fn a_bundle_of_everything_verifies_and_so_does_each_line_by_itself() {
    let mut world = World::new("larkspur");
    run(world.everything());
    let (bundle, done) = exported(&world, Format::Bundle(&world.site), &Filter::default());
    let checked = checked(&world, &bundle).expect("it holds");
    assert!(checked.header.complete);
    assert_eq!(checked.signed + checked.witnessed, done.receipts);
    assert_eq!((done.entries, done.erased, done.uncovered), (38, 12, 0));
    assert_eq!(checked.trailer.erased, 12);
    assert_eq!(checked.documents_missing, 0);
    let text = String::from_utf8(bundle).expect("UTF-8");
    let receipts: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("{\"v\""))
        .collect();
    assert_eq!(receipts.len() as u64, done.receipts);
    for line in receipts {
        verify(
            line.as_bytes(),
            &world.site.jwks(),
            &Demands::default(),
            &Ring,
        )
        .expect("a file of its own");
    }
}

#[test]
fn what_is_newer_than_the_published_checkpoint_waits() {
    let mut world = World::new("larkspur");
    run(async {
        let ledger = world.ledger();
        world.fill(&ledger, 5).await;
        world.publish(&ledger, START).await;
        world.fill(&ledger, 8).await;
    });
    let (bundle, done) = exported(&world, Format::Bundle(&world.site), &Filter::default());
    assert_eq!((done.receipts, done.uncovered), (5, 3));
    assert_eq!(
        checked(&world, &bundle).expect("it holds").checkpoint.size,
        5
    );
}

#[test]
fn filters_leave_out_and_count() {
    let mut world = World::new("larkspur");
    run(world.everything());
    let filter = Filter {
        purpose: PurposeId::new("analytics").ok(),
        status: Some(Status::Refused),
        ..Filter::default()
    };
    let (bundle, done) = exported(&world, Format::Bundle(&world.site), &filter);
    let checked = checked(&world, &bundle).expect("it holds");
    assert!(!checked.header.complete && checked.header.filter == filter);
    assert!(done.receipts > 0 && done.left_out > 0);
    assert_eq!(done.receipts + done.left_out, 22);
    let (csv, same) = exported(&world, Format::Csv, &filter);
    assert_eq!(
        (same.receipts, same.left_out),
        (done.receipts, done.left_out)
    );
    let lines = String::from_utf8(csv)
        .expect("UTF-8")
        .matches("\r\n")
        .count() as u64;
    assert_eq!(lines, 1 + 2 * done.receipts);
    let (json, same) = exported(&world, Format::JsonLd, &filter);
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(
        json["@graph"].as_array().expect("a graph").len() as u64,
        same.receipts
    );
}

#[test]
fn nothing_erased_and_nothing_of_another_site_is_in_any_form() {
    let (mut world, mut other) = (World::new("larkspur"), World::new("stranger"));
    let (subject, id) = (
        world.visitors[2].subject(),
        support::payload("larkspur", 4, None, None).id,
    );
    run(async {
        world.everything().await;
        other.everything().await;
    });
    for format in [Format::Bundle(&world.site), Format::Csv, Format::JsonLd] {
        let (bytes, done) = exported(&world, format, &Filter::default());
        assert_eq!(done.erased, 12);
        let mut text = String::from_utf8(bytes).expect("UTF-8");
        for part in text.clone().split(['.', '"', '\n']) {
            if let Some(bytes) = sayso_core::digest::decode(part) {
                text.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        assert!(text.contains("larkspur") && !text.contains("stranger"));
        assert!(
            !text.contains(&subject) && !text.contains(&id),
            "something erased is shown"
        );
    }
}

#[test]
fn what_is_damaged_is_not_exported_as_if_it_were_sound() {
    let mut world = World::new("larkspur");
    run(world.everything());
    let connection = rusqlite::Connection::open(world.path()).expect("a database");
    connection
        .execute(
            "UPDATE entry SET received = received + 1 WHERE log_index = 6",
            (),
        )
        .expect("changed");
    drop(connection);
    let mut out = Vec::new();
    let refused = export(
        &reading(&world),
        Format::Csv,
        &Filter::default(),
        &mut out,
        |_| {},
    )
    .expect_err("it is damaged");
    assert!(
        refused
            .to_string()
            .starts_with("entry 6 cannot be exported"),
        "{refused}"
    );
}

/// One step in a ledger's life.
#[derive(Clone, Debug)]
enum Step {
    Receipts(u64),
    Erase(u64),
    Publish,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1u64..20).prop_map(Step::Receipts),
        2 => (0u64..60).prop_map(Step::Erase),
        1 => Just(Step::Publish),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_export_of_any_ledger_verifies_and_any_altered_byte_is_refused(
        steps in proptest::collection::vec(step(), 0..8),
        bends in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..=255), 20),
    ) {
        let mut world = World::new("larkspur");
        let mut most = 0;
        run(async {
            let ledger = world.ledger();
            for (n, step) in (0..).zip(&steps) {
                match step {
                    Step::Receipts(count) => {
                        most += count;
                        world.fill(&ledger, most).await;
                    }
                    Step::Erase(index) => world.erase(&ledger, What::Index(*index), n).await,
                    Step::Publish => drop(world.publish(&ledger, START + n).await),
                }
            }
            drop(ledger.head().await);
        });
        let (bundle, done) = exported(&world, Format::Bundle(&world.site), &Filter::default());
        let sound = checked(&world, &bundle);
        prop_assert!(sound.is_ok(), "{:?}", sound);
        let sound = sound.expect("it holds");
        prop_assert_eq!(sound.trailer.end, done.receipts);
        prop_assert_eq!(sound.checkpoint.size, done.entries);
        for (at, bend) in bends {
            let mut bent = bundle.clone();
            bent[at.index(bundle.len())] ^= bend;
            prop_assert!(checked(&world, &bent).is_err());
        }
        prop_assert_eq!(world.report().findings, []);
    }
}
