//! Headers of every answer, by the matrix: who may read it, who may post, what a browser may do with it.

use axum::http::Method;

use crate::call::{Call, get};
use crate::visitor::{GIVEN, body, unsigned};
use crate::world::World;

#[tokio::test]
async fn every_answer_of_every_kind_carries_them() {
    let world = World::new().await;
    let paths = [
        (Method::GET, "/sayso/sayso.js"),
        (Method::GET, "/sayso/snippet.js"),
        (Method::GET, "/sayso/preferences"),
        (Method::GET, "/sayso/newsletter"),
        (Method::GET, "/sayso/confirm?t=x"),
        (Method::GET, "/sayso/v1/jwks.json"),
        (Method::GET, "/sayso/v1/openapi.json"),
        (Method::GET, "/sayso/healthz"),
        (Method::GET, "/sayso/readyz"),
        (Method::GET, "/sayso/v1/notices/x"),
        (Method::GET, "/sayso/no/such/thing"),
        (Method::GET, "/elsewhere"),
        (Method::GET, "/sayso/preferences?lang=de&lang=en"),
        (Method::GET, "/sayso/%ff"),
        (Method::POST, "/sayso/v1/receipts"),
        (Method::OPTIONS, "/sayso/v1/receipts"),
        (Method::DELETE, "/sayso/v1/receipts"),
        (Method::HEAD, "/sayso/sayso.js"),
    ];
    for (method, path) in paths {
        let answer = world.ask(method.clone(), path).send().await;
        let header = |name: &str| {
            let value = answer.header(name);
            value.unwrap_or_else(|| panic!("{method} {path} has no {name}"))
        };
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(["no-referrer", "same-origin"].contains(&header("referrer-policy")));
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert!(header("permissions-policy").contains("geolocation=()"));
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        let readable = answer.header("access-control-allow-origin").is_some();
        let expected = if readable {
            "cross-origin"
        } else {
            "same-origin"
        };
        assert_eq!(
            header("cross-origin-resource-policy"),
            expected,
            "{method} {path}"
        );
        // It speaks for a whole host: the proxy's word, not ours.
        assert!(answer.header("strict-transport-security").is_none());
        if answer.status.is_client_error() && !path.contains("confirm") {
            let media = answer.header("content-type");
            assert_eq!(media, Some("application/problem+json"), "{method} {path}");
        }
    }
}

/// Who asks, how, and what comes of it.
#[tokio::test]
async fn origins_by_the_matrix() {
    let world = World::new().await;
    let own = "https://larkspur.example";
    let sibling = "https://other.larkspur.example";
    let foreign = "https://evil.example";
    // A route, and the answer to: its own origin, a listed one, a foreign one, an opaque one, none, two.
    let answers = body(None, &[], &[unsigned(&world, "a", GIVEN)]);
    let rows: [(Method, &str, Vec<u8>, [u16; 6]); 8] = [
        (
            Method::POST,
            "/sayso/v1/receipts",
            answers,
            [200, 200, 403, 403, 403, 403],
        ),
        (
            Method::POST,
            "/sayso/v1/addresses",
            b"{}".to_vec(),
            [400, 400, 403, 403, 403, 403],
        ),
        (
            Method::POST,
            "/sayso/newsletter",
            Vec::new(),
            [422, 422, 403, 403, 403, 403],
        ),
        (
            Method::OPTIONS,
            "/sayso/v1/receipts",
            Vec::new(),
            [204, 204, 403, 403, 403, 403],
        ),
        (
            Method::OPTIONS,
            "/sayso/v1/addresses",
            Vec::new(),
            [204, 204, 403, 403, 403, 403],
        ),
        (
            Method::OPTIONS,
            "/sayso/v1/erasures",
            Vec::new(),
            [204, 204, 403, 403, 403, 403],
        ),
        (Method::GET, "/sayso/v1/jwks.json", Vec::new(), [200; 6]),
        (Method::POST, "/sayso/unsubscribe?t=x", Vec::new(), [410; 6]),
    ];
    for (method, path, sent, expected) in rows {
        let origins: [&[&str]; 6] = [
            &[own],
            &[sibling],
            &[foreign],
            &["null"],
            &[],
            &[own, foreign],
        ];
        for (origins, expected) in origins.into_iter().zip(expected) {
            let mut call = Call::new(method.clone(), path).with("content-type", "text/plain");
            for origin in origins {
                call = call.with("origin", origin);
            }
            let answer = call.send_body(&world.router(), sent.clone()).await;
            assert_eq!(
                answer.status,
                expected,
                "{method} {path} {origins:?}: {}",
                answer.text()
            );
            let allowed = answer.header("access-control-allow-origin");
            match (path, origins) {
                ("/sayso/v1/jwks.json", _) => assert_eq!(allowed, Some("*")),
                (path, [one]) if path.contains("/v1/") && expected != 403 => {
                    assert_eq!(allowed, Some(*one));
                    assert_eq!(answer.header("vary"), Some("origin"));
                }
                _ => assert_eq!(allowed, None, "{path} {origins:?}"),
            }
            // Credentials are never invited: what is sent speaks for itself.
            assert!(answer.header("access-control-allow-credentials").is_none());
        }
    }
}

#[tokio::test]
async fn nothing_of_a_request_comes_back() {
    let world = World::new().await;
    let mark = "r3flected";
    let names = [
        "accept",
        "accept-language",
        "client-ip",
        "cookie",
        "forwarded",
        "if-none-match",
        "origin",
        "range",
        "referer",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-real-ip",
    ];
    let paths = [
        "/sayso/sayso.js",
        "/sayso/preferences?lang=r3flected",
        "/sayso/newsletter?lang=r3flected",
        "/sayso/a/r3flected",
        "/sayso/r3flected",
        "/r3flected",
        "/sayso/v1/notices/r3flected",
        "/sayso/v1/log/proof/r3flected",
        "/sayso/tile/r3flected",
        "/sayso/unsubscribe?t=r3flected",
    ];
    for path in paths {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            let mut call = Call::new(method.clone(), path);
            for name in names {
                call = call.with(name, &format!("https://{mark}.example"));
            }
            let answer = call.send(&world.router()).await;
            assert!(
                !answer.text().contains(mark),
                "{method} {path}: {}",
                answer.text()
            );
            for (name, value) in &answer.headers {
                let value = String::from_utf8_lossy(value.as_bytes());
                assert!(!value.contains(mark), "{method} {path}: {name}: {value}");
            }
        }
    }
    assert_eq!(
        get("/sayso/healthz").send(&world.router()).await.status,
        200
    );
}
