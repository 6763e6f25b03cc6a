//! Two heads of one log side by side, against trees that are known whole.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::collections::HashMap;
use std::convert::Infallible;

use proptest::prelude::*;
use sayso_core::digest::Digest;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::compare::{Conflict, Seen, compare};
use sayso_core::log::tree;

/// A log that is known whole.
struct Whole {
    leaves: Vec<Digest>,
    nodes: HashMap<(u8, u64), Digest>,
}

impl Whole {
    /// Leaves 0, 1, 2 …; the one at `altered` is another.
    fn new(size: u64, altered: Option<u64>) -> Self {
        let mut frontier = tree::Frontier::default();
        let (mut leaves, mut nodes) = (Vec::new(), HashMap::new());
        for n in 0..size {
            let word = if altered == Some(n) { "other" } else { "entry" };
            let leaf = tree::leaf_hash(format!("{word} {n}").as_bytes());
            leaves.push(leaf);
            for node in frontier.append(leaf) {
                nodes.insert((node.level, node.index), node.hash);
            }
        }
        Self { leaves, nodes }
    }

    fn node(&self) -> impl Fn(u8, u64) -> Result<Option<Digest>, Infallible> {
        |level, index| Ok(self.nodes.get(&(level, index)).copied())
    }

    fn head(&self, size: u64) -> Checkpoint {
        Checkpoint {
            origin: "log.example".into(),
            size,
            root: tree::root(size, self.node()).unwrap().unwrap(),
        }
    }

    /// What a file with a proof shows, or a checkpoint alone.
    fn seen(&self, size: u64, index: Option<u64>) -> Seen {
        let Some(index) = index.filter(|index| *index < size) else {
            return Seen::head(self.head(size));
        };
        let hashes = tree::inclusion_proof(index, size, self.node())
            .unwrap()
            .unwrap();
        let leaf = self.leaves[usize::try_from(index).unwrap()];
        assert!(tree::verify_inclusion(
            &leaf,
            index,
            size,
            &hashes,
            &self.head(size).root
        ));
        Seen::proof(self.head(size), leaf, index, &hashes)
    }
}

fn place() -> impl Strategy<Value = Option<u64>> {
    proptest::option::of(0u64..80)
}

proptest! {
    #[test]
    fn an_honest_log_never_contradicts_itself(
        old in 0u64..80, grown in 0u64..40, older in place(), newer in place(),
    ) {
        let log = Whole::new(old + grown, None);
        let agreement = compare(&log.seen(old, older), &log.seen(old + grown, newer));
        prop_assert!(agreement.is_ok(), "{agreement:?}");
        // The proof of the entry that follows the older log shows all of the older log.
        if newer == Some(old) && grown > 0 {
            prop_assert!(agreement.unwrap().extends);
        }
    }

    #[test]
    fn a_log_that_lost_entries_has_gone_back(
        old in 1u64..80, lost in 1u64..40, older in place(), newer in place(),
    ) {
        let new = old.saturating_sub(lost);
        let log = Whole::new(old, None);
        let conflict = compare(&log.seen(old, older), &log.seen(new, newer)).unwrap_err();
        prop_assert_eq!(conflict, Conflict::Back { log: "log.example".into(), older: old, newer: new });
    }

    #[test]
    fn an_altered_log_is_never_said_to_extend_the_older(
        old in 1u64..80, grown in 0u64..40, at in 0u64..80, older in place(), newer in place(),
    ) {
        let at = at % old;
        let (first, second) = (Whole::new(old, None), Whole::new(old + grown, Some(at)));
        match compare(&first.seen(old, older), &second.seen(old + grown, newer)) {
            Ok(agreement) => {
                prop_assert!(grown > 0, "equal sizes and other roots went unseen");
                prop_assert!(!agreement.extends);
            }
            Err(Conflict::Faces { begin, end, .. }) => {
                prop_assert!(begin <= at && at < end, "{at} is not within {begin}..{end}");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
        // Both show the altered entry itself: then it cannot go unseen.
        let both = compare(&first.seen(old, Some(at)), &second.seen(old + grown, Some(at)));
        prop_assert!(matches!(both, Err(Conflict::Faces { .. })), "{both:?}");
        // The newer shows all of the older: neither can it then.
        if grown > 0 {
            let whole = compare(&first.seen(old, None), &second.seen(old + grown, Some(old)));
            prop_assert!(matches!(whole, Err(Conflict::Faces { .. })), "{whole:?}");
        }
    }
}

#[test]
fn logs_of_two_names_are_not_compared() {
    let log = Whole::new(3, None);
    let mut other = log.head(3);
    other.origin = "other.example".into();
    let conflict = compare(&Seen::head(log.head(3)), &Seen::head(other)).unwrap_err();
    assert!(matches!(conflict, Conflict::Logs { .. }));
}

#[test]
fn sizes_at_the_edge_of_what_can_be_counted_do_no_harm() {
    let head = |size, byte| Checkpoint {
        origin: "log.example".into(),
        size,
        root: Digest([byte; 32]),
    };
    for size in [1, 1 << 63, u64::MAX] {
        let seen = Seen::proof(
            head(size, 1),
            Digest([2; 32]),
            size - 1,
            &[Digest([3; 32]); 64],
        );
        let two = compare(&Seen::head(head(size, 9)), &seen);
        assert!(matches!(two, Err(Conflict::Faces { .. })), "{two:?}");
        let smaller = compare(&Seen::head(head(size / 3, 9)), &seen);
        assert!(size == 1 || smaller.is_ok_and(|agreement| !agreement.extends));
    }
}
