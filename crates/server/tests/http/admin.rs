//! The administrator's listener: what it says, whom it obeys, and that the public one has none of it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use sayso_server::StartError;
use sayso_server::admin::{Admin, AdminOptions, AdminToken};
use sayso_server::edge::Edge;
use sayso_server::random::OsRandom;
use sayso_server::service::Service;

use crate::call::{Call, get, post};
use crate::visitor::{GIVEN, body, unsigned};
use crate::world::World;

struct Administered {
    world: World,
    public: Router,
    admin: Router,
    token: String,
    _data: tempfile::TempDir,
}

async fn administered() -> Administered {
    let world = World::new().await;
    let data = tempfile::tempdir().expect("a folder");
    let edge = Edge::default();
    let service = Service::with(vec![Arc::clone(&world.site)], edge.clone());
    let admin = Admin {
        sites: service.sites().into(),
        token: Arc::new(AdminToken::open(data.path(), &OsRandom::new()).expect("a token")),
        health: edge.health,
        metrics: edge.metrics,
    };
    let token = std::fs::read_to_string(data.path().join("admin-token")).expect("a token");
    Administered {
        world,
        public: service.router(),
        admin: admin.router(),
        token: token.trim().to_owned(),
        _data: data,
    }
}

#[test]
fn an_address_that_others_reach_must_be_asked_for_twice() {
    for (address, anywhere, fine) in [
        ("127.0.0.1:8790", false, true),
        ("[::1]:8790", false, true),
        ("[::ffff:127.0.0.1]:8790", false, true),
        ("0.0.0.0:8790", false, false),
        ("[::]:8790", false, false),
        ("192.168.1.2:8790", false, false),
        ("0.0.0.0:8790", true, true),
    ] {
        let listen: SocketAddr = address.parse().expect("an address");
        match (AdminOptions { listen, anywhere }).checked() {
            Ok(checked) => assert!(fine && checked == listen, "{address}"),
            Err(error) => {
                assert!(!fine && matches!(error, StartError::AdminAddress { .. }));
                assert!(error.to_string().contains("--admin-anywhere"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn only_the_token_writes() {
    let world = administered().await;
    let order = r#"{"v":1,"index":0,"reason":"a test"}"#;
    let send = async |site: &str, value: Option<String>| {
        let mut call = Call::new(Method::POST, &format!("/sites/{site}/erasures"));
        if let Some(value) = value {
            call = call.with("authorization", &value);
        }
        call.send_body(&world.admin, order).await
    };
    for wrong in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(world.token.clone()),
        Some(format!("Basic {}", world.token)),
        Some(format!("Bearer {}x", world.token)),
        Some(format!("Bearer  {}", world.token)),
        Some(format!("Bearer {}", "A".repeat(43))),
    ] {
        // Before anything is said about sites: who has no token learns nothing.
        for site in ["demo", "nowhere"] {
            let answer = send(site, wrong.clone()).await;
            answer.refused(401, "unauthorized");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    let right = format!("Bearer {}", world.token);
    send("nowhere", Some(right.clone()))
        .await
        .refused(404, "not-found");
    let answer = send("demo", Some(right)).await;
    assert_ne!(answer.status, 401, "{}", answer.text());
    assert_ne!(answer.status, 404, "{}", answer.text());
}

#[tokio::test]
async fn no_page_may_ask() {
    let world = administered().await;
    for (name, value) in [
        ("origin", "http://localhost:8790"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-origin"),
    ] {
        let call = get("/metrics").with(name, value);
        call.send(&world.admin).await.refused(403, "origin");
    }
    let typed = get("/metrics").with("sec-fetch-site", "none");
    assert_eq!(typed.send(&world.admin).await.status, 200);
}

#[tokio::test]
async fn the_public_listener_has_none_of_it() {
    let world = administered().await;
    for path in [
        "/metrics",
        "/sayso/metrics",
        "/sites/demo/erasures",
        "/sayso/sites/demo/erasures",
    ] {
        for method in [Method::GET, Method::POST] {
            let call = Call::new(method.clone(), path).with("authorization", &world.token);
            let answer = call.send(&world.public).await;
            // A name below the base could be a file's, and files are only read.
            let expected = if path == "/sayso/metrics" && method == Method::POST {
                (405, "method-not-allowed")
            } else {
                (404, "not-found")
            };
            answer.refused(expected.0, expected.1);
        }
    }
    let answer = get("/sayso/sayso.js").send(&world.admin).await;
    answer.refused(404, "not-found");
    let answer = Call::new(Method::DELETE, "/metrics")
        .send(&world.admin)
        .await;
    answer.refused(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn metrics_tell_what_happened_and_of_nobody() {
    let world = administered().await;
    let sent = body(None, &[], &[unsigned(&world.world, "one", GIVEN)]);
    post("/sayso/v1/receipts")
        .from("203.0.113.9")
        .with("user-agent", "Tell-Tale/1.0")
        .send_body(&world.public, sent)
        .await
        .result();
    get("/sayso/v1/notices/none?q=secret")
        .send(&world.public)
        .await;
    Call::new(
        Method::from_bytes(b"MADEUP").expect("a method"),
        "/sayso/sayso.js",
    )
    .send(&world.public)
    .await;
    get("/sayso/nothing/here").send(&world.public).await;
    let answer = get("/metrics").send(&world.admin).await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    let text = answer.text();
    for line in [
        r#"sayso_requests_total{site="demo",route="/v1/receipts",method="POST",status="200"} 1"#,
        r#"sayso_requests_total{site="demo",route="/v1/notices/{digest}",method="GET",status="404"} 1"#,
        r#"sayso_requests_total{site="demo",route="other",method="other",status="405"} 1"#,
        r#"sayso_requests_total{site="demo",route="other",method="GET",status="404"} 1"#,
        r#"sayso_tree_size{site="demo"} 1"#,
        r#"sayso_ready{site="demo"} 1"#,
        r#"sayso_receipts_total{site="demo",outcome="kept"} 1"#,
        r#"sayso_writes_waiting{site="demo"} 0"#,
        r#"sayso_mails_waiting{site="demo"} 0"#,
        r#"sayso_commit_seconds_count{site="demo"} 1"#,
        r#"sayso_batch_size_sum{site="demo"} 1.0"#,
        r#"sayso_witness_accuses{site="demo"} 0"#,
        "sayso_disk_level 2",
        "# EOF",
    ] {
        assert!(
            text.lines().any(|own| own == line),
            "{line} is not in\n{text}"
        );
    }
    for secret in ["203.0.113", "Tell-Tale", "secret", "MADEUP", "nothing/here"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn readiness_names_the_site_and_the_trouble_here_only() {
    let world = administered().await;
    let answer = get("/readyz").send(&world.admin).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (200, "demo: ready\n")
    );
    assert_eq!(get("/healthz").send(&world.admin).await.text(), "ok\n");
}
