//! One write with whoever waits for it.

use tokio::sync::oneshot;

use crate::error::LedgerError;
use crate::sqlite::error::WorkError;
use crate::sqlite::store::Batch;

/// A write in the queue.
pub(in crate::sqlite) trait Job: Send {
    /// How many receipts it brings.
    fn weight(&self) -> usize;
    /// Does it within the transaction.
    fn work(&mut self, batch: &mut Batch<'_>) -> Result<(), WorkError>;
    /// Completes its answer when the whole batch is known, before the commit.
    fn settle(&mut self, batch: &mut Batch<'_>) -> Result<(), WorkError>;
    /// Whether nothing of what it removed may be left in any file when it is answered.
    fn scrubs(&self) -> bool;
    /// Answers.
    fn answer(self: Box<Self>, result: &Result<(), LedgerError>);
}

type Settle<T> = fn(&mut T, &mut Batch<'_>) -> Result<(), WorkError>;

/// A job made of a closure.
pub(in crate::sqlite) struct Task<T, F> {
    work: F,
    settle: Settle<T>,
    weight: usize,
    scrubs: bool,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, LedgerError>>,
}

impl<T, F> Task<T, F>
where
    F: FnMut(&mut Batch<'_>) -> Result<T, WorkError>,
{
    pub(in crate::sqlite) fn new(work: F, reply: oneshot::Sender<Result<T, LedgerError>>) -> Self {
        Self {
            work,
            settle: |_, _| Ok(()),
            weight: 1,
            scrubs: false,
            value: None,
            reply,
        }
    }

    /// With so many receipts, whose answers are completed at the end of the batch.
    pub(in crate::sqlite) fn settled(self, weight: usize, settle: Settle<T>) -> Self {
        Self {
            settle,
            weight,
            ..self
        }
    }

    /// Answered only when nothing of what it removed is left in any file.
    pub(in crate::sqlite) fn scrubbed(self) -> Self {
        Self {
            scrubs: true,
            ..self
        }
    }
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&mut Batch<'_>) -> Result<T, WorkError> + Send,
{
    fn weight(&self) -> usize {
        self.weight
    }

    fn work(&mut self, batch: &mut Batch<'_>) -> Result<(), WorkError> {
        self.value = Some((self.work)(batch)?);
        Ok(())
    }

    fn settle(&mut self, batch: &mut Batch<'_>) -> Result<(), WorkError> {
        match &mut self.value {
            Some(value) => (self.settle)(value, batch),
            None => Ok(()),
        }
    }

    fn scrubs(&self) -> bool {
        self.scrubs
    }

    fn answer(self: Box<Self>, result: &Result<(), LedgerError>) {
        let value = self.value;
        let lost = || LedgerError::Unavailable("the write was not carried out".to_owned());
        let answer = result.clone().and_then(|()| value.ok_or_else(lost));
        // Nobody waits any more when a client has hung up; what was committed stays committed.
        let _ = self.reply.send(answer);
    }
}
