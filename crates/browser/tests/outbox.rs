//! The outbox: what goes into a request, when it is tried again, and when it is given up.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use sayso_browser::answer::{Accepted, Answer, Refusal, Reply, Verdict};
use sayso_browser::json::{self, Stored};
use sayso_browser::outbox::{Kind, Left, MAX_BYTES, MAX_ENTRIES, Outbox, Wait, Waiting};
use sayso_browser::shelf::Kept;

const SECOND: u64 = 1_000;
const DAY: u64 = 86_400 * SECOND;
const NOW: u64 = 1_763_766_000_123;

fn waiting(id: &str, kind: Kind, item: &str) -> Waiting {
    Waiting {
        id: id.into(),
        decision: format!("d{id}"),
        time: NOW,
        kind,
        item: item.into(),
        receipt: String::new(),
        opens: false,
        since: NOW,
        tries: 0,
        next: 0,
        alone: false,
        asked: false,
    }
}

fn outbox(entries: &[(&str, Kind)]) -> Outbox {
    Outbox(
        entries
            .iter()
            .map(|(id, kind)| waiting(id, *kind, &format!("{{\"{id}\":0}}")))
            .collect(),
    )
}

fn ids(outbox: &Outbox) -> Vec<&str> {
    outbox.0.iter().map(|w| w.id.as_str()).collect()
}

#[test]
fn a_request_holds_one_kind_oldest_first() {
    use Kind::{Address, Decision, Receipt};
    let cases = [
        (
            vec![("a", Receipt), ("b", Decision), ("c", Receipt)],
            "v1/receipts",
            vec!["a", "c"],
            r#"{"v":1,"state":"1.a.x:g1","receipts":["{\"a\":0}","{\"c\":0}"]}"#,
        ),
        (
            vec![("b", Decision), ("a", Receipt), ("c", Decision)],
            "v1/receipts",
            vec!["b", "c"],
            r#"{"v":1,"state":"1.a.x:g1","decisions":[{"b":0},{"c":0}]}"#,
        ),
        (
            vec![("a", Address), ("b", Address)],
            "v1/addresses",
            vec!["a"],
            r#"{"a":0}"#,
        ),
    ];
    for (entries, path, ids, body) in cases {
        let batch = outbox(&entries).batch(NOW, "1.a.x:g1").unwrap();
        assert_eq!(
            (batch.path, batch.ids, batch.body.as_str()),
            (path, ids.iter().map(ToString::to_string).collect(), body)
        );
    }
    assert_eq!(Outbox::default().batch(NOW, ""), None);
}

#[test]
fn a_request_stays_within_what_the_server_takes() {
    let mut many = Outbox::default();
    for n in 0..40 {
        many.push(waiting(&n.to_string(), Kind::Receipt, &"x".repeat(600)));
    }
    let batch = many.batch(NOW, "").unwrap();
    assert_eq!(batch.ids.len(), 16);
    let mut big = Outbox::default();
    for n in 0..8 {
        big.push(waiting(&n.to_string(), Kind::Receipt, &"x".repeat(6_000)));
    }
    let batch = big.batch(NOW, "").unwrap();
    assert_eq!(batch.ids.len(), 2);
    assert!(batch.body.len() < 16 * 1024);
}

#[test]
fn failures_double_the_wait_up_to_half_an_hour() {
    let cases = [
        (0, 1_000, 2_000),
        (1, 2_000, 4_000),
        (5, 32_000, 64_000),
        (12, 900_000, 1_800_000),
        (4_000_000_000, 900_000, 1_800_000),
    ];
    for (tries, least, most) in cases {
        for (jitter, wait) in [(0.0, least), (1.0, most)] {
            let mut outbox = outbox(&[("a", Kind::Receipt)]);
            outbox.0[0].tries = tries;
            let left = outbox.answered(&["a".into()], Answer::Whole(Wait::Failure), NOW, jitter);
            assert!(left.is_empty());
            assert_eq!(outbox.0[0].next, NOW + wait, "after {tries} tries");
            assert_eq!(outbox.batch(NOW + wait - 1, ""), None);
            assert!(outbox.batch(NOW + wait, "").is_some());
        }
    }
}

#[test]
fn a_server_may_ask_for_more_but_not_for_ever() {
    for (asked, wait) in [(10 * SECOND, 10 * SECOND), (400 * DAY, DAY)] {
        let mut outbox = outbox(&[("a", Kind::Receipt)]);
        outbox.answered(&["a".into()], Answer::Whole(Wait::Asked(asked)), NOW, 0.0);
        assert_eq!(outbox.0[0].next, NOW + wait);
    }
}

#[test]
fn a_time_far_ahead_was_written_by_a_wrong_clock() {
    let mut outbox = outbox(&[("a", Kind::Receipt)]);
    outbox.0[0].next = NOW + 365 * DAY;
    assert!(outbox.batch(NOW, "").is_some());
    assert_eq!(outbox.next(NOW), Some(NOW));
}

#[test]
fn nothing_is_tried_for_ever() {
    let unknown = || Wait::Unknown(Refusal::local("notice-unknown", ""));
    let cases = [
        (unknown(), 29 * DAY, None),
        (unknown(), 31 * DAY, Some("notice-unknown")),
        (Wait::Nobody, 29 * DAY, None),
        (Wait::Nobody, 31 * DAY, Some("unreachable")),
        (Wait::Failure, 31 * DAY, None),
        (Wait::Failure, 397 * DAY, Some("unreachable")),
    ];
    for (wait, age, code) in cases {
        let mut outbox = outbox(&[("a", Kind::Receipt)]);
        let left = outbox.answered(&["a".into()], Answer::Whole(wait.clone()), NOW + age, 0.5);
        let given_up = left
            .first()
            .map(|left| left.outcome.clone().unwrap_err().code);
        assert_eq!(given_up.as_deref(), code, "{wait:?} after {age} ms");
        assert_eq!(outbox.0.is_empty(), code.is_some());
    }
}

#[test]
fn an_unknown_notice_is_tried_daily() {
    let mut outbox = outbox(&[("a", Kind::Receipt)]);
    let wait = Wait::Unknown(Refusal::local("notice-unknown", ""));
    outbox.answered(&["a".into()], Answer::Whole(wait), NOW, 0.5);
    let wait = outbox.0[0].next - NOW;
    assert!((23 * DAY / 24..=26 * DAY / 24).contains(&wait), "{wait}");
}

#[test]
fn what_was_refused_together_is_sent_one_by_one() {
    let mut outbox = outbox(&[
        ("a", Kind::Receipt),
        ("b", Kind::Receipt),
        ("c", Kind::Receipt),
    ]);
    outbox.answered(&["a".into(), "b".into()], Answer::Apart, NOW, 0.5);
    assert_eq!(outbox.batch(NOW, "").unwrap().ids, ["a"]);
    let refused = Answer::Each(vec![Verdict::Refused(Refusal::local("malformed", ""))]);
    let left = outbox.answered(&["a".into()], refused, NOW, 0.5);
    assert_eq!(left[0].waiting.id, "a");
    assert_eq!(outbox.batch(NOW, "").unwrap().ids, ["b"]);
    outbox.answered(
        &["b".into()],
        Answer::Each(vec![Verdict::Accepted(Accepted(None))]),
        NOW,
        0.5,
    );
    assert_eq!(ids(&outbox), ["c"]);
}

#[test]
fn an_answer_for_what_another_tab_finished_changes_nothing() {
    let mut outbox = outbox(&[("b", Kind::Receipt)]);
    let accepted = Answer::Each(vec![Verdict::Accepted(Accepted(None))]);
    assert!(
        outbox
            .answered(&["a".into()], accepted, NOW, 0.5)
            .is_empty()
    );
    assert_eq!(ids(&outbox), ["b"]);
}

#[test]
fn too_much_lets_the_oldest_yes_go_first() {
    let mut outbox = Outbox::default();
    for n in 0..MAX_ENTRIES {
        let mut entry = waiting(&n.to_string(), Kind::Receipt, "x");
        entry.opens = n == 7;
        assert!(outbox.push(entry).is_empty());
    }
    let dropped = outbox.push(waiting("new", Kind::Receipt, "x"));
    assert_eq!(dropped[0].id, "7");
    let dropped = outbox.push(waiting("newer", Kind::Receipt, "x"));
    assert_eq!(dropped[0].id, "0");
    let dropped = outbox.push(waiting("huge", Kind::Receipt, &"x".repeat(MAX_BYTES)));
    assert_eq!(dropped.len(), MAX_ENTRIES);
    assert_eq!(ids(&outbox), ["huge"]);
}

#[test]
fn coming_online_wakes_what_failed_and_not_what_is_unknown() {
    let mut outbox = outbox(&[("a", Kind::Receipt), ("b", Kind::Receipt)]);
    outbox.0[0].next = NOW + 60 * SECOND;
    outbox.0[1].next = NOW + DAY;
    outbox.wake(NOW);
    assert_eq!(outbox.batch(NOW, "").unwrap().ids, ["a"]);
}

#[test]
fn what_is_stored_is_read_back() {
    let mut outbox = outbox(&[("a", Kind::Receipt), ("b\"\\\n", Kind::Address)]);
    outbox.0[0].receipt = "r".into();
    outbox.0[1].opens = true;
    outbox.0[1].alone = true;
    outbox.0[1].tries = 3;
    outbox.0[1].asked = true;
    outbox.0[1].next = NOW;
    let text = outbox.write();
    assert_eq!(Outbox::read(&json::parse(&text).unwrap()), outbox);
    assert_eq!(Outbox::default().write(), "[]");
    let broken = json::parse(r#"[1,{"kind":"else"},{"kind":"receipt","id":"x"}]"#).unwrap();
    assert_eq!(ids(&Outbox::read(&broken)), ["x"]);
}

#[test]
fn responses_mean_what_they_say() {
    let problem =
        |code: &str| format!(r#"{{"type":"t","title":"T","status":400,"code":"{code}"}}"#);
    let one: &[Option<&str>] = &[Some("a.b.c")];
    let two: &[Option<&str>] = &[Some("a.b.c"), None];
    let accepted = || Verdict::Accepted(Accepted(None));
    let whole = Answer::Whole;
    let cases = [
        (503, Some(7), String::new(), one, whole(Wait::Asked(7_000))),
        (500, None, problem("busy"), one, whole(Wait::Failure)),
        (429, None, String::new(), two, whole(Wait::Failure)),
        (200, None, "<html>".into(), one, whole(Wait::Nobody)),
        (
            200,
            None,
            r#"{"results":[{}]}"#.into(),
            two,
            whole(Wait::Nobody),
        ),
        (404, None, "<html>".into(), one, whole(Wait::Nobody)),
        (400, None, problem("malformed"), two, Answer::Apart),
        (
            200,
            None,
            r#"{"v":1,"results":[{"id":"x"}]}"#.into(),
            one,
            Answer::Each(vec![accepted()]),
        ),
    ];
    for (status, retry_after, body, sent, meaning) in cases {
        let reply = Reply {
            status,
            retry_after,
            body: body.clone(),
        };
        assert_eq!(reply.read(sent), meaning, "{status} {body}");
    }
}

#[test]
fn problems_are_for_good_or_for_later() {
    let cases = [
        (400, "bad-signature", "refused"),
        (409, "conflict", "refused"),
        (403, "origin", "refused"),
        (422, "notice-unknown", "unknown"),
        (422, "revision-unknown", "unknown"),
        (503, "busy", "later"),
    ];
    let meaning = |verdict: &Verdict| match verdict {
        Verdict::Refused(_) => "refused",
        Verdict::Later(Wait::Unknown(_)) => "unknown",
        Verdict::Later(_) => "later",
        Verdict::Accepted(_) => "accepted",
    };
    for (status, code, expected) in cases {
        let problem = format!(r#"{{"title":"T","status":{status},"detail":"D","code":"{code}"}}"#);
        let among = Reply {
            status: 200,
            retry_after: None,
            body: format!(r#"{{"v":1,"results":[{{"problem":{problem}}},{{"id":"x"}}]}}"#),
        };
        let Answer::Each(verdicts) = among.read(&[None, None]) else {
            panic!("not one by one")
        };
        assert_eq!(meaning(&verdicts[0]), expected, "{code} among others");
        assert_eq!(meaning(&verdicts[1]), "accepted");
        if status < 500 {
            let alone = Reply {
                status,
                retry_after: None,
                body: problem,
            };
            let Answer::Each(verdicts) = alone.read(&[None]) else {
                panic!("not one by one")
            };
            assert_eq!(meaning(&verdicts[0]), expected, "{code} alone");
        }
    }
    let gone = Reply {
        status: 410,
        retry_after: None,
        body: String::new(),
    };
    assert!(matches!(gone.read(&[None]), Answer::Each(v) if meaning(&v[0]) == "refused"));
}

/// What a refusal does to an entry.
#[derive(Debug)]
enum Fate {
    /// Tried again no sooner and no later than this, in milliseconds.
    Again(u64, u64),
    /// Out of the outbox and kept apart, with the receipt, to be shown.
    Parked,
    /// Out of the outbox; the receipt is dropped.
    Dropped,
}

/// Every code that the server has, and what others say in its place: what the outbox does with it, sent alone and among
/// others.
#[test]
fn every_refusal_is_obeyed() {
    use Fate::{Again, Dropped, Parked};
    const DAILY: Fate = Again(23 * DAY / 24, 26 * DAY / 24);
    const SOON: Fate = Again(SECOND, 2 * SECOND);
    let cases = [
        (400, "malformed", None, Parked),
        (413, "too-large", None, Parked),
        (400, "bad-signature", None, Parked),
        (400, "bad-algorithm", None, Parked),
        (400, "bad-type", None, Parked),
        (415, "bad-type", None, Parked),
        (400, "key-mismatch", None, Parked),
        (400, "wrong-site", None, Parked),
        (422, "notice-unknown", None, DAILY),
        (422, "revision-unknown", None, DAILY),
        (409, "conflict", None, Parked),
        (410, "erased", None, Dropped),
        (403, "origin", None, Parked),
        (404, "not-found", None, Parked),
        (408, "timeout", None, SOON),
        (429, "rate-limited", None, SOON),
        (
            429,
            "rate-limited",
            Some(40),
            Again(40 * SECOND, 44 * SECOND),
        ),
        (429, "rate-limited", Some(0), SOON),
        (503, "busy", None, SOON),
        (503, "busy", Some(90), Again(90 * SECOND, 99 * SECOND)),
        (503, "unavailable", Some(5), Again(5 * SECOND, 6 * SECOND)),
        (500, "unavailable", None, SOON),
        (507, "unavailable", None, SOON),
        (418, "some-later-code", None, Parked),
    ];
    for (status, code, retry_after, fate) in cases {
        let problem =
            format!(r#"{{"type":"t","title":"T","status":{status},"detail":"D","code":"{code}"}}"#);
        let among = format!(r#"{{"v":1,"results":[{{"problem":{problem}}},{{"id":"x"}}]}}"#);
        for (status, body, ids) in [(status, problem, &["a"][..]), (200, among, &["a", "b"][..])] {
            for jitter in [0.0, 1.0] {
                let said = format!("{status} {code} {retry_after:?} {jitter}");
                let reply = Reply {
                    status,
                    retry_after,
                    body: body.clone(),
                };
                let mut outbox = outbox(&[("a", Kind::Receipt), ("b", Kind::Receipt)]);
                let sent: Vec<Option<&str>> = ids.iter().map(|_| Some("h.p.s")).collect();
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let left = outbox.answered(&ids, reply.read(&sent), NOW, jitter);
                let left: Vec<Left> = left.into_iter().filter(|l| l.waiting.id == "a").collect();
                match fate {
                    Again(least, most) => {
                        assert!(left.is_empty(), "{said}");
                        let next = outbox.0[0].next - NOW;
                        assert!((least..=most).contains(&next), "{said}: {next}");
                    }
                    Parked | Dropped => {
                        assert!(!outbox.0.iter().any(|w| w.id == "a"), "{said}");
                        let kept = Kept::new(left[0].clone());
                        assert_eq!(kept.refusal.as_ref().unwrap().code, code, "{said}");
                        let whole = matches!(fate, Parked);
                        assert_eq!(!kept.receipt.is_empty(), whole, "{said}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_time_that_the_server_named_stands_when_the_browser_comes_online() {
    let mut outbox = outbox(&[("a", Kind::Receipt), ("b", Kind::Receipt)]);
    outbox.answered(
        &["a".into()],
        Answer::Whole(Wait::Asked(60 * SECOND)),
        NOW,
        0.0,
    );
    outbox.answered(&["b".into()], Answer::Whole(Wait::Failure), NOW, 0.0);
    outbox.wake(NOW);
    assert_eq!(outbox.batch(NOW, "").unwrap().ids, ["b"]);
    assert_eq!(outbox.0[0].next, NOW + 60 * SECOND);
}
