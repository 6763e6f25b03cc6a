//! The demo site as a whole: pages, hits, the way to sayso, and everything that can be broken on purpose.

use std::path::Path;

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{HeaderMap, Request, Response, StatusCode, header},
    routing::{get, post},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use sayso_demo::{Demo, Faults, Kind, Options, UpstreamFault, WasmFault};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

/// A stand-in for `sayso serve` that says what it was asked.
async fn upstream() -> (String, mpsc::UnboundedReceiver<()>) {
    let (heard, receipts) = mpsc::unbounded_channel();
    let answer = |State(heard): State<mpsc::UnboundedSender<()>>,
                  headers: HeaderMap,
                  body: Bytes| async move {
        heard.send(()).expect("the test listens");
        let text = |name| {
            headers
                .get(name)
                .map(|v| v.to_str().expect("ascii").to_owned())
        };
        let seen = json!({
            "host": text(header::HOST), "origin": text(header::ORIGIN), "cookie": text(header::COOKIE),
            "body": String::from_utf8_lossy(&body),
        });
        ([(header::SET_COOKIE, "sayso=1.x.y; Path=/")], Json(seen))
    };
    let router = Router::new()
        .route("/sayso/snippet.js", get(|| async { "window.snippet=1;\n" }))
        .route(
            "/sayso/cookies.en.html",
            get(|| async { "<table><caption>Cookies</caption></table>" }),
        )
        .route("/sayso/a/app_bg.1.wasm", get(|| async { "wasm" }))
        .route("/sayso/v1/receipts", post(answer))
        .with_state(heard);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (origin, receipts)
}

async fn start(upstream: &str) -> Demo {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/demo");
    let options = Options {
        faults: true,
        ..Options::new(upstream, pages)
    };
    Demo::start(options).await.expect("the demo starts")
}

fn client() -> Client<HttpConnector, Body> {
    Client::builder(TokioExecutor::new()).build_http()
}

async fn send(request: Request<Body>) -> Response<Bytes> {
    let (head, body) = client()
        .request(request)
        .await
        .expect("an answer")
        .into_parts();
    let body = to_bytes(Body::new(body), 1 << 20).await.expect("a body");
    Response::from_parts(head, body)
}

async fn get_page(demo: &Demo, path: &str) -> Response<Bytes> {
    send(
        Request::get(demo.url(path))
            .body(Body::empty())
            .expect("request"),
    )
    .await
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).expect("UTF-8")
}

fn receipt(demo: &Demo) -> Request<Body> {
    Request::post(demo.url("/sayso/v1/receipts?x=1"))
        .header(header::ORIGIN, demo.origin())
        .header(header::COOKIE, "sayso=1.a.b")
        .body(Body::from("{\"v\":1}"))
        .expect("request")
}

#[tokio::test]
async fn a_page_has_its_parts_the_snippet_and_a_policy_with_its_own_nonce() {
    let (origin, _receipts) = upstream().await;
    let demo = start(&origin).await;
    let page = get_page(&demo, "/pricing").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .expect("ascii")
        .to_owned();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .expect("a nonce");
    assert!(text(&page).contains(&format!(
        "<script nonce=\"{nonce}\">window.snippet=1;</script>"
    )));
    assert!(text(&page).contains("href=\"/pricing\" aria-current=\"page\""));
    assert!(text(&page).contains("data-sayso-open=\"newsletter\""));
    assert!(!text(&page).contains("<!-- part:") && !text(&page).contains("<!-- sayso:"));
    let again = get_page(&demo, "/pricing").await;
    assert!(!text(&again).contains(nonce), "a nonce is used once");
    assert!(text(&get_page(&demo, "/privacy").await).contains("<caption>Cookies</caption>"));
}

#[tokio::test]
async fn every_page_is_clean_under_its_policy() {
    let (origin, _receipts) = upstream().await;
    let demo = start(&origin).await;
    for path in [
        "/",
        "/product",
        "/pricing",
        "/journal/quiet-mondays",
        "/privacy",
        "/preferences",
        "/hits",
        "/de/",
        "/ar/",
    ] {
        let page = get_page(&demo, path).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        for forbidden in [" style=\"", " onclick=", "<style", "javascript:"] {
            assert!(!text(&page).contains(forbidden), "{path} has {forbidden}");
        }
        assert!(
            text(&page).contains("/sayso/sayso.js?lang="),
            "{path} embeds Sayso"
        );
        assert!(
            text(&page).contains("data-sayso-open=\"preferences\""),
            "{path} leads to the settings"
        );
    }
}

#[tokio::test]
async fn paths_lead_to_pages_files_or_the_page_that_says_there_is_none() {
    let (origin, _receipts) = upstream().await;
    let demo = start(&origin).await;
    assert_eq!(
        get_page(&demo, "/de").await.headers()[header::LOCATION],
        "/de/"
    );
    assert_eq!(
        get_page(&demo, "/pricing.html").await.headers()[header::LOCATION],
        "/pricing"
    );
    assert_eq!(
        get_page(&demo, "/css/site.css").await.headers()[header::CONTENT_TYPE],
        "text/css"
    );
    for path in [
        "/nowhere",
        "/_parts/en/header",
        "/_parts/en/header.html",
        "/..%2f..%2fCargo.toml",
    ] {
        assert_eq!(
            get_page(&demo, path).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_goes_to_sayso_arrives_as_it_was_sent() {
    let (origin, _receipts) = upstream().await;
    let demo = start(&origin).await;
    let answer = send(receipt(&demo)).await;
    assert_eq!(answer.headers()[header::SET_COOKIE], "sayso=1.x.y; Path=/");
    let seen: Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert_eq!(seen["host"], demo.address().to_string());
    assert_eq!(seen["origin"], demo.origin());
    assert_eq!(seen["cookie"], "sayso=1.a.b");
    assert_eq!(seen["body"], "{\"v\":1}");
}

#[tokio::test]
async fn without_sayso_the_pages_still_stand() {
    let (origin, _receipts) = upstream().await;
    let demo = start(&origin).await;
    assert!(text(&get_page(&demo, "/").await).contains("window.snippet=1;"));
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let nowhere = format!("http://{}", nobody.local_addr().expect("bound"));
    drop(nobody);
    demo.set_upstream(&nowhere).expect("an origin");
    assert_eq!(
        get_page(&demo, "/sayso/sayso.js").await.status(),
        StatusCode::BAD_GATEWAY
    );
    let page = get_page(&demo, "/").await;
    assert!(
        text(&page).contains("window.snippet=1;"),
        "the pasted text stays in the page"
    );
    assert!(demo.set_upstream("https://elsewhere.example").is_err());
}

#[tokio::test]
async fn hits_are_logged_and_forgotten() {
    let demo = start("http://127.0.0.1:1").await;
    get_page(&demo, "/hits/pixel.gif?page=a").await;
    get_page(&demo, "/embed/video?id=x").await;
    get_page(&demo, "/chat.js").await;
    let report = |body: &'static str| {
        Request::post(demo.url("/hits/analytics"))
            .body(Body::from(body))
            .expect("request")
    };
    assert_eq!(
        send(report("{\"page\":\"/pricing\"}")).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        send(report("no report")).await.status(),
        StatusCode::BAD_REQUEST
    );
    let kinds: Vec<_> = demo.hits().iter().map(|hit| hit.kind).collect();
    assert_eq!(
        kinds,
        [Kind::Pixel, Kind::Frame, Kind::Chat, Kind::Analytics]
    );
    assert_eq!(demo.hits()[3].page.as_deref(), Some("/pricing"));
    let listed: Value =
        serde_json::from_slice(get_page(&demo, "/hits.json").await.body()).expect("JSON");
    assert_eq!(listed[1]["path"], "/embed/video?id=x");
    assert!(
        demo.requests()
            .iter()
            .any(|seen| seen.method == "POST" && seen.path == "/hits/analytics")
    );
    send(
        Request::post(demo.url("/hits/reset"))
            .body(Body::empty())
            .expect("request"),
    )
    .await;
    assert!(demo.hits().is_empty());
}

#[tokio::test]
async fn wasm_can_be_missing_or_stalled_until_it_is_released() {
    let (origin, _receipts) = upstream().await;
    let demo = start(&origin).await;
    let path = "/sayso/a/app_bg.1.wasm";
    demo.set_faults(Faults {
        wasm: WasmFault::Missing,
        ..Faults::default()
    });
    assert_eq!(get_page(&demo, path).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        get_page(&demo, "/sayso/snippet.js").await.status(),
        StatusCode::OK
    );
    demo.set_faults(Faults {
        wasm: WasmFault::Stalled,
        ..Faults::default()
    });
    let url = demo.url(path);
    demo.reset();
    let stalled = tokio::spawn(send(
        Request::get(url).body(Body::empty()).expect("request"),
    ));
    while demo.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(!stalled.is_finished(), "no answer while it is stalled");
    demo.set_faults(Faults::default());
    assert_eq!(text(&stalled.await.expect("no panic")), "wasm");
}

#[tokio::test]
async fn the_answer_to_a_receipt_can_be_held_although_it_arrived() {
    let (origin, mut receipts) = upstream().await;
    let demo = start(&origin).await;
    demo.set_faults(Faults {
        hold_receipts: true,
        ..Faults::default()
    });
    let answer = tokio::spawn(send(receipt(&demo)));
    receipts.recv().await.expect("the upstream heard of it");
    assert!(!answer.is_finished());
    demo.set_faults(Faults::default());
    assert_eq!(answer.await.expect("no panic").status(), StatusCode::OK);
}

#[tokio::test]
async fn the_upstream_can_be_down_or_busy_for_all_or_for_posts() {
    let (origin, _receipts) = upstream().await;
    let demo = start(&origin).await;
    for (fault, get, post) in [
        (
            UpstreamFault::Down,
            StatusCode::BAD_GATEWAY,
            StatusCode::BAD_GATEWAY,
        ),
        (
            UpstreamFault::Busy,
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (
            UpstreamFault::DownForPosts,
            StatusCode::OK,
            StatusCode::BAD_GATEWAY,
        ),
        (UpstreamFault::None, StatusCode::OK, StatusCode::OK),
    ] {
        demo.set_faults(Faults {
            upstream: fault,
            ..Faults::default()
        });
        assert_eq!(
            get_page(&demo, "/sayso/snippet.js").await.status(),
            get,
            "{fault:?}"
        );
        assert_eq!(send(receipt(&demo)).await.status(), post, "{fault:?}");
    }
}

#[tokio::test]
async fn faults_over_http_replace_all_and_set_headers_of_pages() {
    let demo = start("http://127.0.0.1:1").await;
    let set = |body: Value| {
        Request::post(demo.url("/faults"))
            .body(Body::from(body.to_string()))
            .expect("request")
    };
    let policy = json!({"headers": {"content-security-policy": "script-src 'nonce-{nonce}'", "x-more": "1"}});
    assert_eq!(send(set(policy)).await.status(), StatusCode::OK);
    let page = get_page(&demo, "/").await;
    assert!(
        page.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ascii")
            .starts_with("script-src 'nonce-")
    );
    assert!(
        !page.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .expect("ascii")
            .contains('{')
    );
    assert_eq!(page.headers()["x-more"], "1");
    assert_eq!(
        send(set(json!({"wasm": "stalled"}))).await.status(),
        StatusCode::OK
    );
    assert_eq!(
        demo.faults(),
        Faults {
            wasm: WasmFault::Stalled,
            ..Faults::default()
        }
    );
    assert_eq!(
        send(set(json!({"wasn": "stalled"}))).await.status(),
        StatusCode::BAD_REQUEST
    );
    send(set(json!({}))).await;
    assert_eq!(demo.faults(), Faults::default());
}
