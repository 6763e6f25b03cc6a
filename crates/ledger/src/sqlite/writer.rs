//! The one thread that writes: it drains what is queued into one transaction, commits, and only then answers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::error::LedgerError;
use crate::ledger::Answer;

/// At most so many jobs go into one transaction.
const BATCH: usize = 512;

/// The door to the writer thread.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    stopped: Arc<Stop>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Set for good when the file proves damaged: nothing more is written until an operator has looked.
#[derive(Default)]
struct Stop {
    set: AtomicBool,
    why: Mutex<String>,
}

impl Writer {
    pub(super) fn start(connection: Connection, room: usize) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(room);
        let stopped = Arc::new(Stop::default());
        let stop = Arc::clone(&stopped);
        let thread = std::thread::Builder::new()
            .name("sayso-ledger".to_owned())
            .spawn(move || run(connection, &jobs, &stop))?;
        Ok(Self {
            queue: Some(queue),
            stopped,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues a write and answers with its result once it is committed. The work may run more than once; only its last
    /// run counts.
    pub(super) fn write<T, F>(&self, work: F) -> Answer<'static, T>
    where
        T: Send + 'static,
        F: FnMut(&Transaction<'_>) -> Result<T, WorkError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task {
            work,
            value: None,
            reply,
        });
        let queued = match &self.queue {
            _ if self.stopped.is_set() => Err(self.stopped.error()),
            None => Err(LedgerError::Unavailable(
                "the ledger is shutting down".to_owned(),
            )),
            Some(queue) => queue.try_send(job).map_err(|error| match error {
                TrySendError::Full(_) => LedgerError::Busy,
                TrySendError::Disconnected(_) => {
                    LedgerError::Unavailable("the writer thread has ended".to_owned())
                }
            }),
        };
        Box::pin(async move {
            queued?;
            answer
                .await
                .map_err(|_| LedgerError::Unavailable("the writer thread has ended".to_owned()))?
        })
    }

    /// Whether writes are still taken.
    pub(super) fn health(&self) -> Result<(), LedgerError> {
        if self.stopped.is_set() {
            Err(self.stopped.error())
        } else {
            Ok(())
        }
    }
}

impl Drop for Writer {
    /// Lets the thread finish what was queued.
    fn drop(&mut self) {
        self.queue = None;
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Stop {
    fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire)
    }

    fn set(&self, why: String) {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
        self.set.store(true, Ordering::Release);
    }

    fn error(&self) -> LedgerError {
        LedgerError::Unavailable(
            self.why
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        )
    }
}

/// Why a job's work failed.
#[derive(Debug)]
pub(super) enum WorkError {
    /// SQLite said so.
    Sqlite(rusqlite::Error),
    /// The ledger's own reason.
    Ledger(LedgerError),
}

impl From<rusqlite::Error> for WorkError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<LedgerError> for WorkError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<WorkError> for LedgerError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Sqlite(error) => LedgerError::Unavailable(error.to_string()),
            WorkError::Ledger(error) => error,
        }
    }
}

trait Job: Send {
    fn work(&mut self, tx: &Transaction<'_>) -> Result<(), WorkError>;
    fn answer(self: Box<Self>, committed: Result<(), LedgerError>);
}

struct Task<T, F> {
    work: F,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, LedgerError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&Transaction<'_>) -> Result<T, WorkError> + Send,
{
    fn work(&mut self, tx: &Transaction<'_>) -> Result<(), WorkError> {
        self.value = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), LedgerError>) {
        let value = self.value;
        let lost = || LedgerError::Unavailable("the write was not carried out".to_owned());
        // Nobody waits any more when a client has hung up; what was committed stays committed.
        let _ = self
            .reply
            .send(committed.and_then(|()| value.ok_or_else(lost)));
    }
}

fn run(mut connection: Connection, jobs: &Receiver<Box<dyn Job>>, stop: &Stop) {
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let Ok(job) = jobs.try_recv() else { break };
            batch.push(job);
        }
        if stop.is_set() {
            batch
                .into_iter()
                .for_each(|job| job.answer(Err(stop.error())));
            continue;
        }
        match commit(&mut connection, &mut batch) {
            Ok(()) => batch.into_iter().for_each(|job| job.answer(Ok(()))),
            Err(error) if batch.len() == 1 => refuse(batch, error, stop),
            // One job spoilt the batch: each gets a transaction of its own, so that the others do not suffer for it.
            Err(_) => {
                for job in batch {
                    let mut alone = vec![job];
                    match commit(&mut connection, &mut alone) {
                        Ok(()) => alone.into_iter().for_each(|job| job.answer(Ok(()))),
                        Err(error) => refuse(alone, error, stop),
                    }
                }
            }
        }
    }
}

fn commit(connection: &mut Connection, batch: &mut [Box<dyn Job>]) -> Result<(), WorkError> {
    // Dropping the transaction rolls it back.
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        job.work(&tx)?;
    }
    Ok(tx.commit()?)
}

fn refuse(batch: Vec<Box<dyn Job>>, error: WorkError, stop: &Stop) {
    let fatal = matches!(
        &error,
        WorkError::Sqlite(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        )
    );
    let error = LedgerError::from(error);
    tracing::error!(%error, fatal, "a write to the ledger failed");
    if fatal {
        stop.set(format!("writing stopped after: {error}"));
    }
    batch
        .into_iter()
        .for_each(|job| job.answer(Err(error.clone())));
}
