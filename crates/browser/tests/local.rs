//! What may stay in the browser: the standing of a visitor, the key's end, the history.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use sayso_browser::json::{self, Stored};
use sayso_browser::local::{Chain, Event, HISTORY, KEY_LIFE, Local, Standing, says_yes, until};

const TODAY: u32 = 20_000;
const NOW: u64 = TODAY as u64 * 86_400_000;

/// Day 20100 and day 19900 in base 36.
const AHEAD: &str = "fic";
const PAST: &str = "fcs";

fn event(choices: &str) -> Event {
    Event {
        decision: "d".into(),
        time: 1,
        surface: "banner".into(),
        action: "save".into(),
        choices: choices.into(),
        about: String::new(),
    }
}

#[test]
fn standing_follows_cookie_and_history() {
    use Standing::{Nothing, OnlyNo, TookBack, Yes};
    let state = |choices: &str| format!("1.toujs0.{choices}");
    let cases = [
        (String::new(), vec![], false, Nothing),
        (state(&format!("a:r1.{AHEAD}")), vec![], false, OnlyNo),
        (state("a:s1"), vec![], false, OnlyNo),
        (state("necessary:n1-chat"), vec![], false, OnlyNo),
        (state(&format!("a:g1.{AHEAD}")), vec![], false, Yes),
        (state(&format!("a:r1.{AHEAD}+video")), vec![], false, Yes),
        (state(&format!("a:r1.{AHEAD}-video")), vec![], false, OnlyNo),
        (state(&format!("a:w1.{AHEAD}")), vec![], false, TookBack),
        (
            state(&format!("a:g1.{PAST}~b:r1.{AHEAD}")),
            vec![],
            false,
            TookBack,
        ),
        (
            state(&format!("a:g1.{PAST}~necessary:n1")),
            vec![],
            false,
            Nothing,
        ),
        (
            state(&format!("a:r1.{AHEAD}")),
            vec!["a:g1.fic"],
            false,
            TookBack,
        ),
        (
            state(&format!("a:r1.{AHEAD}")),
            vec!["a:r1.fic"],
            false,
            OnlyNo,
        ),
        (state(&format!("a:r1.{AHEAD}")), vec![], true, Yes),
        (String::new(), vec!["a:r1.fic"], false, OnlyNo),
        ("not a cookie".into(), vec![], false, Nothing),
    ];
    for (state, history, asked, standing) in cases {
        let history: Vec<Event> = history.into_iter().map(event).collect();
        assert_eq!(
            Standing::of(&state, &history, asked, TODAY),
            standing,
            "{state} {history:?}"
        );
    }
}

#[test]
fn only_a_yes_or_the_visitors_wish_keeps_anything() {
    use Standing::{Nothing, OnlyNo, TookBack, Yes};
    let cases = [
        (Nothing, false, false, false),
        (OnlyNo, false, false, false),
        (Yes, false, true, true),
        (TookBack, false, false, true),
        (Nothing, true, false, true),
        (OnlyNo, true, true, true),
        (Yes, true, true, true),
        (TookBack, true, false, true),
    ];
    for (standing, keep, key, receipts) in cases {
        assert_eq!(
            (standing.keeps_key(keep), standing.keeps_receipts(keep)),
            (key, receipts),
            "{standing:?}, keep {keep}"
        );
    }
}

#[test]
fn only_a_yes_makes_a_key() {
    let cases = [
        ("a:g1.fic", true),
        ("a:r1.fic~b:g2.fic", true),
        ("a:r1.fic+video", true),
        ("a:r1.fic-video", false),
        ("a:w1.fic", false),
        ("a:o1", false),
        ("necessary:n1+chat", false),
        ("", false),
        ("nonsense", false),
    ];
    for (choices, yes) in cases {
        assert_eq!(says_yes(choices), yes, "{choices}");
    }
}

#[test]
fn a_key_ends_after_thirteen_months_or_with_the_last_yes() {
    let chain = |created, until| Local {
        chain: Some(Chain {
            subject: "s".into(),
            created,
            prev: String::new(),
            until,
        }),
        ..Local::default()
    };
    let cases = [
        (Local::default(), false),
        (chain(NOW, u32::MAX), false),
        (chain(NOW - KEY_LIFE + 1, u32::MAX), false),
        (chain(NOW - KEY_LIFE, u32::MAX), true),
        (chain(NOW, TODAY + 1), false),
        (chain(NOW, TODAY), true),
    ];
    for (local, ended) in cases {
        assert_eq!(local.key_has_ended(NOW), ended, "{local:?}");
    }
    assert_eq!(until(&format!("1.a.a:g1.{AHEAD}~b:r1.zzz")), 20_100);
    assert_eq!(until("1.a.a:r1.zzz"), 0);
}

#[test]
fn the_history_is_ordered_bounded_and_notes_nothing_twice() {
    let mut local = Local::default();
    for time in [3, 1, 2, 3, 2] {
        local.note(Event {
            time,
            ..event("a:r1.fic")
        });
    }
    let times = |local: &Local| local.history.iter().map(|e| e.time).collect::<Vec<_>>();
    assert_eq!(times(&local), [1, 2, 3]);
    for time in 10..100 {
        local.note(Event {
            time,
            ..event("a:r1.fic")
        });
    }
    assert_eq!(local.history.len(), HISTORY);
    assert_eq!(times(&local).last(), Some(&99));
    local.forget_ids();
    assert!(local.history.iter().all(|e| e.decision.is_empty()));
    assert!(!local.write().contains("decision"));
}

#[test]
fn what_is_stored_is_read_back() {
    let mut local = Local {
        keep: true,
        ..Local::default()
    };
    local.note(event("a:g1.fic"));
    local.chain = Some(Chain {
        subject: "s".into(),
        created: 5,
        prev: "p".into(),
        until: 7,
    });
    assert_eq!(Local::read(&json::parse(&local.write()).unwrap()), local);
    for other in [r#"{"v":2,"keep":true}"#, "[]", "null", "3"] {
        assert_eq!(Local::read(&json::parse(other).unwrap()), Local::default());
    }
}
