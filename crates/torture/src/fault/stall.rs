//! Sockets that stall: all are closed within the limit, and an honest client is served meanwhile.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use hdrhistogram::Histogram;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sayso_server::clock::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Dose, Story};
use crate::acknowledged::{Acknowledged, Fate};
use crate::http::{Connection, get, post_text};
use crate::receipt::{Mint, Signed};
use crate::server::Setup;

/// The server's own limit is 10 s; twice that on a busy machine is still a limit.
const LIMIT: Duration = Duration::from_secs(30);

/// Sockets opened at a time.
const ROUND: u64 = 64;

/// Opens `count` sockets that stall in four ways.
pub async fn run(dose: Dose) -> Result<Story> {
    make_room(dose.count + 200)?;
    let folder = tempfile::tempdir()?;
    let setup = Setup::new(folder.path())?;
    let server = setup.start().await?;
    let address = server.address();
    let mut mint = Mint::new(server.shown().await?, 4, dose.seed)?;
    let receipts = mint.receipts(2_000, SystemClock.now())?;
    let over = AtomicBool::new(false);
    let stalling = async {
        let sockets = open(address, dose.count).await?;
        let stalled = sockets.into_iter().enumerate();
        let closed = join_all(stalled.map(|(number, stream)| stall(stream, number))).await;
        over.store(true, Ordering::Relaxed);
        closed.into_iter().collect::<Result<Vec<Duration>>>()
    };
    let (closed, honest) = tokio::join!(stalling, serve(address, &receipts, &over));
    let (acknowledged, latency) = honest?;
    let slowest = closed?.into_iter().max().unwrap_or_default();
    acknowledged.verify(&server.keys().await?)?;
    let peak = server.spent()?.peak;
    ensure!(server.stop()?.success(), "sayso did not stop in order");
    crate::kept::check(&setup.data, &acknowledged).await?;
    Ok(Story::new(
        format!(
            "opened {} sockets that send nothing, half a head, a byte at a time, or half a body",
            dose.count
        ),
        format!(
            "all closed by the server, the last after {:.1} s; meanwhile an honest client had {} receipts \
             kept, p50 {:.1} ms, p99 {:.1} ms; memory at most {} MiB",
            slowest.as_secs_f64(),
            acknowledged.len(),
            latency.value_at_quantile(0.5) as f64 / 1000.0,
            latency.value_at_quantile(0.99) as f64 / 1000.0,
            peak >> 20
        ),
    ))
}

/// Lets this process, and the server that inherits it, have so many sockets.
pub fn make_room(sockets: u64) -> Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= sockets {
        return Ok(());
    }
    setrlimit(Resource::RLIMIT_NOFILE, sockets, hard.max(sockets)).with_context(|| {
        format!("this needs {sockets} open files, and {hard} are allowed: raise `ulimit -n`")
    })
}

/// Opens sockets, no more at a time than an accept queue holds: one that overflows it is open on this side alone.
async fn open(address: SocketAddr, count: u64) -> Result<Vec<(TcpStream, Instant)>> {
    let mut sockets = Vec::new();
    while (sockets.len() as u64) < count {
        for _ in 0..ROUND.min(count - sockets.len() as u64) {
            let stream = TcpStream::connect(address).await.context("connecting")?;
            sockets.push((stream, Instant::now()));
        }
        // Whoever is answered was taken after all of them.
        let mut last = Connection::new(address);
        let answer = last.exchange(&get("healthz")).await?;
        ensure!(answer.status == 200, "healthz: {}", answer.status);
    }
    Ok(sockets)
}

/// One socket that stalls; how long the server bore with it.
async fn stall((mut stream, begin): (TcpStream, Instant), number: usize) -> Result<Duration> {
    let body = post_text("v1/receipts", &"x".repeat(2_000));
    let (said, drips): (&[u8], bool) = match number % 4 {
        0 => (b"", false),
        1 => (
            b"POST /sayso/v1/receipts HTTP/1.1\r\nHost: 127.0.0.1:1\r\n",
            false,
        ),
        2 => (b"GET /sayso/", true),
        _ => (&body[..body.len() - 1_000], false),
    };
    // The server may have given up by any of these.
    let _ = stream.write_all(said).await;
    let mut buffer = [0; 1024];
    loop {
        match tokio::time::timeout(Duration::from_secs(1), stream.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return Ok(begin.elapsed()),
            Ok(Ok(_)) => {}
            Err(_) if drips => {
                let _ = stream.write_all(b"x").await;
            }
            Err(_) => {}
        }
        ensure!(
            begin.elapsed() < LIMIT,
            "a socket stalled in way {} is open after {} s",
            number % 4,
            LIMIT.as_secs()
        );
    }
}

/// An honest client: one receipt after the other until the stalling is over.
async fn serve(
    address: SocketAddr,
    receipts: &[Signed],
    over: &AtomicBool,
) -> Result<(Acknowledged, Histogram<u64>)> {
    let mut acknowledged = Acknowledged::default();
    let mut latency = Histogram::new(3)?;
    let mut connection = Connection::new(address);
    for receipt in receipts {
        let begin = Instant::now();
        let fate = acknowledged.post(&mut connection, &[receipt]).await?;
        ensure!(fate == Fate::Kept, "an honest client was told {fate:?}");
        latency.record(u64::try_from(begin.elapsed().as_micros())?)?;
        let begin = Instant::now();
        let answer = connection.exchange(&get("healthz")).await?;
        ensure!(answer.status == 200, "healthz: {}", answer.status);
        latency.record(u64::try_from(begin.elapsed().as_micros())?)?;
        if over.load(Ordering::Relaxed) {
            break;
        }
        // A person's pace: the server is to be stalled, not loaded.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok((acknowledged, latency))
}
