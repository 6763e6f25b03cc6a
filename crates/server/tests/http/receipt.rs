//! Receipts that visitors signed: taken, taken again, refused, each with its code.

use axum::http::{Method, StatusCode};
use sayso_core::digest::encode;
use sayso_core::jws;
use sayso_core::receipt::Kind;
use sayso_core::receipt::Payload;
use sayso_ledger::LedgerError;

use crate::site::Failing;
use crate::visitor::{GIVEN, Visitor, body, decision, id};
use crate::world::{NOW, ORIGIN, World};

const PATH: &str = "/sayso/v1/receipts";

#[tokio::test]
async fn a_receipt_comes_back_countersigned_and_the_same_every_time() {
    let world = World::new().await;
    let receipt = Visitor::new().receipt(&world, "one");
    let first = world.post(PATH, body(None, &[&receipt], &[])).send().await;
    let outcome = first.result();
    let verified = world.verify(&outcome).await;
    assert_eq!(verified.receipt.kind(), Kind::Signed);
    assert_eq!(verified.receipt.jws(), receipt);
    assert_eq!(
        (verified.statement.index, verified.statement.received),
        (0, NOW)
    );
    assert_eq!(verified.statement.log, "larkspur.example/sayso");
    assert_eq!(
        outcome.id.as_deref(),
        Some(verified.receipt.payload().id.as_str())
    );
    assert_eq!(first.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(first.header("cache-control"), Some("no-store"));

    world.advance(60_000);
    let again = world.post(PATH, body(None, &[&receipt], &[])).send().await;
    assert_eq!(again.body, first.body);
    assert_eq!(world.site.ledger.size().await, Ok(1));
}

#[tokio::test]
async fn all_three_media_types_are_taken_and_no_other() {
    let world = World::new().await;
    let visitor = Visitor::new();
    for (media, jose) in [
        ("text/plain;charset=UTF-8", false),
        ("application/json", false),
        ("application/jose", true),
    ] {
        let receipt = visitor.receipt(&world, media);
        let body = if jose {
            receipt.clone().into_bytes()
        } else {
            body(None, &[&receipt], &[])
        };
        let answer = world
            .post(PATH, body)
            .with("content-type", media)
            .send()
            .await;
        assert!(answer.result().countersigned.is_some(), "{media}");
    }
    let body = body(None, &[&visitor.receipt(&world, "form")], &[]);
    let answer = world
        .post(PATH, body)
        .with("content-type", "application/x-www-form-urlencoded")
        .send()
        .await;
    answer.refused(400, "bad-type");
}

#[tokio::test]
async fn a_batch_is_answered_item_by_item_in_order() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let (one, two) = (
        visitor.receipt(&world, "one"),
        visitor.receipt(&world, "two"),
    );
    let results = world
        .post(PATH, body(None, &[&one, "rubbish", &two, &one], &[]))
        .send()
        .await
        .results();
    let codes: Vec<_> = results
        .iter()
        .map(|r| r.problem.as_ref().map(|p| p.code.as_str()))
        .collect();
    assert_eq!(codes, [None, Some("malformed"), None, None]);
    assert_eq!(results[0], results[3], "the same receipt, the same answer");
    assert_eq!(world.site.ledger.size().await, Ok(2));
}

/// A receipt whose payload was altered before it was signed.
fn altered(world: &World, visitor: &Visitor, change: impl FnOnce(&mut Payload)) -> String {
    let mut payload = visitor.payload(world, &decision(world, "altered", GIVEN), None);
    change(&mut payload);
    visitor.sign(&payload)
}

#[tokio::test]
async fn every_refusal_has_its_code_and_stores_nothing() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let other = Visitor::new();
    let good = visitor.receipt(&world, "good");
    let payload = visitor.payload(&world, &decision(&world, "good", GIVEN), None);
    let with_header = |header: &str| {
        visitor.sign_input(&jws::signing_input(header.as_bytes(), &payload.to_bytes()))
    };
    let jwk = |v: &Visitor| {
        format!(
            r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}"#,
            v.jwk.x, v.jwk.y
        )
    };
    let (_, signature) = good.rsplit_once('.').expect("three parts");
    let unsigned_part = &good[..good.len() - signature.len()];
    let mut bent = signature.to_owned();
    bent.replace_range(..1, if bent.starts_with('A') { "B" } else { "A" });

    let cases: Vec<(&str, String, u16, &str)> = vec![
        ("not a JWS", "a.b".into(), 400, "malformed"),
        (
            "a changed signature",
            format!("{unsigned_part}{bent}"),
            400,
            "bad-signature",
        ),
        (
            "alg none",
            with_header(&format!(
                r#"{{"typ":"consent-receipt+jws","alg":"none","jwk":{}}}"#,
                jwk(&visitor)
            )),
            400,
            "bad-algorithm",
        ),
        (
            "alg ES384",
            with_header(&format!(
                r#"{{"typ":"consent-receipt+jws","alg":"ES384","jwk":{}}}"#,
                jwk(&visitor)
            )),
            400,
            "bad-algorithm",
        ),
        (
            "another typ",
            with_header(&format!(
                r#"{{"typ":"JWT","alg":"ES256","jwk":{}}}"#,
                jwk(&visitor)
            )),
            400,
            "bad-type",
        ),
        (
            "a witnessed receipt",
            with_header(r#"{"typ":"consent-witness+jws","alg":"Ed25519","kid":"x"}"#),
            400,
            "bad-type",
        ),
        (
            "an unknown member",
            with_header(&format!(
                r#"{{"typ":"consent-receipt+jws","alg":"ES256","jwk":{},"crit":[]}}"#,
                jwk(&visitor)
            )),
            400,
            "malformed",
        ),
        (
            "another's key in the header",
            with_header(&format!(
                r#"{{"typ":"consent-receipt+jws","alg":"ES256","jwk":{}}}"#,
                jwk(&other)
            )),
            400,
            "bad-signature",
        ),
        (
            "the subject of another",
            other.sign(&payload),
            400,
            "key-mismatch",
        ),
        (
            "another site",
            altered(&world, &visitor, |p| p.site = "shop".into()),
            400,
            "wrong-site",
        ),
        (
            "an unknown notice",
            altered(&world, &visitor, |p| p.notice = encode(&[7; 32])),
            422,
            "notice-unknown",
        ),
        (
            "an unknown revision",
            altered(&world, &visitor, |p| p.purposes[0].revision = 9),
            422,
            "revision-unknown",
        ),
        (
            "another model",
            altered(&world, &visitor, |p| {
                p.model = sayso_core::policy::Model::OptOut
            }),
            400,
            "malformed",
        ),
        (
            "about an address",
            altered(&world, &visitor, |p| p.about = Some(encode(&[7; 32]))),
            400,
            "malformed",
        ),
        ("too long", "x".repeat(9 * 1024), 413, "too-large"),
    ];
    for (what, receipt, status, code) in cases {
        println!("{what}");
        world
            .post(PATH, body(None, &[&receipt], &[]))
            .send()
            .await
            .refused(status, code);
    }
    assert_eq!(world.site.ledger.size().await, Ok(0));
}

#[tokio::test]
async fn requests_out_of_shape_are_refused() {
    let world = World::new().await;
    let receipt = Visitor::new().receipt(&world, "one");
    let many: Vec<&str> = std::iter::repeat_n("a.b.c", 17).collect();
    let cases = [
        b"".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        body(None, &[], &[]),
        body(None, &many, &[]),
        format!(r#"{{"v":2,"receipts":["{receipt}"]}}"#).into_bytes(),
        format!(r#"{{"v":1,"receipts":["{receipt}"],"receipts":["{receipt}"]}}"#).into_bytes(),
        format!(r#"{{"v":1,"receipts":["{receipt}"],"grant":true}}"#).into_bytes(),
        [b"\xff\xfe".as_slice(), receipt.as_bytes()].concat(),
    ];
    for case in cases {
        println!("{}", String::from_utf8_lossy(&case[..case.len().min(60)]));
        world
            .post(PATH, case)
            .send()
            .await
            .refused(400, "malformed");
    }
    world
        .post(PATH, vec![b' '; 17 * 1024])
        .send()
        .await
        .refused(413, "too-large");
    assert_eq!(world.site.ledger.size().await, Ok(0));
}

#[tokio::test]
async fn the_same_id_with_other_content_is_a_conflict() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let first = altered(&world, &visitor, |_| {});
    let second = altered(&world, &visitor, |payload| {
        payload.decision = id("another decision")
    });
    world
        .post(PATH, body(None, &[&first], &[]))
        .send()
        .await
        .result();
    world
        .post(PATH, body(None, &[&second], &[]))
        .send()
        .await
        .refused(409, "conflict");
    assert_eq!(world.site.ledger.size().await, Ok(1));
}

#[tokio::test]
async fn a_strange_time_is_flagged_and_never_refused() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let far = altered(&world, &visitor, |payload| {
        payload.time = NOW + 365 * 86_400_000
    });
    let outcome = world
        .post(PATH, body(None, &[&far], &[]))
        .send()
        .await
        .result();
    assert_eq!(world.verify(&outcome).await.statement.flags, ["clock"]);
}

#[tokio::test]
async fn answers_are_taken_from_the_sites_own_pages_only() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let cases: [(Option<&str>, bool); 12] = [
        (Some(ORIGIN), true),
        (Some("https://other.larkspur.example"), true),
        (Some("http://127.0.0.1:8787"), true),
        (Some("http://127.0.0.1"), true),
        (None, false),
        (Some("null"), false),
        (Some(""), false),
        (Some("https://evil.example"), false),
        (Some("https://larkspur.example.evil.example"), false),
        (Some("https://sibling.larkspur.example"), false),
        (Some("http://larkspur.example"), false),
        (Some("http://127.0.0.1:8787x"), false),
    ];
    for (number, (origin, taken)) in cases.into_iter().enumerate() {
        let receipt = visitor.receipt(&world, &format!("from {number}"));
        let state = "1.t61kq0.analytics:g1.g68";
        let ask = world.post(PATH, body(Some(state), &[&receipt], &[]));
        let answer = match origin {
            Some(origin) => ask.with("origin", origin),
            None => ask.without("origin"),
        };
        let answer = answer.send().await;
        if taken {
            answer.result();
            assert_eq!(answer.header("access-control-allow-origin"), origin);
        } else {
            answer.refused(403, "origin");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
    assert_eq!(world.site.ledger.size().await, Ok(4));
}

#[tokio::test]
async fn browsers_may_ask_first() {
    let world = World::new().await;
    let ask = |origin| world.ask(Method::OPTIONS, PATH).with("origin", origin);
    let answer = ask(ORIGIN).send().await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some("content-type")
    );
    ask("https://evil.example")
        .send()
        .await
        .refused(403, "origin");
}

#[tokio::test]
async fn a_ledger_that_cannot_keep_says_so_and_nothing_else() {
    let failing = [
        (LedgerError::Busy, "busy"),
        (
            LedgerError::Unavailable("disk /secret/path is full".to_owned()),
            "unavailable",
        ),
    ];
    for (error, code) in failing {
        let world = World::with(|text| text, |site| Failing::replace(site, error)).await;
        let receipt = Visitor::new().receipt(&world, "one");
        let answer = world
            .post(PATH, body(Some("1.t61kq0.analytics:o1"), &[&receipt], &[]))
            .send()
            .await;
        let problem = answer.refused(503, code);
        assert!(answer.header("retry-after").is_some());
        assert!(!problem.detail.contains("secret"), "{problem:?}");
        let ready = world.get("/sayso/readyz").send().await;
        ready.refused(503, "unavailable");
        assert_eq!(
            world.get("/sayso/healthz").send().await.status,
            StatusCode::OK
        );
    }
}
