//! Erasing through the trait: what is forgotten, what is refused afterwards, and what the tombstone says.

use sayso_core::digest::sha256;
use sayso_core::record::Status;
use sayso_ledger::Ledger;
use sayso_ledger::address::{AddressChange, AddressOutcome};
use sayso_ledger::erasure::{Erased, Erasure, Retention, What, Why};
use sayso_ledger::receipt::Outcome;
use sayso_ledger::record::RecordKind;

use crate::oracle;
use crate::person::{self, Person};
use crate::telling::{self, ADA, NOW, Telling};

const DAY: u64 = 24 * 60 * 60 * 1000;

pub(crate) fn order(what: What) -> Erasure {
    Erasure {
        what,
        why: Why::Operator {
            reason: "asked for by letter".to_owned(),
        },
        now: NOW,
        salt: [0x5a; 32],
    }
}

async fn kinds(ledger: &dyn Ledger) -> String {
    let records = ledger.scan(0, 100).await.expect("read");
    let letter = |kind: &RecordKind| match kind {
        RecordKind::Receipt(_) => 'r',
        RecordKind::Erased => '-',
        RecordKind::Tombstone { .. } => 't',
        RecordKind::KeyEvent { .. } => 'k',
        RecordKind::Unreadable(why) => panic!("{why}"),
    };
    records.iter().map(|record| letter(&record.kind)).collect()
}

async fn tombstone(ledger: &dyn Ledger, index: u64) -> serde_json::Value {
    let records = ledger.scan(index, 1).await.expect("read");
    match &records[0].kind {
        RecordKind::Tombstone { body, .. } => serde_json::from_str(body).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

/// By key, by address, by index; once.
pub(crate) async fn orders(telling: &impl Telling) {
    let ledger = telling.open();
    let (ada, bob) = (Person::new(), Person::new());
    let receipts = [ada.receipt(), bob.receipt(), ada.receipt(), bob.receipt()];
    let appends = receipts.iter().cloned().map(telling::entry).collect();
    ledger.append(appends).await.expect("written");
    let before = ledger.entries(0..4).await.expect("read");

    let jws = "a signed request".to_owned();
    let request = Erasure {
        why: Why::Request { jws: jws.clone() },
        ..order(What::Subject(ada.subject()))
    };
    let erased = ledger.erase(request.clone()).await.expect("erased");
    let wanted = Erased {
        receipts: vec![0, 2],
        tombstone: Some(4),
        ..Erased::default()
    };
    assert_eq!(erased, wanted);
    assert_eq!(kinds(ledger.as_ref()).await, "-r-rt");
    assert_eq!(
        tombstone(ledger.as_ref(), 4).await,
        serde_json::json!({"v": 1, "time": NOW, "receipts": [0, 2], "addresses": 0,
            "why": {"request": sha256(jws.as_bytes()).to_string()}})
    );
    drop(ledger);

    let ledger = telling.open();
    // The log is what it was, and nothing of Ada's is found.
    assert_eq!(ledger.entries(0..4).await.expect("read"), before);
    assert_eq!(ledger.by_index(0).await, Ok(None));
    assert_eq!(ledger.by_hash(receipts[0].receipt_hash()).await, Ok(None));
    let decision = receipts[0].payload().decision.clone();
    assert_eq!(ledger.by_decision(decision).await, Ok(Vec::new()));
    oracle::agrees(ledger.as_ref()).await;
    // What was erased does not come back, under whichever signature; its id with other content is a conflict still.
    let mut other = ada.payload();
    other.id = receipts[0].payload().id.clone();
    let again = [
        receipts[0].clone(),
        person::altered(&receipts[0]),
        ada.sign(&other),
    ];
    assert_eq!(
        ledger.append(again.map(telling::entry).to_vec()).await,
        Ok(vec![Outcome::Erased, Outcome::Erased, Outcome::Conflict])
    );
    // The same order again finds nothing and adds nothing.
    assert_eq!(ledger.erase(request).await, Ok(Erased::default()));
    let once_more = ledger.erase(order(What::Index(0))).await.expect("answered");
    assert_eq!((once_more.already, once_more.tombstone), (1, None));
    for nothing in [
        What::Index(4),
        What::Index(99),
        What::Index(u64::MAX),
        What::Subject(String::new()),
    ] {
        assert_eq!(ledger.erase(order(nothing)).await, Ok(Erased::default()));
    }
    let one = ledger.erase(order(What::Index(3))).await.expect("erased");
    assert_eq!((one.receipts, one.tombstone), (vec![3], Some(5)));
    assert_eq!(
        tombstone(ledger.as_ref(), 5).await["why"],
        serde_json::json!({"operator": "asked for by letter"})
    );
    // A receipt that follows an erased one has no predecessor that is kept.
    let mut next = bob.payload();
    next.prev = Some(receipts[3].receipt_hash().to_string());
    let next = ledger
        .append(vec![telling::entry(bob.sign(&next))])
        .await
        .expect("written");
    assert_eq!(next[0].stored().expect("kept").flags, ["orphan"]);
}

/// A key's own request takes what is not newer than it, however many those are, and leaves the rest.
pub(crate) async fn requests(telling: &impl Telling) {
    const MANY: usize = 1_050;
    let ledger = telling.open();
    let ada = Person::new();
    let made = |claimed: u64, received: u64| {
        let mut payload = ada.payload();
        payload.time = claimed;
        telling::Append {
            received,
            ..telling::entry(ada.sign(&payload))
        }
    };
    let newer = [
        made(NOW + 1, NOW + 1),
        made(NOW + DAY, NOW + DAY),
        made(NOW + DAY, NOW + 1),
    ];
    let mut appends = newer.to_vec();
    // As old as the earlier clock says: one was slow, or the other fast.
    appends.extend([made(NOW, NOW + DAY), made(NOW + DAY, NOW)]);
    appends.extend((0..MANY).map(|_| made(NOW - 1, NOW)));
    ledger.append(appends).await.expect("written");
    let request = Erasure {
        why: Why::Request {
            jws: "a signed request".to_owned(),
        },
        ..order(What::Request {
            subject: ada.subject(),
            time: NOW,
        })
    };
    let erased = ledger.erase(request.clone()).await.expect("erased");
    assert_eq!(erased.receipts, (3..5 + MANY as u64).collect::<Vec<_>>());
    assert_eq!((erased.already, erased.newer), (0, 3));
    let copy = ledger.erase(request).await.expect("answered");
    assert_eq!(
        (copy.receipts, copy.newer, copy.tombstone),
        (vec![], 3, None)
    );
    for (index, one) in (0..).zip(newer) {
        let kept = ledger.by_index(index).await.expect("read").expect("there");
        assert_eq!(kept.jws, one.receipt.jws());
    }
    oracle::agrees(ledger.as_ref()).await;
}

/// An address with all that hangs on it; and its owner may come back, but nobody else brings it back.
pub(crate) async fn addresses(telling: &impl Telling) {
    let ledger = telling.open();
    let ledger = ledger.as_ref();
    let person = Person::new();
    let request = telling::request(&person, 1);
    let token = request.tokens[0].hash;
    ledger.record(request).await.expect("recorded");
    let order = order(What::Address(ADA.to_owned()));
    let erased = ledger.erase(order.clone()).await.expect("erased");
    assert_eq!((erased.receipts, erased.addresses), (vec![0], 1));
    assert!(
        ledger
            .address(ADA.to_owned())
            .await
            .expect("read")
            .is_none()
    );
    assert!(ledger.token(token).await.expect("read").is_none());
    assert!(ledger.due_mail(NOW, 9).await.expect("read").is_empty());
    assert_eq!(ledger.suppressed(ADA.to_owned()).await, Ok(true));
    assert_eq!(
        ledger.suppressed("bob@larkspur.example".to_owned()).await,
        Ok(false)
    );
    assert_eq!(ledger.erase(order).await, Ok(Erased::default()));

    // An operator's entry sends no mail to who was erased; her own request does, and her confirmation lifts it.
    let entered = person::witnessed(&person::id(), |payload| {
        payload.via = Some(sayso_core::receipt::Via::Operator);
    });
    let by_operator = AddressChange {
        receipt: telling::entry(entered),
        ..telling::request(&person, 2)
    };
    ledger.record(by_operator).await.expect("recorded");
    assert!(ledger.due_mail(NOW, 9).await.expect("read").is_empty());
    ledger
        .record(telling::request(&person, 3))
        .await
        .expect("recorded");
    assert_eq!(ledger.due_mail(NOW, 9).await.expect("read").len(), 1);
    assert_eq!(ledger.suppressed(ADA.to_owned()).await, Ok(true));
    let confirmed = AddressChange {
        redeem: Some(sayso_core::digest::Digest([3; 32])),
        statuses: vec![("newsletter".to_owned(), 1, Status::Given)],
        ..telling::request(&person, 4)
    };
    let outcome = ledger.record(confirmed).await.expect("recorded");
    assert!(matches!(outcome, AddressOutcome::Recorded(Outcome::New(_))));
    assert_eq!(ledger.suppressed(ADA.to_owned()).await, Ok(false));
}

/// The rules of keeping, step by step.
pub(crate) async fn retention(telling: &impl Telling) {
    let ledger = telling.open();
    let ledger = ledger.as_ref();
    let person = Person::new();
    let at = |receipt, days: u64| telling::Append {
        received: NOW + days * DAY,
        ..telling::entry(receipt)
    };
    let appends = vec![
        at(person.receipt(), 0),
        at(person::witnessed(&person::id(), |_| {}), 0),
        at(person.receipt(), 10),
    ];
    ledger.append(appends).await.expect("written");
    // 3: asked for; 4: given. An address that mail still goes to keeps its proof.
    let mut request = telling::request(&person, 1);
    request.tokens[0].expires = NOW + 2 * 60 * 60 * 1000;
    ledger.record(request).await.expect("recorded");
    let given = AddressChange {
        redeem: Some(sayso_core::digest::Digest([1; 32])),
        statuses: vec![("newsletter".to_owned(), 1, Status::Given)],
        tokens: Vec::new(),
        ..telling::request(&person, 2)
    };
    ledger.record(given).await.expect("recorded");
    let rules = Retention {
        signed_days: Some(30),
        witnessed_days: Some(60),
        address_days: Some(90),
    };
    let step = |day: u64| ledger.retain(rules, NOW + day * DAY);
    assert_eq!(
        step(30).await,
        Ok(Erased::default()),
        "not a moment too early"
    );
    assert!(
        ledger
            .token(sayso_core::digest::Digest([1; 32]))
            .await
            .expect("read")
            .is_none(),
        "run out"
    );
    let first = step(31).await.expect("a step");
    assert_eq!((first.receipts, first.more), (vec![0], false));
    let why = tombstone(ledger, first.tombstone.expect("a tombstone")).await["why"].clone();
    assert_eq!(why, serde_json::json!({"retention": "signed 30 days"}));
    assert_eq!(step(31).await, Ok(Erased::default()));
    assert_eq!(step(61).await.expect("a step").receipts, [2, 1]);
    assert_eq!(step(1000).await, Ok(Erased::default()), "still given");
    // Withdrawn: first the receipts, at their own time, then the address.
    let mut withdrawn = AddressChange {
        statuses: vec![("newsletter".to_owned(), 1, Status::Withdrawn)],
        tokens: Vec::new(),
        mail: Vec::new(),
        now: NOW + 1000 * DAY,
        ..telling::request(&person, 5)
    };
    withdrawn.receipt.received = NOW + 1000 * DAY;
    ledger.record(withdrawn).await.expect("recorded");
    assert_eq!(step(1001).await.expect("a step").receipts, [3, 4]);
    let last = step(1091).await.expect("a step");
    assert_eq!((last.addresses, last.more), (1, false));
    assert!(
        ledger
            .address(ADA.to_owned())
            .await
            .expect("read")
            .is_none()
    );
    assert_eq!(
        step(5000).await.map(|erased| erased.receipts),
        Ok(Vec::new())
    );
    oracle::agrees(ledger).await;
}
