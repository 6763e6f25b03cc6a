//! A disk that fills and empties: what is refused meanwhile, and that it resumes by itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use sayso_server::disk::{Disk, Probe, Room};
use sayso_server::edge::Edge;
use sayso_server::health::Health;
use sayso_server::service::Service;

use crate::call::{get, post};
use crate::visitor::{GIVEN, body, unsigned};
use crate::world::World;

const MIB: u64 = 1 << 20;

/// A disk of 100 MiB that tests fill.
struct Filling(AtomicU64);

impl Probe for Filling {
    fn room(&self) -> io::Result<Room> {
        match self.0.load(Ordering::Relaxed) {
            u64::MAX => Err(io::Error::other("gone")),
            free => Ok(Room {
                free,
                total: 100 * MIB,
            }),
        }
    }
}

struct Filled {
    world: World,
    probe: Arc<Filling>,
    disk: Disk,
    health: Health,
    router: Router,
}

async fn filled() -> Filled {
    let world = World::new().await;
    let probe = Arc::new(Filling(AtomicU64::new(50 * MIB)));
    let disk = Disk::new(Arc::clone(&probe) as Arc<dyn Probe>);
    let health = Health::new(disk.clone());
    let edge = Edge {
        health: health.clone(),
        ..Edge::default()
    };
    let router = Service::with(vec![Arc::clone(&world.site)], edge).router();
    Filled {
        world,
        probe,
        disk,
        health,
        router,
    }
}

impl Filled {
    fn free(&self, bytes: u64) {
        self.probe.0.store(bytes, Ordering::Relaxed);
        self.disk.look();
    }

    async fn answer(&self, word: &str, choices: &str) -> crate::world::Answer {
        let sent = body(None, &[], &[unsigned(&self.world, word, choices)]);
        post("/sayso/v1/receipts")
            .send_body(&self.router, sent)
            .await
    }

    async fn ready(&self) -> u16 {
        get("/sayso/readyz")
            .send(&self.router)
            .await
            .status
            .as_u16()
    }
}

#[tokio::test]
async fn opening_stops_first_then_shutting_and_both_resume() {
    let disk = filled().await;
    disk.answer("before", GIVEN).await.result();
    assert_eq!(disk.ready().await, 200);

    disk.free(3 * MIB);
    let refused = disk.answer("low", GIVEN).await;
    refused.refused(503, "unavailable");
    let wait: u32 = refused
        .header("retry-after")
        .expect("when")
        .parse()
        .expect("seconds");
    assert!((30..=60).contains(&wait), "{wait}");
    assert!(!refused.text().contains("disk"), "nobody's business");
    let no = "analytics:r1.fw4~necessary:n1";
    disk.answer("a no while low", no).await.result();
    assert_eq!(disk.ready().await, 503);

    disk.free(MIB);
    disk.answer("a no when full", no)
        .await
        .refused(503, "unavailable");
    let script = get("/sayso/sayso.js").send(&disk.router).await;
    assert_eq!(script.status, 200, "reading goes on");

    disk.free(50 * MIB);
    disk.answer("after", GIVEN).await.result();
    assert_eq!(disk.ready().await, 200);
}

#[tokio::test]
async fn a_disk_that_cannot_be_read_changes_nothing() {
    let disk = filled().await;
    disk.free(u64::MAX);
    disk.answer("still", GIVEN).await.result();
    disk.free(0);
    disk.free(u64::MAX);
    disk.answer("full", GIVEN).await.refused(503, "unavailable");
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_at_without_being_asked() {
    let disk = filled().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let watching = tokio::spawn(disk.disk.clone().watch(stopped));
    disk.probe.0.store(0, Ordering::Relaxed);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    disk.answer("full", GIVEN).await.refused(503, "unavailable");
    disk.probe.0.store(50 * MIB, Ordering::Relaxed);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    disk.answer("room", GIVEN).await.result();
    stop.send(true).expect("it watches");
    watching.await.expect("it ends");
}

#[tokio::test]
async fn a_process_that_is_about_to_end_is_not_ready() {
    let disk = filled().await;
    disk.health.stop();
    let answer = get("/sayso/readyz").send(&disk.router).await;
    answer.refused(503, "unavailable");
    assert!(!answer.text().contains("stop"), "{}", answer.text());
    assert_eq!(get("/sayso/healthz").send(&disk.router).await.status, 200);
}
