//! Erasing at the request of whoever holds the key, and by the operator.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use sayso_core::digest::encode;
use sayso_core::erasure::{self, Payload};
use sayso_core::jws;
use sayso_core::log::Entry;
use sayso_core::log::proof::Proof;
use sayso_ledger::record::RecordKind;
use sayso_server::admin::{Admin, AdminToken, TOKEN_FILE};
use sayso_server::checkpoint::publish;
use sayso_server::crypto::RingVerifier;
use sayso_server::edge::Edge;
use sayso_server::random::OsRandom;
use serde_json::{Value, json};

use crate::visitor::{GIVEN, Visitor, body, decision, id};
use crate::world::{Answer, NOW, ORIGIN, World};

const RECEIPTS: &str = "/sayso/v1/receipts";
const PATH: &str = "/sayso/v1/erasures";
const DAY: u64 = 86_400_000;

fn payload(visitor: &Visitor) -> Payload {
    Payload {
        v: 1,
        id: id("erase"),
        site: "demo".to_owned(),
        subject: visitor.jwk.thumbprint().to_string(),
        time: NOW - 1_000,
    }
}

fn sign(visitor: &Visitor, payload: &Payload) -> String {
    visitor.sign_input(&erasure::signing_input(&visitor.jwk, payload))
}

fn request(visitor: &Visitor) -> String {
    sign(visitor, &payload(visitor))
}

fn read(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("set-cookie").is_none());
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// Whether any file of the site holds a text, as it is.
fn anywhere(folder: &Path, text: &str) -> bool {
    let found = |bytes: &[u8]| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .any(|path| match path.is_dir() {
            true => anywhere(&path, text),
            false => found(&fs::read(&path).expect("a file")),
        })
}

#[tokio::test]
async fn a_subjects_receipts_go_and_the_log_stays() {
    let world = World::new().await;
    let (ada, eve) = (Visitor::new(), Visitor::new());
    let receipts = [ada.receipt(&world, "one"), ada.receipt(&world, "two")];
    let others = eve.receipt(&world, "three");
    let all = body(None, &[&receipts[0], &others, &receipts[1]], &[]);
    let before = world.post(RECEIPTS, all).send().await.results();
    let old = publish(&world.site).await.expect("published");

    world.advance(5_000);
    let ask = world.post(PATH, request(&ada).into_bytes());
    let answer = ask.send().await;
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(
        read(&answer),
        json!({ "v": 1, "erased": 2, "already": 0, "newer": 0, "tombstone": 3 })
    );
    for index in [0, 2] {
        let gone = world.site.ledger.by_index(index).await;
        assert_eq!(gone, Ok(None), "{index}");
    }
    let subject = ada.jwk.thumbprint().to_string();
    for receipt in &receipts {
        let (_, payload) = receipt.split_once('.').expect("three parts");
        assert!(!anywhere(&world.folder(), payload));
    }
    assert!(!anywhere(&world.folder(), &subject));

    // The same receipts are not taken again; another's are as they were.
    for receipt in &receipts {
        let again = world.post(RECEIPTS, body(None, &[receipt], &[]));
        again.send().await.refused(410, "erased");
    }
    let theirs = world
        .post(RECEIPTS, body(None, &[&others], &[]))
        .send()
        .await;
    let (was, is) = (&before[1].countersigned, theirs.result().countersigned);
    let (was, is) = (was.as_ref().expect("kept"), is.expect("kept"));
    assert_eq!(
        (&was.receipt, &was.salt, &was.countersignature),
        (&is.receipt, &is.salt, &is.countersignature)
    );

    // What was erased still proves that it stood in the log, to who kept it.
    world.verify(&before[0]).await;
    let new = publish(&world.site).await.expect("published");
    assert_eq!((old.size, new.size), (3, 4));
    let proof = world.get("/sayso/v1/log/proof/0").send().await;
    let proof = Proof::parse(&proof.text()).expect("a proof");
    let entries = world
        .site
        .ledger
        .entries(0..4)
        .await
        .expect("read")
        .expect("there");
    let (leaf, key) = (entries[0].leaf_hash(), world.site.signer.log_key());
    proof
        .verify(&leaf, key, &[], 0, &RingVerifier)
        .expect("it holds");
    assert!(matches!(entries[3], Entry::Tombstone(_)));
    let records = world.site.ledger.scan(3, 1).await.expect("read");
    let RecordKind::Tombstone { body, .. } = &records[0].kind else {
        panic!("{records:?}");
    };
    assert!(!body.contains(&subject), "it names nobody: {body}");
}

#[tokio::test]
async fn asking_again_erases_nothing_more() {
    let world = World::new().await;
    let ada = Visitor::new();
    let receipt = ada.receipt(&world, "one");
    world
        .post(RECEIPTS, body(None, &[&receipt], &[]))
        .send()
        .await
        .result();
    let asked = request(&ada);
    let first = read(&world.post(PATH, asked.clone()).send().await);
    assert_eq!(first["erased"], 1);
    let again = read(&world.post(PATH, asked).send().await);
    assert_eq!(
        (&again["erased"], &again["tombstone"]),
        (&json!(0), &Value::Null)
    );
    let size = world.site.ledger.size().await;
    assert_eq!(size, Ok(2), "one tombstone");
    let stranger = read(&world.post(PATH, request(&Visitor::new())).send().await);
    assert_eq!(
        stranger,
        json!({ "v": 1, "erased": 0, "already": 0, "newer": 0, "tombstone": null })
    );
}

#[tokio::test]
async fn a_copy_of_a_request_takes_nothing_that_is_newer() {
    let world = World::new().await;
    let ada = Visitor::new();
    let old = ada.receipt(&world, "one");
    let keep = async |receipt: &str| {
        let sent = world.post(RECEIPTS, body(None, &[receipt], &[]));
        sent.send().await.result();
    };
    keep(&old).await;
    let asked = request(&ada);
    let first = read(&world.post(PATH, asked.clone()).send().await);
    assert_eq!((&first["erased"], &first["newer"]), (&json!(1), &json!(0)));

    world.advance(DAY);
    let mut later = decision(&world, "two", GIVEN);
    later.time = NOW + DAY - 1_000;
    keep(&ada.sign(&ada.payload(&world, &later, None))).await;
    let copy = read(&world.post(PATH, asked).send().await);
    assert_eq!(
        copy,
        json!({ "v": 1, "erased": 0, "already": 0, "newer": 1, "tombstone": null })
    );
    assert!(world.site.ledger.by_index(2).await.expect("read").is_some());
    let mut again = payload(&ada);
    again.time = NOW + DAY;
    let new = read(&world.post(PATH, sign(&ada, &again)).send().await);
    assert_eq!((&new["erased"], &new["newer"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn only_the_key_itself_may_ask_and_no_foreign_page() {
    let world = World::new().await;
    let (ada, eve) = (Visitor::new(), Visitor::new());
    let receipt = ada.receipt(&world, "one");
    world
        .post(RECEIPTS, body(None, &[&receipt], &[]))
        .send()
        .await
        .result();
    let good = request(&ada);
    let altered = |change: fn(&mut Payload)| {
        let mut payload = payload(&ada);
        change(&mut payload);
        sign(&ada, &payload)
    };
    let (head, signature) = good.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let bent = format!("{head}.{first}{}", &signature[1..]);
    let header = |header: String| {
        let payload = payload(&ada).to_json();
        ada.sign_input(&jws::signing_input(header.as_bytes(), payload.as_bytes()))
    };
    let jwk = format!(
        r#"{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}"#,
        ada.jwk.x, ada.jwk.y
    );
    let typ = "consent-erasure+jws";
    let cases: Vec<(&str, String, u16, &str)> = vec![
        ("nothing", String::new(), 400, "malformed"),
        ("not a JWS", "a.b".into(), 400, "malformed"),
        ("a receipt", receipt.clone(), 400, "bad-type"),
        (
            "another's signature",
            sign(&eve, &payload(&ada)),
            400,
            "key-mismatch",
        ),
        ("a changed signature", bent, 400, "bad-signature"),
        (
            "another site",
            altered(|p| p.site = "shop".into()),
            400,
            "wrong-site",
        ),
        ("another version", altered(|p| p.v = 2), 400, "malformed"),
        (
            "another subject",
            altered(|p| p.subject = encode(&[7; 32])),
            400,
            "key-mismatch",
        ),
        (
            "a month old",
            altered(|p| p.time = NOW - 31 * DAY),
            400,
            "stale",
        ),
        (
            "alg none",
            header(format!(r#"{{"typ":"{typ}","alg":"none","jwk":{jwk}}}"#)),
            400,
            "bad-type",
        ),
        (
            "a member more",
            header(format!(
                r#"{{"typ":"{typ}","alg":"ES256","jwk":{jwk},"kid":"x"}}"#
            )),
            400,
            "malformed",
        ),
        ("too long", "x".repeat(9 * 1024), 413, "too-large"),
    ];
    for (what, text, status, code) in cases {
        println!("{what}");
        world.post(PATH, text).send().await.refused(status, code);
    }
    for origin in ["https://evil.example", "null", ""] {
        let ask = world.post(PATH, good.clone()).with("origin", origin);
        ask.send().await.refused(403, "origin");
    }
    let form = world
        .post(PATH, good.clone())
        .with("content-type", "application/x-www-form-urlencoded");
    form.send().await.refused(400, "bad-type");
    world
        .get(PATH)
        .send()
        .await
        .refused(405, "method-not-allowed");
    assert!(world.site.ledger.by_index(0).await.expect("read").is_some());

    // A program sends no Origin, and a clock ahead of ours is nobody's fault.
    let early = altered(|p| p.time = NOW + 365 * DAY);
    let ask = world
        .post(PATH, early)
        .without("origin")
        .with("content-type", "application/jose");
    assert_eq!(read(&ask.send().await)["erased"], 1);
    let preflight = world
        .ask(Method::OPTIONS, PATH)
        .with("origin", ORIGIN)
        .send()
        .await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
}

/// The administrator's listener over a world's site.
struct Office {
    router: axum::Router,
    token: String,
    _folder: tempfile::TempDir,
}

impl Office {
    fn of(world: &World) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let token = AdminToken::open(folder.path(), &OsRandom::new()).expect("made");
        let text = fs::read_to_string(folder.path().join(TOKEN_FILE)).expect("a file");
        let edge = Edge::default();
        let admin = Admin {
            sites: vec![Arc::clone(&world.site)].into(),
            token: Arc::new(token),
            health: edge.health.clone(),
            metrics: edge.metrics.clone(),
        };
        Self {
            router: admin.router(),
            token: text.trim().to_owned(),
            _folder: folder,
        }
    }

    async fn post(&self, path: &str, order: &Value) -> (u16, Value) {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(Body::from(order.to_string()))
            .expect("a request");
        let answer = tower::ServiceExt::oneshot(self.router.clone(), request)
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        let body = answer
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn the_operator_erases_with_a_reason() {
    let world = World::new().await;
    let ada = Visitor::new();
    for word in ["one", "two", "three"] {
        let receipt = ada.receipt(&world, word);
        world
            .post(RECEIPTS, body(None, &[&receipt], &[]))
            .send()
            .await
            .result();
    }
    let office = Office::of(&world);
    let path = "/sites/demo/erasures";
    for order in [
        json!({ "v": 1, "reason": "x" }),
        json!({ "v": 1, "reason": "x", "index": 0, "subject": "y" }),
        json!({ "v": 1, "reason": "  ", "index": 0 }),
        json!({ "v": 1, "index": 0 }),
        json!({ "v": 2, "reason": "x", "index": 0 }),
        json!({ "v": 1, "reason": "x", "index": -1 }),
        json!({ "v": 1, "reason": "x", "address": "nobody" }),
        json!({ "v": 1, "reason": "x".repeat(501), "index": 0 }),
        json!({ "v": 1, "reason": "x", "index": 0, "all": true }),
    ] {
        println!("{order}");
        let (status, problem) = office.post(path, &order).await;
        assert_eq!((status, &problem["code"]), (400, &json!("malformed")));
    }
    assert_eq!(world.site.ledger.size().await, Ok(3));
    let order = json!({ "v": 1, "index": 1, "reason": "asked for by letter" });
    let (status, answer) = office.post(path, &order).await;
    assert_eq!(
        (status, answer),
        (
            200,
            json!({ "v": 1, "erased": 1, "already": 0, "newer": 0, "tombstone": 3 })
        )
    );
    let subject = ada.jwk.thumbprint().to_string();
    let order = json!({ "v": 1, "subject": subject, "reason": "asked for by letter" });
    let (status, answer) = office.post(path, &order).await;
    assert_eq!((status, &answer["erased"]), (200, &json!(2)));
    let records = world.site.ledger.scan(3, 1).await.expect("read");
    let RecordKind::Tombstone { body, .. } = &records[0].kind else {
        panic!("{records:?}");
    };
    assert!(body.contains("asked for by letter"), "{body}");
}

#[tokio::test]
async fn the_operator_erases_an_address_with_all_that_is_about_it() {
    use crate::address::{ADA, post, subscription};
    let world = World::new().await;
    post(&world, &subscription(&world, "one")).await.result();
    let office = Office::of(&world);
    let order = json!({ "v": 1, "address": " ADA@Larkspur.example ", "reason": "by letter" });
    let (status, answer) = office.post("/sites/demo/erasures", &order).await;
    assert_eq!((status, &answer["erased"]), (200, &json!(1)));
    let kept = world
        .site
        .ledger
        .address(ADA.to_owned())
        .await
        .expect("read");
    assert!(kept.is_none());
    assert!(world.mails().await.is_empty(), "its mail goes with it");
}

#[tokio::test]
async fn the_administrator_rotates_keys() {
    let world = World::new().await;
    let office = Office::of(&world);
    let path = "/sites/demo/keys/rotate";
    for order in [
        json!({}),
        json!({ "v": 1, "keys": ["log"] }),
        json!({ "v": 2 }),
    ] {
        let (status, problem) = office.post(path, &order).await;
        assert_eq!(
            (status, &problem["code"]),
            (400, &json!("malformed")),
            "{order}"
        );
    }
    assert_eq!(world.keys().await.keys.len(), 3);
    let (status, answer) = office
        .post(path, &json!({ "v": 1, "keys": ["witness"] }))
        .await;
    assert_eq!(
        (status, &answer["rotated"][0]["key"]),
        (200, &json!("witness"))
    );
    let (status, answer) = office.post(path, &json!({ "v": 1 })).await;
    assert_eq!(status, 200);
    assert_eq!(answer["rotated"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.keys().await.keys.len(), 6);
}
