//! Keeping no longer than declared.

use sayso_server::retention::{Swept, sweep};

use crate::visitor::{GIVEN, Visitor, body, unsigned};
use crate::world::World;

const PATH: &str = "/sayso/v1/receipts";
const DAY: u64 = 86_400_000;

/// The demo, keeping what is signed for ten days and what is witnessed for three.
async fn keeping() -> World {
    let change = |site: &mut sayso_server::site::Site| {
        site.config.keep.signed_days = Some(10);
        site.config.keep.witnessed_days = Some(3);
        site.config.keep.address_days = None;
    };
    World::with(|text| text, change).await
}

async fn kept(world: &World) -> Vec<u64> {
    let size = world.site.ledger.size().await.expect("read");
    let mut kept = Vec::new();
    for index in 0..size {
        if world
            .site
            .ledger
            .by_index(index)
            .await
            .expect("read")
            .is_some()
        {
            kept.push(index);
        }
    }
    kept
}

fn receipts(receipts: u64) -> Swept {
    Swept {
        receipts,
        addresses: 0,
    }
}

#[tokio::test]
async fn each_kind_goes_when_its_days_are_over() {
    let world = keeping().await;
    let visitor = Visitor::new();
    let post = async |word: &str| {
        let receipt = visitor.receipt(&world, word);
        let witnessed = unsigned(&world, &format!("{word} unsigned"), GIVEN);
        let both = world.post(PATH, body(None, &[&receipt], &[witnessed]));
        assert_eq!(both.send().await.results().len(), 2);
    };
    post("first").await;
    world.advance(2 * DAY);
    post("second").await;
    assert_eq!(sweep(&world.site).await, Ok(receipts(0)));
    assert_eq!(kept(&world).await, [0, 1, 2, 3]);

    world.advance(DAY + 1);
    assert_eq!(
        sweep(&world.site).await,
        Ok(receipts(1)),
        "the first witnessed one"
    );
    assert_eq!(sweep(&world.site).await, Ok(receipts(0)), "once");
    assert_eq!(kept(&world).await, [0, 2, 3]);

    world.advance(7 * DAY);
    assert_eq!(sweep(&world.site).await, Ok(receipts(2)));
    assert_eq!(kept(&world).await, [2]);

    world.advance(3650 * DAY);
    assert_eq!(sweep(&world.site).await, Ok(receipts(1)));
    assert_eq!(kept(&world).await, [0_u64; 0]);
    let gone = visitor.receipt(&world, "first");
    world
        .post(PATH, body(None, &[&gone], &[]))
        .send()
        .await
        .refused(410, "erased");
}

#[tokio::test]
async fn without_rules_everything_is_kept() {
    let change = |site: &mut sayso_server::site::Site| {
        site.config.keep.signed_days = None;
        site.config.keep.witnessed_days = None;
    };
    let world = World::with(|text| text, change).await;
    let receipt = Visitor::new().receipt(&world, "one");
    world
        .post(PATH, body(None, &[&receipt], &[]))
        .send()
        .await
        .result();
    world.advance(36_500 * DAY);
    assert_eq!(sweep(&world.site).await, Ok(receipts(0)));
    assert_eq!(kept(&world).await, [0]);
}

#[tokio::test]
async fn a_long_sweep_ends() {
    let world = keeping().await;
    let visitor = Visitor::new();
    for chunk in 0..64 {
        let all: Vec<String> = (0..10)
            .map(|number| visitor.receipt(&world, &format!("{chunk} {number}")))
            .collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        world
            .post(PATH, body(None, &all, &[]))
            .send()
            .await
            .results();
    }
    world.advance(11 * DAY);
    assert_eq!(sweep(&world.site).await, Ok(receipts(640)));
    assert_eq!(kept(&world).await, [0_u64; 0]);
}
