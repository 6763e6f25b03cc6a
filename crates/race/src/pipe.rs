//! Chromium's own protocol over a pair of pipes: commands with their answers, and events.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;

/// How long an answer or an event may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Events that may wait for whoever listens.
const EVENTS: usize = 4096;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// An open pair of pipes.
#[derive(Debug)]
pub(crate) struct Pipe {
    next: AtomicU64,
    commands: mpsc::UnboundedSender<Vec<u8>>,
    waiting: Waiting,
    events: broadcast::Sender<Value>,
}

impl Pipe {
    /// Speaks over what the browser was started with.
    pub(crate) fn open(
        to: impl AsyncWrite + Unpin + Send + 'static,
        from: impl AsyncRead + Unpin + Send + 'static,
    ) -> Self {
        let (commands, sent) = mpsc::unbounded_channel();
        let waiting = Waiting::default();
        let (events, _) = broadcast::channel(EVENTS);
        tokio::spawn(write(to, sent));
        tokio::spawn(read(from, waiting.clone(), events.clone()));
        Self {
            next: AtomicU64::new(1),
            commands,
            waiting,
            events,
        }
    }

    /// Sends a command to the browser, or to the tab of a session, and gives its result.
    pub(crate) async fn call(
        &self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Result<Value> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut command = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let (answer, answered) = oneshot::channel();
        self.lock().insert(id, answer);
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        if self.commands.send(bytes).is_err() {
            bail!("{method}: the browser has gone");
        }
        let answer = timeout(PATIENCE, answered)
            .await
            .with_context(|| format!("{method}: no answer"))?
            .with_context(|| format!("{method}: the browser has gone"))?;
        match answer.get("error") {
            Some(error) => bail!("{method}: {error}"),
            None => Ok(answer["result"].clone()),
        }
    }

    /// Hears what happens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Value> {
        self.events.subscribe()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Value>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for an event, of the browser or of the tab of a session.
pub(crate) async fn heard(
    events: &mut broadcast::Receiver<Value>,
    session: Option<&str>,
    method: &str,
) -> Result<Value> {
    let wait = async {
        loop {
            match events.recv().await {
                Ok(event)
                    if event["method"] == method && event["sessionId"].as_str() == session =>
                {
                    return Ok(event["params"].clone());
                }
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => bail!("the browser has gone"),
            }
        }
    };
    timeout(PATIENCE, wait)
        .await
        .with_context(|| format!("{method} does not come"))?
}

async fn write(mut to: impl AsyncWrite + Unpin, mut sent: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(command) = sent.recv().await {
        if to.write_all(&command).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
}

async fn read(from: impl AsyncRead + Unpin, waiting: Waiting, events: broadcast::Sender<Value>) {
    let mut from = BufReader::new(from);
    let mut message = Vec::new();
    while let Ok(1..) = from.read_until(0, &mut message).await {
        message.pop();
        let value = serde_json::from_slice::<Value>(&message).unwrap_or_default();
        message.clear();
        let Some(id) = value["id"].as_u64() else {
            // Nobody need be listening.
            let _ = events.send(value);
            continue;
        };
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = waiting.remove(&id) {
            let _ = answer.send(value);
        }
    }
    // Whoever still waits learns that there will be no answer.
    waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clear();
}
