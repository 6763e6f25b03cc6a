//! The accept loop over real sockets: what is slow is cut off, what is under way is answered.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use sayso_server::connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

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
