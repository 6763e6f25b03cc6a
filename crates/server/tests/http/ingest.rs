//! Taking receipts in, clause by clause: read strictly, kept once, chained, flagged and never refused for their clock.

use axum::http::{Method, StatusCode};
use sayso_core::digest::{decode_array, encode};
use sayso_core::jws;
use sayso_core::log::proof::Proof;
use sayso_core::receipt::Payload;
use sayso_core::wire::Outcome;
use sayso_ledger::LedgerError;

use crate::site::Failing;
use crate::visitor::{GIVEN, Visitor, body, decision, id};
use crate::world::{NOW, World};

const PATH: &str = "/sayso/v1/receipts";
const DAY: u64 = 86_400_000;

async fn post(world: &World, receipt: &str) -> Outcome {
    let ask = world.post(PATH, body(None, &[receipt], &[]));
    ask.send().await.result()
}

fn altered(
    world: &World,
    visitor: &Visitor,
    word: &str,
    change: impl FnOnce(&mut Payload),
) -> String {
    let mut payload = visitor.payload(world, &decision(world, word, GIVEN), None);
    change(&mut payload);
    visitor.sign(&payload)
}

#[tokio::test]
async fn what_two_readers_could_read_differently_is_refused() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let good = visitor.receipt(&world, "good");
    let payload = visitor.payload(&world, &decision(&world, "good", GIVEN), None);
    let payload = String::from_utf8(payload.to_bytes()).expect("JSON");
    let jwk = |more: &str| {
        let (x, y) = (&visitor.jwk.x, &visitor.jwk.y);
        format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"{more}}}"#)
    };
    let header = |more: &str| {
        let jwk = jwk("");
        format!(r#"{{"typ":"consent-receipt+jws","alg":"ES256","jwk":{jwk}{more}}}"#)
    };
    let sign = |header: &str, payload: &str| {
        visitor.sign_input(&jws::signing_input(header.as_bytes(), payload.as_bytes()))
    };
    let with = |more: &str| sign(&header(more), &payload);
    let (first, rest) = payload.split_at(1);
    let twice = sign(&header(""), &format!(r#"{first}"v":1,{rest}"#));
    let unknown = sign(&header(""), &format!(r#"{first}"grant":true,{rest}"#));
    let deep = format!(
        r#"{first}"deep":{}{},{rest}"#,
        "[".repeat(64),
        "]".repeat(64)
    );
    let spaced = sign(&format!("{} ", header("")), &payload);
    // The signature's last character carries two bits that mean nothing.
    let (head, last) = good.split_at(good.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).expect("base64url");
    let stray = format!("{head}{}", &alphabet[at ^ 1..=at ^ 1]);
    let private = header("").replace(&jwk(""), &jwk(r#","d":"AAAA""#));
    let cases = [
        ("a member twice", twice),
        ("an unknown member", unknown),
        ("too deep", sign(&header(""), &deep)),
        ("the header twice", with(r#","alg":"ES256""#)),
        (
            "a key from elsewhere: jku",
            with(r#","jku":"https://evil.example/keys""#),
        ),
        ("a key from elsewhere: kid", with(r#","kid":"other""#)),
        (
            "a key from elsewhere: x5u",
            with(r#","x5u":"https://evil.example/x""#),
        ),
        ("an extension", with(r#","crit":["b64"],"b64":false"#)),
        ("a private key", sign(&private, &payload)),
        ("padding", format!("{good}=")),
        ("stray bits", stray),
        ("the other alphabet", good.replacen('e', "+", 1)),
        ("a space within", good.replacen('.', " .", 1)),
        ("four parts", format!("{good}.e30")),
        ("detached", format!("{}..{}", "e30", "AAAA")),
        (
            "a float",
            sign(&header(""), &payload.replace(r#""v":1"#, r#""v":1.0"#)),
        ),
        (
            "another version",
            sign(&header(""), &payload.replace(r#""v":1"#, r#""v":2"#)),
        ),
        (
            "a lone surrogate",
            sign(&header(""), &payload.replace(r#""en""#, r#""\ud800""#)),
        ),
        ("not text", sign(&header(""), "\u{feff}{}")),
    ];
    for (what, receipt) in cases {
        println!("{what}");
        let ask = world.post(PATH, body(None, &[&receipt], &[]));
        ask.send().await.refused(400, "malformed");
    }
    assert_eq!(world.site.ledger.size().await, Ok(0));
    // White space in JSON changes the bytes, not the meaning: what is signed is the bytes.
    let ask = world.post(PATH, body(None, &[&spaced], &[]));
    assert!(ask.send().await.result().countersigned.is_some());
}

#[tokio::test]
async fn requests_are_bounded_before_they_are_read() {
    let world = World::new().await;
    let deep = format!(
        r#"{{"v":1,"receipts":{}{}}}"#,
        "[".repeat(4000),
        "]".repeat(4000)
    );
    world
        .post(PATH, deep)
        .send()
        .await
        .refused(400, "malformed");
    let long = format!(r#"{{"v":1,"receipts":["{}"]}}"#, "x".repeat(16 * 1024));
    world
        .post(PATH, long)
        .send()
        .await
        .refused(413, "too-large");
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let world = World::new().await;
    let cases = [
        (Method::GET, "/sayso/v1/receipts", 405, "method-not-allowed"),
        (
            Method::DELETE,
            "/sayso/v1/receipts",
            405,
            "method-not-allowed",
        ),
        (Method::POST, "/sayso/checkpoint", 405, "method-not-allowed"),
        (Method::PUT, "/sayso/tile/0/000", 405, "method-not-allowed"),
        (Method::POST, "/sayso/v1/nothing", 404, "not-found"),
        (Method::GET, "/sayso/v1", 404, "not-found"),
        (Method::GET, "/elsewhere", 404, "not-found"),
        (Method::GET, "/sayso/v1/notices/%ff", 400, "malformed"),
    ];
    for (method, path, status, code) in cases {
        println!("{method} {path}");
        world.ask(method, path).send().await.refused(status, code);
    }
}

/// The order of P-256's group.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The same signature in its other form: n − s in the place of s. It is as valid, and anybody can make it.
fn other_form(receipt: &str) -> String {
    let (head, signature) = receipt.rsplit_once('.').expect("three parts");
    let mut bytes: [u8; 64] = decode_array(signature).expect("64 bytes");
    let mut borrow = 0;
    for at in (0..32).rev() {
        let (n, s) = (i16::from(ORDER[at]), i16::from(bytes[32 + at]));
        let difference = n - s - borrow;
        borrow = i16::from(difference < 0);
        bytes[32 + at] = u8::try_from(difference.rem_euclid(256)).expect("a byte");
    }
    format!("{head}.{}", encode(&bytes))
}

#[tokio::test]
async fn a_signature_in_its_other_form_is_no_second_receipt() {
    let world = World::new().await;
    let receipt = Visitor::new().receipt(&world, "one");
    let first = post(&world, &receipt).await;
    let altered = other_form(&receipt);
    assert_ne!(altered, receipt);
    let second = post(&world, &altered).await;
    assert_eq!(second, first, "what was kept first is the answer");
    assert_eq!(world.site.ledger.size().await, Ok(1));
    // Nor does it matter which form comes first.
    let receipt = Visitor::new().receipt(&world, "two");
    let first = post(&world, &other_form(&receipt)).await;
    assert_eq!(post(&world, &receipt).await, first);
    assert_eq!(world.site.ledger.size().await, Ok(2));
    world.verify(&first).await;
}

#[tokio::test]
async fn a_fork_in_a_subjects_chain_is_flagged_and_kept() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let first = visitor.receipt(&world, "first");
    let first = world.verify(&post(&world, &first).await).await;
    let first = first.receipt.receipt_hash().to_string();
    let after = |word: &str, prev: &str| {
        let prev = Some(prev.to_owned());
        altered(&world, &visitor, word, |payload| payload.prev = prev)
    };
    let flags = async |receipt: String| {
        let outcome = post(&world, &receipt).await;
        world.verify(&outcome).await.statement.flags
    };
    let none: [&str; 0] = [];
    assert_eq!(flags(after("second", &first)).await, none);
    assert_eq!(flags(after("beside it", &first)).await, ["fork"]);
    assert_eq!(flags(after("lost", &encode(&[7; 32]))).await, ["orphan"]);
    assert_eq!(world.site.ledger.size().await, Ok(4));
}

#[tokio::test]
async fn clocks_are_flagged_both_ways_and_never_refused() {
    let world = World::new().await;
    let visitor = Visitor::new();
    for (word, time, flagged) in [
        ("now", NOW, false),
        ("nine minutes ahead", NOW + 9 * 60_000, false),
        ("eleven minutes ahead", NOW + 11 * 60_000, true),
        ("a year ahead", NOW + 365 * DAY, true),
        ("a year ago", NOW - 365 * DAY, false),
        ("two years ago", NOW - 730 * DAY, true),
        ("1970", 0, true),
    ] {
        let receipt = altered(&world, &visitor, word, |payload| payload.time = time);
        let outcome = post(&world, &receipt).await;
        let flags = world.verify(&outcome).await.statement.flags;
        assert_eq!(
            flags.contains(&"clock".to_owned()),
            flagged,
            "{word}: {flags:?}"
        );
    }
}

#[tokio::test]
async fn a_batch_shares_one_head_and_each_item_has_its_own_answer() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let words = ["one", "two", "three"];
    let good = words.map(|word| visitor.receipt(&world, word));
    let clash = altered(&world, &visitor, "one", |payload| {
        payload.decision = id("another decision");
    });
    let unknown = altered(&world, &visitor, "four", |payload| {
        payload.notice = encode(&[7; 32]);
    });
    let items = [&good[0], "a.b.c", &unknown, &good[1], &clash, &good[2]];
    let results = world
        .post(PATH, body(None, &items, &[]))
        .send()
        .await
        .results();
    let code = |outcome: &Outcome| outcome.problem.as_ref().map(|p| (p.status, p.code.clone()));
    let codes: Vec<_> = results.iter().map(code).collect();
    let refused = |status, code: &str| Some((status, code.to_owned()));
    assert_eq!(
        codes,
        [
            None,
            refused(400, "malformed"),
            refused(422, "notice-unknown"),
            None,
            refused(409, "conflict"),
            None,
        ]
    );
    let checkpoints: Vec<String> = results
        .iter()
        .filter_map(|outcome| outcome.countersigned.as_ref()?.proof.as_deref())
        .map(|proof| Proof::parse(proof).expect("a proof").checkpoint)
        .collect();
    assert_eq!(checkpoints.len(), 3);
    assert!(checkpoints.iter().all(|one| *one == checkpoints[0]));
    for outcome in results
        .iter()
        .filter(|outcome| outcome.countersigned.is_some())
    {
        world.verify(outcome).await;
    }
}

#[tokio::test]
async fn a_full_queue_spreads_those_who_come_back() {
    let full = |site: &mut sayso_server::site::Site| Failing::replace(site, LedgerError::Busy);
    let world = World::with(|text| text, full).await;
    let visitor = Visitor::new();
    let mut waits = std::collections::BTreeSet::new();
    for number in 0..24 {
        let receipt = visitor.receipt(&world, &number.to_string());
        let answer = world.post(PATH, body(None, &[&receipt], &[])).send().await;
        answer.refused(503, "busy");
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let wait = answer.header("retry-after").expect("a time").to_owned();
        waits.insert(wait.parse::<u32>().expect("seconds"));
    }
    assert!(
        waits.len() > 1,
        "they would all come back at once: {waits:?}"
    );
    assert!(
        waits.iter().all(|wait| (1..=60).contains(wait)),
        "{waits:?}"
    );
}
