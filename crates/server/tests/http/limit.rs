//! Rates by network and site: what opens is limited, what shuts is not crowded out by it, nobody is remembered.

use std::time::Duration;

use axum::Router;
use axum::http::Method;
use sayso_core::address::about;
use sayso_core::config::Limits;
use sayso_core::decision::Action;
use sayso_core::digest::encode;
use sayso_core::wire::AddressRequest;
use sayso_server::client::{ForwardedBy, Network, Proxies, Trust};
use sayso_server::edge::Edge;
use sayso_server::limit::Rates;
use sayso_server::metrics::Why;
use sayso_server::service::Service;
use tokio::time::advance;

use crate::call::{Call, get, post};
use crate::visitor::{GIVEN, Visitor, body, decision, unsigned};
use crate::world::{Answer, World};

const ONE: &str = "203.0.113.7";
const SAME_NETWORK: &str = "203.0.113.250";
const ANOTHER: &str = "198.51.100.7";
const REFUSED: &str = "analytics:r1.fw4~necessary:n1";

/// A service where a network may write six times a minute, twice at once.
async fn narrow() -> (World, Router) {
    let world = World::with(
        |text| format!("{text}\n[limits]\nper_network = 6\nburst = 2\naddresses_per_network = 2\n"),
        |_| {},
    )
    .await;
    let router = Service::new(vec![std::sync::Arc::clone(&world.site)]).router();
    (world, router)
}

async fn answer(world: &World, router: &Router, from: &str, word: &str, choices: &str) -> Answer {
    let decision = unsigned(world, word, choices);
    let body = body(None, &[], &[decision]);
    post("/sayso/v1/receipts")
        .from(from)
        .send_body(router, body)
        .await
}

fn retry_after(answer: &Answer) -> u64 {
    let text = answer.header("retry-after").expect("a Retry-After");
    text.parse().expect("seconds")
}

#[tokio::test(start_paused = true)]
async fn a_network_that_opens_too_often_waits_and_no_other_does() {
    let (world, router) = narrow().await;
    for word in ["one", "two"] {
        answer(&world, &router, ONE, word, GIVEN).await.result();
    }
    let refused = answer(&world, &router, SAME_NETWORK, "three", GIVEN).await;
    refused.refused(429, "rate-limited");
    let wait = retry_after(&refused);
    // Ten seconds for one more, and as much again to spread those who wait.
    assert!((10..=20).contains(&wait), "{wait}");
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("https://larkspur.example"),
        "the page may read why"
    );
    answer(&world, &router, ANOTHER, "four", GIVEN)
        .await
        .result();
    advance(Duration::from_secs(wait)).await;
    answer(&world, &router, ONE, "three", GIVEN).await.result();
}

#[tokio::test(start_paused = true)]
async fn what_shuts_has_room_of_its_own() {
    let (world, router) = narrow().await;
    let visitor = Visitor::new();
    for word in ["one", "two"] {
        answer(&world, &router, ONE, word, GIVEN).await.result();
    }
    answer(&world, &router, ONE, "three", GIVEN)
        .await
        .refused(429, "rate-limited");
    // Unsigned, signed, signed alone, an objection, a click in a mail: all of it still counts.
    answer(&world, &router, ONE, "no", REFUSED).await.result();
    let mut signed = decision(&world, "signed no", REFUSED);
    signed.action = Action::RefuseAll;
    let receipt = visitor.sign(&visitor.payload(&world, &signed, None));
    for (media, sent) in [
        ("text/plain", body(None, &[&receipt], &[])),
        ("application/jose", receipt.clone().into_bytes()),
    ] {
        Call::new(Method::POST, "/sayso/v1/receipts")
            .with("origin", crate::world::ORIGIN)
            .with("content-type", media)
            .from(ONE)
            .send_body(&router, sent)
            .await
            .result();
    }
    let salt = [7; 32];
    let email = "ada@larkspur.example";
    let mut objection = decision(&world, "objection", "marketing-mail:o1");
    objection.action = Action::Object;
    let named = about(&salt, email).to_string();
    let objection = AddressRequest {
        v: 1,
        email: email.to_owned(),
        salt: encode(&salt),
        first_name: None,
        last_name: None,
        company: None,
        topics: Vec::new(),
        receipt: Some(visitor.sign(&visitor.payload(&world, &objection, Some(named)))),
        decision: None,
    };
    post("/sayso/v1/addresses")
        .from(ONE)
        .send_body(&router, serde_json::to_vec(&objection).expect("JSON"))
        .await
        .result();
    let click = Call::new(Method::POST, "/sayso/unsubscribe?t=unknown").from(ONE);
    let click = click.send_body(&router, "List-Unsubscribe=One-Click").await;
    assert_eq!(click.status, 410, "only the token decides");
    // A yes that travels with a no opens, and waits.
    let both = body(
        None,
        &[],
        &[
            unsigned(&world, "no again", REFUSED),
            unsigned(&world, "yes again", GIVEN),
        ],
    );
    let mixed = post("/sayso/v1/receipts").from(ONE);
    mixed
        .send_body(&router, both)
        .await
        .refused(429, "rate-limited");
    // And so does a service switched on under a refused purpose.
    answer(
        &world,
        &router,
        ONE,
        "service",
        "analytics:r1.fw4+pulse~necessary:n1",
    )
    .await
    .refused(429, "rate-limited");
}

#[tokio::test(start_paused = true)]
async fn what_shuts_has_an_end_too() {
    let (world, router) = narrow().await;
    let mut taken = 0;
    for at in 0..40 {
        let one = answer(&world, &router, ONE, &format!("no {at}"), REFUSED).await;
        if one.status == 429 {
            break;
        }
        one.result();
        taken += 1;
    }
    assert_eq!(taken, 22, "two at once, and ten times two for what shuts");
}

async fn subscribe(world: &World, router: &Router, from: &str, word: &str, email: &str) -> Answer {
    let visitor = Visitor::new();
    let salt = [9; 32];
    let mut form = decision(world, word, "newsletter:g1");
    form.action = Action::Subscribe;
    let named = about(&salt, email).to_string();
    let request = AddressRequest {
        v: 1,
        email: email.to_owned(),
        salt: encode(&salt),
        first_name: None,
        last_name: None,
        company: None,
        topics: Vec::new(),
        receipt: Some(visitor.sign(&visitor.payload(world, &form, Some(named)))),
        decision: None,
    };
    post("/sayso/v1/addresses")
        .from(from)
        .send_body(router, serde_json::to_vec(&request).expect("JSON"))
        .await
}

#[tokio::test(start_paused = true)]
async fn nobody_has_mails_sent_without_end() {
    let (world, router) = narrow().await;
    for (at, expected) in [(0, 200), (1, 200), (2, 429)] {
        let email = format!("ada{at}@larkspur.example");
        let sent = subscribe(&world, &router, ONE, &email, &email).await;
        assert_eq!(sent.status, expected, "{at}: {}", sent.text());
    }
    // The form without JavaScript has the same end, as a page.
    let form = Call::new(Method::POST, "/sayso/newsletter")
        .with("origin", crate::world::ORIGIN)
        .with("content-type", "application/x-www-form-urlencoded")
        .from(SAME_NETWORK);
    let page = form
        .send_body(&router, "email=ada3%40larkspur.example&consent=on")
        .await;
    assert_eq!(page.status, 429);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(retry_after(&page) >= 30);
}

#[tokio::test(start_paused = true)]
async fn what_every_page_needs_is_never_refused() {
    let (_world, router) = narrow().await;
    for _ in 0..200 {
        for path in ["/sayso/sayso.js", "/sayso/v1/jwks.json", "/sayso/healthz"] {
            assert_eq!(get(path).from(ONE).send(&router).await.status, 200);
        }
    }
    let mut read = 0;
    while get("/sayso/v1/notices/unknown")
        .from(ONE)
        .send(&router)
        .await
        .status
        == 404
    {
        read += 1;
    }
    assert_eq!(read, 20, "reading the database has an end");
}

#[tokio::test(start_paused = true)]
async fn a_proxy_is_not_taken_for_all_visitors() {
    let (world, _) = narrow().await;
    let with = |trust| Edge {
        proxies: Proxies {
            trust,
            header: ForwardedBy::XForwardedFor,
        },
        ..Edge::default()
    };
    let send = async |router: &Router, word: &str, chain: &str| {
        let sent = body(None, &[], &[unsigned(&world, word, GIVEN)]);
        let call = post("/sayso/v1/receipts")
            .from("127.0.0.1")
            .with("x-forwarded-for", chain);
        call.send_body(router, sent).await.status.as_u16()
    };
    let site = || vec![std::sync::Arc::clone(&world.site)];
    let told = Service::with(site(), with(Trust::Count(1))).router();
    for (at, expected) in [(1, 200), (2, 200), (3, 429)] {
        // Whatever a client writes on the left changes nothing.
        let chain = format!("192.0.2.{at}, {ONE}");
        assert_eq!(send(&told, &format!("told {at}"), &chain).await, expected);
    }
    assert_eq!(send(&told, "other", ANOTHER).await, 200);
    let untold = Service::with(site(), with(Trust::Nobody)).router();
    for at in 0..10 {
        let sent = send(&untold, &format!("untold {at}"), ONE).await;
        assert_eq!(
            sent, 200,
            "a site is not shut because nobody named its proxy"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_remembered_for_longer_than_needed_and_memory_has_an_end() {
    let rates = Rates::new(&Limits::default());
    let network = |at: u32| {
        let [_, a, b, c] = at.to_be_bytes();
        Network::V4([a, b, c])
    };
    for at in 0..100_000 {
        let _ = rates.network(network(at), Why::Opening);
    }
    assert!(rates.remembered() <= 16 * 1024, "{}", rates.remembered());
    // Newcomers share what is left, and get in.
    assert!(rates.network(network(200_000), Why::Opening).is_ok());
    advance(Duration::from_secs(1)).await;
    rates.sweep();
    assert_eq!(rates.remembered(), 0, "a full share again, and forgotten");
}
