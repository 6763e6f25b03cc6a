//! The log through the trait: roots, proofs, nodes and entries as another library has them, and checkpoints that stay.

use sayso_core::digest::{Digest, sha256};
use sayso_core::log::Entry;
use sayso_ledger::log::Published;
use sayso_ledger::record::RecordKind;
use sayso_ledger::{Ledger, LedgerError};

use crate::oracle::{self, Oracle, flat};
use crate::person::Person;
use crate::telling::{self, Telling};

/// Key events are entries that need no signing.
async fn fill(ledger: &dyn Ledger, count: u64) {
    let from = ledger.size().await.expect("read");
    let events: Vec<_> = (from..from + count)
        .map(|nth| {
            ledger.key_event(
                format!("{{\"nth\":{nth}}}"),
                sha256(&nth.to_be_bytes()).0,
                nth,
            )
        })
        .collect();
    for (index, event) in (from..).zip(events) {
        assert_eq!(event.await, Ok(index));
    }
}

/// Every kind of proof, in a tree that grew in batches and was opened again between.
pub(crate) async fn proofs(telling: &impl Telling) {
    for count in [1, 2, 14, 100, 200, 300] {
        fill(telling.open().as_ref(), count).await;
    }
    let ledger = telling.open();
    let ledger = ledger.as_ref();
    let entries = oracle::agrees(ledger).await;
    let oracle = Oracle::of(&entries);
    let size = oracle.size();
    assert_eq!(size, 617);
    for old in (0..=size).step_by(13).chain([1, 2, 256, 257, 512, size]) {
        let proof = ledger
            .consistency(old, size)
            .await
            .expect("read")
            .expect("there");
        if old > 0 && old < size {
            assert_eq!(flat(&proof), oracle.consistency(old), "from {old}");
        }
        // A proof in an earlier tree is that tree's.
        if old > 0 {
            let earlier = ledger
                .inclusion(old / 2, Some(old))
                .await
                .expect("read")
                .expect("there");
            let then = Oracle::of(&entries[..usize::try_from(old).expect("small")]);
            assert_eq!(earlier.root, oracle.root(old));
            assert_eq!(flat(&earlier.hashes), then.inclusion(old / 2));
        }
    }
    assert_eq!(ledger.inclusion(size, None).await, Ok(None));
    assert_eq!(ledger.inclusion(0, Some(size + 1)).await, Ok(None));
    assert_eq!(ledger.inclusion(5, Some(5)).await, Ok(None));
    assert_eq!(ledger.inclusion(u64::MAX, Some(u64::MAX)).await, Ok(None));
    assert_eq!(ledger.consistency(size, size + 1).await, Ok(None));
    assert_eq!(ledger.consistency(3, 2).await, Ok(None));
    nodes(ledger, &entries).await;
}

async fn nodes(ledger: &dyn Ledger, entries: &[Entry]) {
    let size = entries.len() as u64;
    let root_of = |range: std::ops::Range<u64>| {
        let range = usize::try_from(range.start).expect("small")
            ..usize::try_from(range.end).expect("small");
        let part = Oracle::of(&entries[range]);
        part.root(part.size())
    };
    for level in 0..=9 {
        let count = size >> level;
        let nodes = ledger
            .nodes(level, count.saturating_sub(40)..count)
            .await
            .expect("read");
        let wanted: Vec<Digest> = (count.saturating_sub(40)..count)
            .map(|number| root_of(number << level..(number + 1) << level))
            .collect();
        assert_eq!(nodes, Some(wanted), "level {level}");
        assert_eq!(ledger.nodes(level, count..count + 1).await, Ok(None));
    }
    assert_eq!(
        ledger.nodes(0, 0..513).await,
        Ok(None),
        "more than two tiles"
    );
    assert_eq!(ledger.nodes(200, 0..1).await, Ok(None));
    assert_eq!(
        ledger.entries(10..20).await,
        Ok(Some(entries[10..20].to_vec()))
    );
    assert_eq!(ledger.entries(size - 1..size + 1).await, Ok(None));
    let backwards = std::ops::Range { start: 3, end: 2 };
    assert_eq!(ledger.entries(backwards.clone()).await, Ok(None));
    assert_eq!(ledger.nodes(0, backwards).await, Ok(None));
}

/// Published checkpoints: of this tree, and never taken back.
pub(crate) async fn checkpoints(telling: &impl Telling) {
    let ledger = telling.open();
    fill(ledger.as_ref(), 20).await;
    assert_eq!(ledger.published().await, Ok(None));
    let oracle = Oracle::of(&oracle::agrees(ledger.as_ref()).await);
    let day = 24 * 60 * 60 * 1000;
    let published = |size, cosigned, time| Published {
        size,
        root: oracle.root(size),
        note: format!("a note of {size} with {cosigned}"),
        cosigned,
        time,
    };
    for (size, time) in [(5, day), (9, day + 1), (12, 2 * day), (20, 2 * day + 5)] {
        ledger
            .publish_checkpoint(published(size, 0, time))
            .await
            .expect("kept");
    }
    // More cosignatures replace fewer, and fewer replace nothing.
    ledger
        .publish_checkpoint(published(20, 2, 2 * day + 6))
        .await
        .expect("kept");
    ledger
        .publish_checkpoint(published(20, 1, 2 * day + 7))
        .await
        .expect("passed by");
    let newest = Ok(Some(published(20, 2, 2 * day + 6)));
    assert_eq!(ledger.published().await, newest);
    let wrong = Published {
        root: oracle.root(19),
        ..published(20, 3, 3 * day)
    };
    let beyond = Published {
        size: 21,
        ..published(20, 3, 3 * day)
    };
    for refused in [wrong, beyond, published(12, 9, 3 * day)] {
        let answer = ledger.publish_checkpoint(refused).await;
        assert!(matches!(answer, Err(LedgerError::Damaged(_))), "{answer:?}");
    }
    drop(ledger);
    let ledger = telling.open();
    assert_eq!(ledger.published().await, newest);
    let kept = ledger.checkpoints().await.expect("read");
    assert_eq!(kept.iter().map(|one| one.size).collect::<Vec<_>>(), [9, 20]);
}

/// What a reader of the whole ledger gets.
pub(crate) async fn scanned(telling: &impl Telling) {
    let ledger = telling.open();
    let receipt = Person::new().receipt();
    ledger
        .append(vec![telling::entry(receipt.clone())])
        .await
        .expect("written");
    let index = ledger.key_event("{\"v\":1}".to_owned(), [5; 32], 77).await;
    assert_eq!(index, Ok(1));
    let page = ledger.scan(0, 10).await.expect("read");
    assert_eq!(page.len(), 2);
    let RecordKind::Receipt(stored) = &page[0].kind else {
        panic!("{:?}", page[0])
    };
    assert_eq!(stored.jws, receipt.jws());
    assert_eq!(page[0].entry, Entry::Receipt(stored.commitment));
    telling::lasting(stored);
    assert_eq!(page[1].received, 77);
    assert_eq!(
        page[1].kind,
        RecordKind::KeyEvent {
            salt: [5; 32],
            body: "{\"v\":1}".to_owned()
        }
    );
    assert_eq!(
        ledger.by_index(1).await,
        Ok(None),
        "a key event is no receipt"
    );
    assert_eq!(ledger.scan(1, 10).await.expect("read"), page[1..]);
    // The same without proofs, and with nothing else missing.
    let mut unproved = ledger.scan_unproved(0, 10).await.expect("read");
    let RecordKind::Receipt(bare) = &mut unproved[0].kind else {
        panic!("{:?}", unproved[0])
    };
    assert!(bare.inclusion != stored.inclusion && bare.inclusion.hashes.is_empty());
    bare.inclusion = stored.inclusion.clone();
    assert_eq!(unproved, page);
    assert_eq!(ledger.scan_unproved(2, 10).await, Ok(Vec::new()));
    assert_eq!(ledger.scan(2, 10).await, Ok(Vec::new()));
    assert_eq!(ledger.scan(u64::MAX, 10).await, Ok(Vec::new()));
}

/// Chains: oddities are flagged and never refused.
pub(crate) async fn chains(telling: &impl Telling) {
    let ledger = telling.open();
    let person = Person::new();
    let first = person.receipt();
    let after = |prev: &Digest| {
        let mut payload = person.payload();
        payload.prev = Some(prev.to_string());
        person.sign(&payload)
    };
    let lost = after(&Digest([9; 32]));
    let appends = [
        first.clone(),
        after(&first.receipt_hash()),
        after(&first.receipt_hash()),
        lost,
    ]
    .map(telling::entry)
    .to_vec();
    let outcomes = ledger.append(appends).await.expect("written");
    let flags: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.stored().expect("kept").flags.join(" "))
        .collect();
    assert_eq!(flags, ["", "", "fork", "orphan"]);
    let stored = ledger.by_index(2).await.expect("read").expect("there");
    assert_eq!(stored.flags, ["fork"]);
}
