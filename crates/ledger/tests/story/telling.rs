//! The story itself, told through the trait alone.

use sayso_core::commitment::commitment;
use sayso_core::digest::{Digest, sha256};
use sayso_core::log::{Entry, tree};
use sayso_core::receipt::VerifiedReceipt;
use sayso_core::record::Status;
use sayso_ledger::Ledger;
use sayso_ledger::address::{AddressChange, AddressOutcome, NewToken, Profile, TokenKind};
use sayso_ledger::document::{Document, DocumentKind};
use sayso_ledger::log::Inclusion;
use sayso_ledger::mail::{Delivery, NewMail};
pub(crate) use sayso_ledger::receipt::Append;
use sayso_ledger::receipt::{Outcome, Stored};

use crate::person::{self, Person};

/// Opens the same store again and again; what was answered must be there each time.
pub(crate) trait Telling {
    fn open(&self) -> Box<dyn Ledger>;
}

pub(crate) const ADA: &str = "ada@larkspur.example";
pub(crate) const NOW: u64 = 1_763_766_000_500;

pub(crate) fn entry(receipt: VerifiedReceipt) -> Append {
    let salt = sha256(receipt.jws().as_bytes()).0;
    Append {
        receipt,
        salt,
        received: NOW,
        flags: Vec::new(),
    }
}

fn stored(outcome: &Outcome) -> &Stored {
    outcome.stored().expect("it is kept")
}

/// What is the same every time, after checking what is not: the proof, which leads to the tree of its moment.
pub(crate) fn lasting(stored: &Stored) -> Stored {
    let Inclusion {
        index,
        size,
        root,
        hashes,
    } = &stored.inclusion;
    assert_eq!(*index, stored.index);
    let leaf = Entry::Receipt(stored.commitment).leaf_hash();
    assert!(tree::verify_inclusion(&leaf, *index, *size, hashes, root));
    Stored {
        inclusion: Inclusion {
            index: 0,
            size: 0,
            root: Digest([0; 32]),
            hashes: Vec::new(),
        },
        ..stored.clone()
    }
}

/// What was there already, but for its proof.
fn same(outcomes: &[Outcome]) -> Vec<Stored> {
    let same = |outcome: &Outcome| match outcome {
        Outcome::Same(stored) => lasting(stored),
        other => panic!("{other:?}"),
    };
    outcomes.iter().map(same).collect()
}

/// Receipts: in order, once, for ever the same.
pub(crate) async fn receipts(telling: &impl Telling) {
    let ledger = telling.open();
    assert_eq!(ledger.log(), "demo.example/sayso");
    assert_eq!(ledger.size().await, Ok(0));
    let person = Person::new();
    let (one, two) = (person.receipt(), person.receipt());
    let outcomes = ledger
        .append(vec![entry(one.clone()), entry(two.clone())])
        .await
        .expect("it is written");
    let [Outcome::New(first), Outcome::New(second)] = outcomes.as_slice() else {
        panic!("{outcomes:?}")
    };
    assert_eq!((first.index, second.index), (0, 1));
    assert_eq!(first.jws, one.jws());
    assert_eq!(first.hash, one.receipt_hash());
    assert_eq!(first.commitment, commitment(&first.salt, one.jws()));
    assert!(!first.witnessed);
    let (first, second) = (lasting(first), lasting(second));
    drop(ledger);

    let ledger = telling.open();
    assert_eq!(ledger.size().await, Ok(2));
    // The same again, later and with another salt: the same answer as the first time.
    let again = Append {
        salt: [0; 32],
        received: NOW + 9,
        flags: vec!["clock".to_owned()],
        ..entry(one.clone())
    };
    let again = ledger.append(vec![again]).await.expect("answered");
    assert_eq!(same(&again), std::slice::from_ref(&first));
    // The same content under another valid signature is the same receipt, as it was first sent.
    let resigned = person.sign(one.payload());
    assert_ne!(resigned.jws(), one.jws());
    let resigned = ledger
        .append(vec![entry(resigned)])
        .await
        .expect("answered");
    assert_eq!(same(&resigned), std::slice::from_ref(&first));
    // The same id with other content is a conflict, and what stands beside it is still appended.
    let mut other = person.payload();
    other.id = one.payload().id.clone();
    let outcomes = ledger
        .append(vec![entry(person.sign(&other)), entry(person.receipt())])
        .await
        .expect("written");
    assert_eq!(outcomes[0], Outcome::Conflict);
    assert_eq!(stored(&outcomes[1]).index, 2);

    let by_index = ledger.by_index(1).await.expect("read");
    assert_eq!(by_index.as_ref().map(lasting), Some(second.clone()));
    assert_eq!(ledger.by_index(3).await, Ok(None));
    assert_eq!(ledger.by_index(u64::MAX).await, Ok(None));
    let by_hash = ledger.by_hash(second.hash).await.expect("read");
    assert_eq!(by_hash.as_ref().map(lasting), Some(second));
    assert_eq!(ledger.by_hash(Digest([0; 32])).await, Ok(None));
    let decision = one.payload().decision.clone();
    let by_decision = ledger.by_decision(decision).await.expect("read");
    assert_eq!(by_decision.iter().map(lasting).collect::<Vec<_>>(), [first]);
    assert_eq!(ledger.ready().await, Ok(()));
}

/// Decisions: recorded by the server once, and signed by the visitor before or after.
pub(crate) async fn decisions(telling: &impl Telling) {
    let ledger = telling.open();
    let decision = person::id();
    let first = ledger
        .append(vec![entry(person::witnessed(&decision, |_| {}))])
        .await
        .expect("written");
    assert!(stored(&first[0]).witnessed);
    let again = ledger
        .append(vec![entry(person::witnessed(&decision, |_| {}))])
        .await
        .expect("written");
    assert_eq!(same(&again), [lasting(stored(&first[0]))]);
    let other = person::witnessed(&decision, |payload| payload.time += 1);
    assert_eq!(
        ledger.append(vec![entry(other)]).await,
        Ok(vec![Outcome::Conflict])
    );

    // Signed later: a receipt of its own under the same decision.
    let person = Person::new();
    let mut payload = person.payload();
    payload.decision.clone_from(&decision);
    let signed = ledger
        .append(vec![entry(person.sign(&payload))])
        .await
        .expect("written");
    assert_eq!(stored(&signed[0]).index, 1);
    let both = ledger.by_decision(decision).await.expect("read");
    assert_eq!(
        both.iter().map(|s| s.witnessed).collect::<Vec<_>>(),
        [true, false]
    );

    // Signed first: recording it again adds nothing.
    let payload = person.payload();
    let signed = ledger
        .append(vec![entry(person.sign(&payload))])
        .await
        .expect("written");
    let late = ledger
        .append(vec![entry(person::witnessed(&payload.decision, |_| {}))])
        .await
        .expect("written");
    assert_eq!(same(&late), [lasting(stored(&signed[0]))]);
    assert_eq!(ledger.size().await, Ok(3));
}

/// Many writers at once: every answer is true, and no index is skipped or used twice.
pub(crate) async fn many_at_once(telling: &impl Telling) {
    let ledger = telling.open();
    let person = Person::new();
    let receipts: Vec<_> = (0..100).map(|_| person.receipt()).collect();
    let answers: Vec<_> = receipts
        .iter()
        .map(|receipt| ledger.append(vec![entry(receipt.clone())]))
        .collect();
    let mut indexes = Vec::new();
    for answer in answers {
        indexes.push(stored(&answer.await.expect("written")[0]).index);
    }
    assert_eq!(indexes, (0..100).collect::<Vec<_>>());
    drop(ledger);
    let ledger = telling.open();
    for (index, receipt) in (0..).zip(&receipts) {
        let kept = ledger.by_index(index).await.expect("read").expect("there");
        assert_eq!(kept.jws, receipt.jws());
    }
}

/// Documents: what was shown is there for ever and never changes.
pub(crate) async fn documents(telling: &impl Telling) {
    let ledger = telling.open();
    let document = |body: &str, published| Document {
        kind: DocumentKind::Notice,
        digest: sha256(body.as_bytes()),
        body: body.as_bytes().to_vec(),
        media: "application/json".to_owned(),
        about: "{}".to_owned(),
        published,
    };
    let (one, two) = (document("one", 1), document("two", 2));
    ledger
        .publish(vec![one.clone(), two.clone()])
        .await
        .expect("published");
    ledger
        .publish(vec![document("one", 3)])
        .await
        .expect("published again");
    drop(ledger);
    let ledger = telling.open();
    assert_eq!(
        ledger.document(DocumentKind::Notice, one.digest).await,
        Ok(Some(one.clone()))
    );
    assert_eq!(
        ledger.document(DocumentKind::Layer, one.digest).await,
        Ok(None)
    );
    assert_eq!(
        ledger.documents(DocumentKind::Notice).await,
        Ok(vec![one, two])
    );
}

/// Ada asks for the newsletter: what follows from her form.
pub(crate) fn request(person: &Person, token: u8) -> AddressChange {
    AddressChange {
        email: ADA.to_owned(),
        receipt: entry(person.receipt()),
        salt: [3; 32],
        statuses: vec![("newsletter".to_owned(), 1, Status::Requested)],
        profile: None,
        tokens: vec![NewToken {
            hash: Digest([token; 32]),
            kind: TokenKind::Confirm,
            expires: NOW + 1_000,
            body: format!("{{\"to\":\"{ADA}\"}}"),
        }],
        mail: vec![NewMail {
            body: format!("Dear Lovelace, {ADA}"),
        }],
        redeem: None,
        now: NOW,
    }
}

fn follow(person: &Person, status: Status) -> AddressChange {
    AddressChange {
        statuses: vec![("newsletter".to_owned(), 1, status)],
        tokens: Vec::new(),
        mail: Vec::new(),
        ..request(person, 0)
    }
}

async fn status(ledger: &dyn Ledger, purpose: &str) -> Option<Status> {
    let address = ledger.address(ADA.to_owned()).await.expect("read")?;
    address
        .subscriptions
        .iter()
        .find(|s| s.purpose == purpose)
        .map(|s| s.status)
}

/// Addresses: requested, given by the mailed token alone, withdrawn, objected.
pub(crate) async fn addresses(telling: &impl Telling) {
    let ledger = telling.open();
    let ledger = ledger.as_ref();
    let person = Person::new();
    assert!(
        ledger
            .address(ADA.to_owned())
            .await
            .expect("read")
            .is_none()
    );
    ledger.record(request(&person, 1)).await.expect("recorded");
    assert_eq!(status(ledger, "newsletter").await, Some(Status::Requested));

    let token = ledger
        .token(Digest([1; 32]))
        .await
        .expect("read")
        .expect("there");
    assert_eq!(
        (token.kind, token.email.as_str(), token.used),
        (TokenKind::Confirm, ADA, None)
    );
    assert!(ledger.token(Digest([2; 32])).await.expect("read").is_none());

    let confirm = |token: u8, now| AddressChange {
        redeem: Some(Digest([token; 32])),
        now,
        profile: Some(Profile {
            last_name: "Lovelace".to_owned(),
            ..Profile::default()
        }),
        ..follow(&person, Status::Given)
    };
    // Unknown and expired tokens leave nothing behind, not even the receipt.
    let size = ledger.size().await;
    assert_eq!(
        ledger.record(confirm(2, NOW)).await,
        Ok(AddressOutcome::TokenSpent)
    );
    assert_eq!(
        ledger.record(confirm(1, NOW + 1_000)).await,
        Ok(AddressOutcome::TokenSpent)
    );
    assert_eq!(
        (ledger.size().await, status(ledger, "newsletter").await),
        (size, Some(Status::Requested))
    );
    // The mailed token works once.
    assert!(matches!(
        ledger.record(confirm(1, NOW + 1)).await,
        Ok(AddressOutcome::Recorded(Outcome::New(_)))
    ));
    assert_eq!(
        ledger.record(confirm(1, NOW + 2)).await,
        Ok(AddressOutcome::TokenSpent)
    );
    let ada = ledger
        .address(ADA.to_owned())
        .await
        .expect("read")
        .expect("there");
    assert_eq!(ada.profile.last_name, "Lovelace");
    assert_eq!(ada.subscriptions[0].changed, NOW + 1);

    // Asking again does not end what was given, and a replayed request does nothing at all.
    let replay = request(&person, 3);
    ledger.record(request(&person, 4)).await.expect("recorded");
    assert_eq!(status(ledger, "newsletter").await, Some(Status::Given));
    ledger
        .record(follow(&person, Status::Withdrawn))
        .await
        .expect("recorded");
    assert_eq!(status(ledger, "newsletter").await, Some(Status::Withdrawn));
    let again = AddressChange {
        receipt: replay.receipt.clone(),
        ..request(&person, 5)
    };
    ledger.record(replay).await.expect("recorded");
    assert!(matches!(
        ledger.record(again).await,
        Ok(AddressOutcome::Recorded(Outcome::Same(_)))
    ));
    assert!(ledger.token(Digest([5; 32])).await.expect("read").is_none());

    // An objection stands against a mere request.
    ledger
        .record(follow(&person, Status::Objected))
        .await
        .expect("recorded");
    ledger.record(request(&person, 6)).await.expect("recorded");
    ledger
        .record(follow(&person, Status::Acknowledged))
        .await
        .expect("recorded");
    assert_eq!(status(ledger, "newsletter").await, Some(Status::Objected));
    let lifted = AddressChange {
        redeem: Some(Digest([6; 32])),
        ..follow(&person, Status::Acknowledged)
    };
    ledger.record(lifted).await.expect("recorded");
    assert_eq!(
        status(ledger, "newsletter").await,
        Some(Status::Acknowledged)
    );
}

/// Mail: queued with what it is about, due until it is handed over.
pub(crate) async fn mail(telling: &impl Telling) {
    let ledger = telling.open();
    let person = Person::new();
    ledger.record(request(&person, 1)).await.expect("recorded");
    drop(ledger);
    let ledger = telling.open();
    assert!(ledger.due_mail(NOW - 1, 9).await.expect("read").is_empty());
    let due = ledger.due_mail(NOW, 9).await.expect("read");
    assert_eq!(due.len(), 1);
    assert_eq!(
        (due[0].attempts, due[0].body.as_str()),
        (0, "Dear Lovelace, ada@larkspur.example")
    );
    ledger
        .delivered(due[0].id, Delivery::RetryAt(NOW + 5))
        .await
        .expect("noted");
    assert!(ledger.due_mail(NOW + 4, 9).await.expect("read").is_empty());
    assert_eq!(
        ledger.due_mail(NOW + 5, 9).await.expect("read")[0].attempts,
        1
    );
    ledger
        .delivered(due[0].id, Delivery::Sent)
        .await
        .expect("noted");
    assert!(ledger.due_mail(NOW + 99, 9).await.expect("read").is_empty());
}
