//! The record: the newest decision wins in whatever order they arrive, and what shuts wins ties.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use proptest::prelude::*;
use sayso_core::decision::{Action, Decision, Surface};
use sayso_core::policy::Model;
use sayso_core::record::{HISTORY, Record, Status};

fn decision(time: u64, choices: &str) -> Decision {
    Decision {
        v: 1,
        id: sayso_core::id::uuid_v7(time, [7; 10]),
        time,
        surface: Surface::Banner,
        action: Action::Save,
        language: "en".into(),
        jurisdiction: "EU".into(),
        model: Model::OptIn,
        controller: "shop".into(),
        notice: String::new(),
        layer: String::new(),
        in_view: true,
        signals: vec![],
        choices: choices.into(),
        delivered: false,
    }
}

#[test]
fn statuses_follow_the_letters_and_lapse() {
    let mut record = Record::default();
    record
        .apply(&decision(
            1,
            "ads:r1.5~analytics:g1.5~chat:d1~mail:o1~notice:n1",
        ))
        .unwrap();
    let statuses: Vec<_> = ["ads", "analytics", "chat", "mail", "notice", "other"]
        .into_iter()
        .map(|id| record.status(id, 4))
        .collect();
    use Status::{Acknowledged, Deferred, Expired, Given, Objected, Refused, Unknown};
    assert_eq!(
        statuses,
        [Refused, Given, Deferred, Objected, Acknowledged, Unknown]
    );
    assert_eq!(
        (record.status("analytics", 5), record.status("mail", 5000)),
        (Expired, Objected)
    );
}

#[test]
fn an_older_accept_does_not_revive() {
    let mut record = Record::default();
    record.apply(&decision(10, "analytics:w1.5")).unwrap();
    record.apply(&decision(9, "analytics:g1.5")).unwrap();
    assert_eq!(record.status("analytics", 0), Status::Withdrawn);
    let times: Vec<_> = record.history.iter().map(|e| e.time).collect();
    assert_eq!(times, [9, 10], "both are in the history");
    record.apply(&decision(10, "analytics:g1.5")).unwrap();
    assert_eq!(
        record.status("analytics", 0),
        Status::Withdrawn,
        "of the same moment, the one that shuts"
    );
}

#[test]
fn the_history_is_bounded_and_applying_again_changes_nothing() {
    let mut record = Record::default();
    for time in 0..200 {
        record.apply(&decision(time, "analytics:g1")).unwrap();
    }
    assert_eq!(
        (record.history.len(), record.history[0].time),
        (HISTORY, 150)
    );
    let before = record.clone();
    record.apply(&decision(199, "analytics:g1")).unwrap();
    assert_eq!(record, before);
}

proptest! {
    #[test]
    fn order_of_arrival_does_not_matter(mut all in proptest::collection::vec((0u64..6, 0usize..4), 1..8), seed in any::<u64>()) {
        let letters = ["g", "r", "w", "o"];
        let apply = |all: &[(u64, usize)]| {
            let mut record = Record::default();
            for (time, letter) in all {
                record.apply(&decision(*time, &format!("a:{}1", letters[*letter]))).unwrap();
            }
            record.purposes["a"].status.shuts()
        };
        let one = apply(&all);
        let turn = (seed as usize) % all.len();
        all.rotate_left(turn);
        prop_assert_eq!(one, apply(&all));
    }
}
