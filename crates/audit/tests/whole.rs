//! Whole ledgers: a sound one holds, and each thing that can be wrong is found by the check that is there for it.

mod support;
#[path = "support/world.rs"]
mod world;

use sayso_audit::report::{Check, State};
use world::{World, run};

#[test]
fn a_sound_ledger_holds_and_the_report_says_what_is_in_it() {
    let mut world = World::new("larkspur");
    run(world.everything());
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
}
