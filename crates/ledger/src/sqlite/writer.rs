//! The one thread that writes: it drains what is queued into one transaction, commits, and only then answers.

mod job;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::WorkError;
use super::store::{Batch, Failure, Store};
use crate::error::LedgerError;
use crate::ledger::Answer;
use crate::watch::Watched;
pub(super) use job::{Job, Task};

/// At most so many jobs, or so many receipts, go into one transaction.
const BATCH: usize = 512;

/// The door to the writer thread.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    stopped: Arc<Stop>,
    watched: Arc<Watched>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How often to try whether a failure has passed.
const AGAIN: Duration = Duration::from_secs(1);

/// What keeps the writer from writing.
#[derive(Default)]
struct Stop {
    /// For good, when the disk cannot be relied on: nothing more is written until an operator has looked.
    set: AtomicBool,
    /// For now, as when the disk is full: it passes by itself, and is tried again and again.
    failing: AtomicBool,
    why: Mutex<String>,
}

impl Writer {
    pub(super) fn start(store: Store, room: usize) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(room);
        let stopped = Arc::new(Stop::default());
        let stop = Arc::clone(&stopped);
        let watched = Arc::new(Watched::default());
        let watching = Arc::clone(&watched);
        let thread = std::thread::Builder::new()
            .name("sayso-ledger".to_owned())
            .spawn(move || run(store, &jobs, &stop, &watching))?;
        Ok(Self {
            queue: Some(queue),
            stopped,
            watched,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues a write and answers with its result once it is committed. The work may run more than once; only its last
    /// run counts.
    pub(super) fn write<T, F>(&self, work: F) -> Answer<'static, T>
    where
        T: Send + 'static,
        F: FnMut(&mut Batch<'_>) -> Result<T, WorkError> + Send + 'static,
    {
        self.carry_out(|reply| Task::new(work, reply))
    }

    /// The same for a job that is more than its work.
    pub(super) fn carry_out<T: Send + 'static, J: Job + 'static>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, LedgerError>>) -> J,
    ) -> Answer<'static, T> {
        let (reply, answer) = oneshot::channel();
        let job: Box<dyn Job> = Box::new(job(reply));
        let queued = match &self.queue {
            _ if self.stopped.is_set() => Err(self.stopped.error()),
            None => Err(LedgerError::Unavailable(
                "the ledger is shutting down".to_owned(),
            )),
            Some(queue) => {
                // Counted first: the thread may have taken it before this one goes on.
                self.watched.queued();
                queue.try_send(job).map_err(|error| {
                    self.watched.taken(1);
                    match error {
                        TrySendError::Full(_) => LedgerError::Busy,
                        TrySendError::Disconnected(_) => ended(),
                    }
                })
            }
        };
        Box::pin(async move {
            queued?;
            answer.await.map_err(|_| ended())?
        })
    }

    /// Who watches, and how much waits.
    pub(super) fn watched(&self) -> &Watched {
        &self.watched
    }

    /// Whether writes are still taken, and the last one did not fail.
    pub(super) fn health(&self) -> Result<(), LedgerError> {
        if self.stopped.is_set() || self.stopped.is_failing() {
            return Err(self.stopped.error());
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        match &*thread {
            Some(thread) if !thread.is_finished() => Ok(()),
            _ => Err(ended()),
        }
    }
}

fn ended() -> LedgerError {
    LedgerError::Unavailable("the writer thread has ended".to_owned())
}

impl Drop for Writer {
    /// Lets the thread finish what was queued and close the files.
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

    fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Acquire)
    }

    fn fail(&self, why: String) {
        *self.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
        self.failing.store(true, Ordering::Release);
    }

    fn recover(&self) {
        if self.failing.swap(false, Ordering::AcqRel) {
            tracing::info!("the ledger can be written again");
        }
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

fn run(mut store: Store, jobs: &Receiver<Box<dyn Job>>, stop: &Stop, watched: &Watched) {
    while let Some(first) = next(&mut store, jobs, stop) {
        let mut weight = first.weight();
        let mut batch = vec![first];
        while batch.len() < BATCH && weight < BATCH {
            let Ok(job) = jobs.try_recv() else { break };
            weight += job.weight();
            batch.push(job);
        }
        watched.taken(batch.len());
        if stop.is_set() {
            answer(batch, &Err(stop.error()));
        } else {
            carry_out(&mut store, batch, stop, watched);
        }
    }
}

/// The next job, once there is one; `None` when none will come any more.
fn next(store: &mut Store, jobs: &Receiver<Box<dyn Job>>, stop: &Stop) -> Option<Box<dyn Job>> {
    while stop.is_failing() && !stop.is_set() {
        match jobs.recv_timeout(AGAIN) {
            Ok(job) => return Some(job),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => {
                if store.probe().is_ok() {
                    stop.recover();
                }
            }
        }
    }
    jobs.recv().ok()
}

/// Carries out a batch. One job that fails by itself is answered and left out; when the store fails, everybody is told.
fn carry_out(store: &mut Store, mut batch: Vec<Box<dyn Job>>, stop: &Stop, watched: &Watched) {
    while !batch.is_empty() {
        let started = Instant::now();
        match store.commit(&mut batch) {
            Ok(()) => {
                stop.recover();
                let weight = batch.iter().map(|job| job.weight()).sum();
                watched.committed(weight, started.elapsed());
                let (scrubbing, others) = batch.into_iter().partition(|job| job.scrubs());
                answer(others, &Ok(()));
                if !scrubbing.is_empty() {
                    answer(scrubbing, &store.scrub());
                }
                return;
            }
            Err(Failure::OfJob(at, error)) => {
                let error = LedgerError::from(error);
                tracing::error!(%error, "a write to the ledger failed");
                batch.remove(at).answer(&Err(error));
            }
            Err(Failure::OfStore(error)) => {
                let fatal = error.is_fatal();
                let error = LedgerError::from(error);
                tracing::error!(%error, fatal, "writing to the ledger failed");
                if fatal {
                    stop.set(format!("writing stopped after: {error}"));
                } else {
                    stop.fail(format!("the last write failed: {error}"));
                }
                answer(batch, &Err(error));
                return;
            }
        }
    }
}

fn answer(batch: Vec<Box<dyn Job>>, result: &Result<(), LedgerError>) {
    batch.into_iter().for_each(|job| job.answer(result));
}
