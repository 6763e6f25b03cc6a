//! Decisions that nothing could sign, recorded by the server.

use sayso_core::receipt::{Kind, Via};
use sayso_core::record::Status;

use crate::visitor::{GIVEN, Visitor, body, decision, unsigned};
use crate::world::{NOW, World};

const PATH: &str = "/sayso/v1/receipts";

#[tokio::test]
async fn a_decision_is_recorded_once_and_said_to_be_the_servers_word() {
    let world = World::new().await;
    let decision = unsigned(&world, "one", GIVEN);
    let first = world
        .post(PATH, body(None, &[], std::slice::from_ref(&decision)))
        .send()
        .await;
    let verified = world.verify(&first.result()).await;
    let payload = verified.receipt.payload();
    assert_eq!(verified.receipt.kind(), Kind::Witnessed);
    assert_eq!(
        (payload.via, payload.subject.as_ref(), payload.prev.as_ref()),
        (Some(Via::Gate), None, None)
    );
    assert_eq!(
        (payload.decision.as_str(), payload.time),
        (decision.id.as_str(), NOW - 2_000)
    );
    // Filled in from the layer's digest.
    assert_eq!(
        (payload.language.as_str(), payload.jurisdiction.as_str()),
        ("en", "EU")
    );
    assert_eq!(payload.controller, "larkspur-eu");
    assert_eq!(payload.notice, world.site.bundle.notice_digest.to_string());
    assert_eq!(payload.status("analytics"), Some(Status::Given));
    assert_eq!(payload.status("necessary"), Some(Status::Acknowledged));
    assert_eq!(first.header("set-cookie"), None, "nothing is opened by it");

    world.advance(5_000);
    let again = world.post(PATH, body(None, &[], &[decision])).send().await;
    assert_eq!(again.body, first.body);
    assert_eq!(world.site.ledger.size().await, Ok(1));
}

#[tokio::test]
async fn the_layers_own_language_stands_in_the_receipt() {
    let world = World::new().await;
    let mut decision = unsigned(&world, "one", GIVEN);
    decision.layer = world
        .site
        .edition(Some("de"), Some("world"))
        .layer_digest
        .to_string();
    let outcome = world
        .post(PATH, body(None, &[], &[decision]))
        .send()
        .await
        .result();
    let verified = world.verify(&outcome).await;
    let payload = verified.receipt.payload();
    assert_eq!(
        (payload.language.as_str(), payload.jurisdiction.as_str()),
        ("de", "world")
    );
    assert_eq!(payload.controller, "larkspur-world");
}

#[tokio::test]
async fn signed_later_it_is_one_decision_with_two_receipts() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let decision = decision(&world, "one", GIVEN);
    world
        .post(PATH, body(None, &[], &[unsigned(&world, "one", GIVEN)]))
        .send()
        .await
        .result();
    let receipt = visitor.sign(&visitor.payload(&world, &decision, None));
    let signed = world
        .post(PATH, body(None, &[&receipt], &[]))
        .send()
        .await
        .result();
    assert_eq!(world.verify(&signed).await.receipt.kind(), Kind::Signed);
    let both = world
        .site
        .ledger
        .by_decision(decision.id)
        .await
        .expect("read");
    assert_eq!(
        both.iter()
            .map(|stored| stored.witnessed)
            .collect::<Vec<_>>(),
        [true, false]
    );

    // Delivered after it was signed: the signed receipt is the answer.
    let second = unsigned(&world, "two", GIVEN);
    let receipt = visitor.receipt(&world, "two");
    let signed = world.post(PATH, body(None, &[&receipt], &[])).send().await;
    let late = world.post(PATH, body(None, &[], &[second])).send().await;
    assert_eq!(late.body, signed.body);
    assert_eq!(world.site.ledger.size().await, Ok(3));
}

#[tokio::test]
async fn choices_that_the_policy_does_not_offer_are_refused() {
    let world = World::new().await;
    let cases = [
        ("analytics:g1", 400, "malformed"),      // a yes needs a day
        ("analytics:g1.zzzz", 400, "malformed"), // and no later one than the site keeps it
        ("analytics:r1.zzzz", 400, "malformed"),
        ("analytics:n1", 400, "malformed"), // it must be answered
        ("necessary:r1.fw4", 400, "malformed"), // it cannot be
        ("analytics:g2.fw4", 422, "revision-unknown"),
        ("advertising:g1.fw4", 422, "revision-unknown"),
        ("analytics:g1.fw4+chat", 422, "revision-unknown"), // a service of another purpose
        ("analytics", 400, "malformed"),
        ("", 400, "malformed"),
    ];
    for (choices, status, code) in cases {
        println!("{choices}");
        let decision = unsigned(&world, choices, choices);
        world
            .post(PATH, body(None, &[], &[decision]))
            .send()
            .await
            .refused(status, code);
    }
    let mut stranger = unsigned(&world, "stranger", GIVEN);
    stranger.layer = sayso_core::digest::encode(&[9; 32]);
    world
        .post(PATH, body(None, &[], &[stranger]))
        .send()
        .await
        .refused(422, "notice-unknown");
    let mut no_id = unsigned(&world, "no id", GIVEN);
    no_id.id = "1".to_owned();
    world
        .post(PATH, body(None, &[], &[no_id]))
        .send()
        .await
        .refused(400, "malformed");
    assert_eq!(world.site.ledger.size().await, Ok(0));

    let fine = [
        "analytics:r1.fw4+video~necessary:n1-chat",
        "analytics:o1",
        "analytics:s1~necessary:n1",
        "analytics:d1.fw4+video",
    ];
    for choices in fine {
        println!("{choices}");
        world
            .post(PATH, body(None, &[], &[unsigned(&world, choices, choices)]))
            .send()
            .await
            .result();
    }
}

#[tokio::test]
async fn the_same_decision_with_other_choices_is_a_conflict() {
    let world = World::new().await;
    world
        .post(PATH, body(None, &[], &[unsigned(&world, "one", GIVEN)]))
        .send()
        .await
        .result();
    let other = unsigned(&world, "one", "analytics:r1.fw4~necessary:n1");
    world
        .post(PATH, body(None, &[], &[other]))
        .send()
        .await
        .refused(409, "conflict");
}
