//! The accept loop over real sockets: what is slow is cut off, what is under way is answered.

use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router};
use sayso_core::wire::Problem;
use sayso_server::connection::places::Place;
use sayso_server::connection::{self, Door, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::world::World;

struct Served {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    address: std::net::SocketAddr,
}

async fn serve(router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(connection::serve(listener, router, stopped));
    Served {
        stop,
        task,
        address,
    }
}

impl Served {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("sent");
        stream
    }
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is cut off may end in a reset.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(start_paused = true)]
async fn half_a_request_is_cut_off() {
    let served = serve(Router::new()).await;
    let started = tokio::time::Instant::now();
    let stalled = stall(&served, 20).await;
    for stream in stalled {
        let answer = rest(stream).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
    }
    assert!(started.elapsed().as_secs() <= 15, "{:?}", started.elapsed());
}

async fn stall(served: &Served, count: usize) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..count {
        streams.push(served.send("GET /sayso.js HTTP/1.1\r\nHost: a").await);
    }
    streams
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let served = serve(Router::new()).await;
    let head = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n",
        "x".repeat(64 * 1024)
    );
    let answer = rest(served.send(&head).await).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let (arrived, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let router = {
        let (arrived, leave) = (Arc::clone(&arrived), Arc::clone(&leave));
        Router::new().route(
            "/",
            get(async move || {
                arrived.notify_one();
                leave.notified().await;
                "answered"
            }),
        )
    };
    let served = serve(router).await;
    let stream = served.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    arrived.notified().await;
    served.stop.send(true).expect("it runs");
    leave.notify_one();
    let answer = rest(stream).await;
    assert!(answer.ends_with("answered"), "{answer}");
    served.task.await.expect("it ends");
    assert!(
        TcpStream::connect(served.address).await.is_err(),
        "nothing listens any more"
    );
}

async fn serve_with(limits: Limits, router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = watch::channel(false);
    let door = Door {
        limits,
        ..Door::default()
    };
    let task = tokio::spawn(connection::serve_through(door, listener, router, stopped));
    Served {
        stop,
        task,
        address,
    }
}

#[tokio::test]
async fn when_all_places_are_taken_who_stalls_makes_room() {
    let limits = Limits {
        connections: 8,
        ..Limits::default()
    };
    let served = serve_with(limits, Router::new().route("/", get(async || "honest"))).await;
    let mut stalled = stall(&served, 8).await;
    for _ in 0..20 {
        let ask = served.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = rest(ask.await).await;
        assert!(answer.ends_with("honest"), "{answer}");
    }
    let first = stalled.remove(0);
    assert_eq!(rest(first).await, "", "the longest resting was cut off");
}

#[tokio::test]
async fn when_all_are_being_answered_a_newcomer_is_told_to_come_back() {
    let (arrived, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let router = {
        let (arrived, leave) = (Arc::clone(&arrived), Arc::clone(&leave));
        let held = get(async move |Extension(place): Extension<Place>| {
            let _busy = place.busy();
            arrived.notify_one();
            leave.notified().await;
            "answered"
        });
        Router::new().route("/", held)
    };
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let served = serve_with(limits, router).await;
    let first = served
        .send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    arrived.notified().await;
    let second = rest(served.send("").await).await;
    assert!(second.starts_with("HTTP/1.1 503 "), "{second}");
    assert!(second.contains("Retry-After: "), "{second}");
    let (_, body) = second.split_once("\r\n\r\n").expect("a body");
    let problem: Problem = serde_json::from_str(body).expect("a problem document");
    assert_eq!((problem.status, problem.code.as_str()), (503, "busy"));
    assert!(second.contains(&format!("Content-Length: {}\r\n", body.len())));
    leave.notify_one();
    let answer = rest(first).await;
    assert!(answer.ends_with("answered"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_cut_off() {
    let world = World::new().await;
    let served = serve(world.router()).await;
    let started = tokio::time::Instant::now();
    let mut stream = served
        .send(
            "POST /sayso/v1/receipts HTTP/1.1\r\nHost: larkspur.example\r\n\
             Origin: https://larkspur.example\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n",
        )
        .await;
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        loop {
            if writing.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    };
    let mut text = Vec::new();
    tokio::select! {
        () = trickle => unreachable!("it never ends by itself"),
        // A connection that is cut off may end in a reset.
        _ = reading.read_to_end(&mut text) => {}
    }
    let answer = String::from_utf8_lossy(&text);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"timeout\""), "{answer}");
    let took = started.elapsed().as_secs();
    assert!((9..=15).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_does_not_read_is_cut_off() {
    let long = "x".repeat(64 * 1024 * 1024);
    let served = serve(Router::new().route("/", get(async move || long.clone()))).await;
    let stream = served.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let answer = rest(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "it had begun");
    assert!(answer.len() < 64 * 1024 * 1024, "and was not finished");
}

#[tokio::test]
async fn more_headers_than_anybody_needs_are_refused() {
    let served = serve(Router::new()).await;
    let headers: String = (0..101).map(|at| format!("X-{at}: y\r\n")).collect();
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
    let answer = rest(served.send(&head).await).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let world = World::new().await;
    let served = serve(world.router()).await;
    let head = "POST /sayso/v1/receipts HTTP/1.1\r\nHost: larkspur.example\r\nOrigin: https://larkspur.example\r\n\
                Content-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n";
    let answer = rest(
        served
            .send(&format!("{head}{}", "x".repeat(32 * 1024)))
            .await,
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn whoever_was_accepted_before_the_end_is_answered() {
    let served = serve(Router::new().route("/", get(async || "answered"))).await;
    // Connected, and sent, before the loop has had a chance to look.
    let mut streams = Vec::new();
    for _ in 0..50 {
        let stream = std::net::TcpStream::connect(served.address).expect("a connection");
        stream.set_nonblocking(true).expect("set");
        let mut stream = TcpStream::from_std(stream).expect("a stream");
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .expect("sent");
        streams.push(stream);
    }
    served.stop.send(true).expect("it runs");
    for stream in streams {
        let answer = rest(stream).await;
        assert!(answer.ends_with("answered"), "{answer}");
    }
    served.task.await.expect("it ends");
}
