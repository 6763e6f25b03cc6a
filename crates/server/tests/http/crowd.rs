//! More answers at once than there is room for: who is told to come back, how, and what is not looked at before.

use std::sync::Arc;

use axum::Router;
use sayso_core::decision::Action;
use sayso_server::edge::Edge;
use sayso_server::guard::room::Room;
use sayso_server::service::Service;

use crate::call::post;
use crate::visitor::{GIVEN, Visitor, body, decision, unsigned};
use crate::world::{Answer, ORIGIN, World};

const REFUSED: &str = "analytics:r1.fw4~necessary:n1";

/// A service with so much room.
fn crowded(world: &World, all: usize, reserved: usize) -> Router {
    let edge = Edge {
        room: Room { all, reserved },
        ..Edge::default()
    };
    Service::with(vec![Arc::clone(&world.site)], edge).router()
}

async fn send(router: &Router, body: Vec<u8>) -> Answer {
    post("/sayso/v1/receipts").send_body(router, body).await
}

fn signed(world: &World, word: &str, choices: &str) -> String {
    let visitor = Visitor::new();
    let mut decision = decision(world, word, choices);
    if choices == REFUSED {
        decision.action = Action::RefuseAll;
    }
    visitor.sign(&visitor.payload(world, &decision, None))
}

/// All that an answer's head says but the time to come back at.
fn head(answer: &Answer) -> Vec<(String, String)> {
    let headers = answer.headers.iter();
    let text = |value: &axum::http::HeaderValue| value.to_str().expect("text").to_owned();
    let mut all: Vec<_> = headers
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .filter(|(name, _)| name != "retry-after" && name != "content-length")
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn who_finds_no_room_is_told_the_same_at_the_door_and_inside() {
    let world = World::new().await;
    let router = crowded(&world, 0, 1);
    let yes = body(None, &[&signed(&world, "yes", GIVEN)], &[]);
    let inside = body(None, &[], &[unsigned(&world, "unsigned", GIVEN)]);
    let inside = send(&router, inside).await;
    inside.refused(503, "busy");
    let mut waits = Vec::new();
    for _ in 0..6 {
        let answer = send(&router, yes.clone()).await;
        let problem = answer.refused(503, "busy");
        assert_eq!(problem, inside.refused(503, "busy"));
        assert_eq!(head(&answer), head(&inside));
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        let wait = answer.header("retry-after").expect("a time");
        waits.push(wait.parse::<u32>().expect("seconds"));
    }
    waits.sort_unstable();
    assert_eq!(waits, [2, 2, 3, 3, 4, 4], "spread evenly");
    let stranger = post("/sayso/v1/receipts").instead("origin", "https://elsewhere.example");
    let stranger = stranger.send_body(&router, yes.clone()).await;
    stranger.refused(503, "busy");
    assert_eq!(stranger.header("access-control-allow-origin"), None);
    // The same with room.
    send(&crowded(&world, 1, 0), yes).await.result();
}

#[tokio::test]
async fn without_room_no_signature_is_checked() {
    let world = World::new().await;
    let router = crowded(&world, 0, 1);
    let forged = signed(&world, "yes", GIVEN);
    let (input, _) = forged.rsplit_once('.').expect("three parts");
    let forged = body(None, &[&format!("{input}.{}", "A".repeat(86))], &[]);
    send(&router, forged.clone()).await.refused(503, "busy");
    let room = send(&crowded(&world, 1, 0), forged).await;
    room.refused(400, "bad-signature");
}

#[tokio::test]
async fn what_shuts_finds_its_own_room_until_that_is_taken_too() {
    let world = World::new().await;
    let no = |word| body(None, &[&signed(&world, word, REFUSED)], &[]);
    let router = crowded(&world, 0, 1);
    for word in ["one", "two", "three"] {
        send(&router, no(word)).await.result();
    }
    let unsigned = body(None, &[], &[unsigned(&world, "unsigned", REFUSED)]);
    send(&router, unsigned).await.result();
    let both = [signed(&world, "no", REFUSED), signed(&world, "yes", GIVEN)];
    let both = body(None, &[&both[0], &both[1]], &[]);
    send(&router, both).await.refused(503, "busy");
    send(&crowded(&world, 0, 0), no("four"))
        .await
        .refused(503, "busy");
}

#[tokio::test]
async fn a_body_too_long_is_refused_as_such_at_the_door() {
    let world = World::new().await;
    let router = crowded(&world, 0, 1);
    let answer = send(&router, vec![b'x'; 20_000]).await;
    answer.refused(413, "too-large");
    let garbage = send(&router, b"{".to_vec()).await;
    garbage.refused(503, "busy");
}
