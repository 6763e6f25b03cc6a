//! A slow link in user space: round trip, rate and slow start, beneath TLS, so that handshakes cost what they cost.
//!
//! Every byte of every connection leaves through one queue of the link's rate and arrives half a round trip later. A new
//! connection waits for one round trip more, as for TCP's handshake, and sends no more than its congestion window allows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// What a packet carries of a connection's bytes, and what it weighs beside them (TCP, IPv4).
const SEGMENT: usize = 1460;
const HEADERS: usize = 40;
/// Packets that may be under way before the first is acknowledged (RFC 6928).
const FIRST_WINDOW: usize = 10 * SEGMENT;
/// What a socket would hold of what is written to it.
const BUFFER: usize = 16 * 1024;

/// What the link is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// From one end to the other and back.
    pub(crate) round_trip: Duration,
    /// Bits per second towards the browser.
    pub(crate) rate: u64,
}

/// The link that all connections share.
#[derive(Debug)]
pub(crate) struct Link {
    shape: Shape,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the queue is empty.
    free: Instant,
    /// When the last byte arrived at either end.
    busy: Instant,
}

impl Link {
    pub(crate) fn new(shape: Shape) -> Arc<Self> {
        let now = Instant::now();
        let state = Mutex::new(State {
            free: now,
            busy: now,
        });
        Arc::new(Self { shape, state })
    }

    /// For how long nothing has been under way.
    pub(crate) fn quiet(&self) -> Duration {
        let busy = self.state().busy;
        Instant::now().saturating_duration_since(busy)
    }

    /// Puts the link before a connection that was just accepted.
    pub(crate) fn shape(self: &Arc<Self>, socket: TcpStream) -> DuplexStream {
        let (near, far) = duplex(BUFFER);
        let (from_browser, to_browser) = socket.into_split();
        let (from_server, to_server) = tokio::io::split(far);
        tokio::spawn(up(self.clone(), from_browser, to_server));
        tokio::spawn(down(self.clone(), from_server, to_browser));
        near
    }

    fn one_way(&self) -> Duration {
        self.shape.round_trip / 2
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a packet into the queue; when it arrives.
    fn send(&self, bytes: usize, now: Instant) -> Instant {
        let mut state = self.state();
        let bits = (bytes + HEADERS) as f64 * 8.0;
        let takes = Duration::from_secs_f64(bits / self.shape.rate as f64);
        state.free = state.free.max(now) + takes;
        let arrives = state.free + self.one_way();
        state.busy = state.busy.max(arrives);
        arrives
    }

    fn touch(&self, at: Instant) {
        let mut state = self.state();
        state.busy = state.busy.max(at);
    }
}

/// From the browser: delay alone, and the handshake before the first byte.
async fn up(
    link: Arc<Link>,
    mut from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin + Send + 'static,
) {
    let opened = Instant::now() + link.shape.round_trip;
    let deliver = deliver(to);
    let mut buffer = vec![0; BUFFER];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let arrives = Instant::now().max(opened) + link.one_way();
        link.touch(arrives);
        if deliver.send((arrives, buffer[..read].to_vec())).is_err() {
            break;
        }
    }
}

/// To the browser: the window, the shared queue, the delay.
async fn down(
    link: Arc<Link>,
    mut from: impl AsyncRead + Unpin,
    to: impl AsyncWrite + Unpin + Send + 'static,
) {
    let deliver = deliver(to);
    let mut window = Window::new();
    let mut buffer = vec![0; SEGMENT];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        while let Some(acknowledged) = window.full(read, Instant::now()) {
            sleep_until(acknowledged).await;
        }
        let arrives = link.send(read, Instant::now());
        window.sent(read, arrives + link.one_way());
        if deliver.send((arrives, buffer[..read].to_vec())).is_err() {
            break;
        }
    }
}

/// Writes each piece when it arrives; ends the stream after the last.
fn deliver(
    mut to: impl AsyncWrite + Unpin + Send + 'static,
) -> mpsc::UnboundedSender<(Instant, Vec<u8>)> {
    let (sender, mut pieces) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((arrives, piece)) = pieces.recv().await {
            sleep_until(arrives).await;
            if to.write_all(&piece).await.is_err() || to.flush().await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    });
    sender
}

/// A congestion window in slow start: it grows by what is acknowledged, and nothing is ever lost.
#[derive(Debug)]
struct Window {
    size: usize,
    under_way: usize,
    /// What was sent, and when its acknowledgement is back.
    sent: VecDeque<(Instant, usize)>,
}

impl Window {
    fn new() -> Self {
        Self {
            size: FIRST_WINDOW,
            under_way: 0,
            sent: VecDeque::new(),
        }
    }

    /// When to look again, if `bytes` more are too many now.
    fn full(&mut self, bytes: usize, now: Instant) -> Option<Instant> {
        while let Some(&(back, acknowledged)) = self.sent.front() {
            if back > now {
                break;
            }
            self.sent.pop_front();
            self.under_way -= acknowledged;
            self.size += acknowledged;
        }
        if self.under_way + bytes <= self.size {
            return None;
        }
        self.sent.front().map(|&(back, _)| back)
    }

    fn sent(&mut self, bytes: usize, back: Instant) {
        self.under_way += bytes;
        self.sent.push_back((back, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_opens_with_what_is_acknowledged() {
        let start = Instant::now();
        let later = start + Duration::from_millis(150);
        let mut window = Window::new();
        for _ in 0..10 {
            assert_eq!(window.full(SEGMENT, start), None);
            window.sent(SEGMENT, later);
        }
        assert_eq!(window.full(SEGMENT, start), Some(later));
        assert_eq!(window.full(SEGMENT, later), None);
        assert_eq!(window.size, 2 * FIRST_WINDOW);
        assert_eq!(window.under_way, 0);
    }

    #[test]
    fn packets_wait_for_one_another_and_then_travel() {
        let link = Link::new(Shape {
            round_trip: Duration::from_millis(150),
            rate: 1_600_000,
        });
        let start = Instant::now();
        // 1,500 bytes at 1.6 Mbit/s are 7.5 ms.
        let sent = |at: Instant| link.send(SEGMENT, at) - start;
        assert_eq!(sent(start), Duration::from_micros(82_500));
        assert_eq!(sent(start), Duration::from_micros(90_000));
        let later = Duration::from_secs(1);
        assert_eq!(sent(start + later), later + Duration::from_micros(82_500));
    }
}
