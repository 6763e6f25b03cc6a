//! The log as a browser sees it: which checkpoint extends which, and what is kept of one that does not.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use sayso_browser::json::{self, Object, Stored, Value};
use sayso_browser::log::{Log, MAX_BREACHES, MAX_NOTE, Step, head};
use sayso_core::digest::Digest;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::tree::{self, Frontier};

const NOW: u64 = 1_763_766_000_123;

/// Logs whose leaves are numbers; `without` leaves one out, as a rebuilt database would.
#[derive(Default)]
struct Logs {
    without: Option<u64>,
}

impl Logs {
    fn node(&self, level: u8, index: u64) -> Option<Digest> {
        if level == 0 {
            let skip = self.without.is_some_and(|w| w <= index);
            return Some(tree::leaf_hash(&(index + u64::from(skip)).to_be_bytes()));
        }
        let left = self.node(level - 1, index * 2)?;
        Some(tree::node_hash(
            &left,
            &self.node(level - 1, index * 2 + 1)?,
        ))
    }

    fn note(&self, size: u64) -> String {
        let mut frontier = Frontier::default();
        for index in 0..size {
            frontier.append(self.node(0, index).unwrap());
        }
        let checkpoint = Checkpoint {
            origin: "larkspur.example/sayso".into(),
            size,
            root: frontier.root(),
        };
        format!(
            "{}\n— larkspur.example/sayso c2lnbmF0dXJl\n",
            checkpoint.text()
        )
    }

    fn answer(&self, from: u64, to: u64) -> Value {
        let hashes = tree::consistency_proof(from, to, |level, index| {
            Ok::<_, ()>(self.node(level, index))
        });
        let hashes: Vec<String> = hashes
            .unwrap()
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut object = Object::new();
        object.number("v", 1).number("from", from).number("to", to);
        let list = json::list(&hashes, |hash| json::text(hash));
        json::parse(&object.raw("hashes", &list).end()).unwrap()
    }
}

fn seen(size: u64) -> Log {
    Log {
        seen: Logs::default().note(size),
        ..Log::default()
    }
}

#[test]
fn a_checkpoint_is_placed_beside_the_one_before() {
    let honest = Logs::default();
    let rebuilt = Logs { without: Some(2) };
    let elsewhere = honest.note(5).replace("larkspur.example", "lark.example");
    let cases = [
        ("the first", Log::default(), honest.note(5), Step::First),
        ("the same", seen(5), honest.note(5), Step::Known),
        (
            "the same, cosigned since",
            seen(5),
            honest.note(5) + "— w AAAA\n",
            Step::Known,
        ),
        (
            "grown",
            seen(5),
            honest.note(9),
            Step::Prove { from: 5, to: 9 },
        ),
        (
            "smaller",
            seen(5),
            honest.note(4),
            Step::Prove { from: 4, to: 5 },
        ),
        ("another root", seen(5), rebuilt.note(5), Step::Breach),
        ("another log", seen(5), elsewhere, Step::Breach),
        ("nonsense", seen(5), "<html>".into(), Step::Known),
        ("nothing", seen(5), String::new(), Step::Known),
    ];
    for (name, log, note, step) in cases {
        assert_eq!(log.step(&note), step, "{name}");
    }
}

#[test]
fn growth_has_to_be_proved() {
    let honest = Logs::default();
    for (old, new) in [(1, 2), (3, 4), (4, 9), (7, 8), (8, 21)] {
        let answer = honest.answer(old, new);
        assert!(seen(old).proves(&honest.note(new), &answer), "{old} {new}");
        // Seen later: an older view of the same log is no breach.
        assert!(seen(new).proves(&honest.note(old), &answer), "{new} {old}");
        for without in 0..old {
            let rebuilt = Logs {
                without: Some(without),
            };
            let (note, answer) = (rebuilt.note(new), rebuilt.answer(old, new));
            assert!(
                !seen(old).proves(&note, &answer),
                "{old} to {new} without {without}"
            );
        }
    }
    let none = json::parse(r#"{"type":"t","status":404,"code":"not-found"}"#).unwrap();
    assert!(!seen(3).proves(&honest.note(4), &none), "it has no proof");
}

#[test]
fn a_breach_stays_and_is_told_of_once() {
    let mut log = seen(5);
    let rebuilt = Logs { without: Some(2) };
    log.take(&rebuilt.note(5), false, NOW);
    assert_eq!(log.breaches.len(), 1);
    assert_eq!(log.breaches[0].seen, seen(5).seen);
    assert_eq!(log.breaches[0].shown, rebuilt.note(5));
    assert_eq!(log.step(&rebuilt.note(5)), Step::Known);
    log.take(&rebuilt.note(7), true, NOW + 1);
    assert_eq!(head(&log.seen).unwrap().size, 7);
    log.take(&rebuilt.note(6), true, NOW + 2);
    assert_eq!(head(&log.seen).unwrap().size, 7, "the newest is kept");
    let kept = Log::read(&json::parse(&log.write()).unwrap());
    assert_eq!(kept, log);
    for n in 0..9 {
        log.take(&rebuilt.note(n + 1), false, NOW + n);
    }
    assert_eq!(log.breaches.len(), MAX_BREACHES);
    assert_eq!(log.breaches[0].time, NOW, "the first evidence stays");
}

#[test]
fn what_is_kept_is_bounded() {
    let long = Logs::default().note(3) + &"x".repeat(MAX_NOTE);
    assert_eq!(head(&long), None);
    assert_eq!(Log::read(&Value::Null), Log::default());
}
