//! Places for the writes of a site that are under way.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many writes of a site may be under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Of every kind.
    pub all: usize,
    /// How many more, if they only shut.
    pub reserved: usize,
}

impl Room {
    /// So many, and a quarter as many more if they only shut.
    pub fn of(all: usize) -> Self {
        Self {
            all,
            reserved: all / 4,
        }
    }
}

impl Default for Room {
    /// More than one transaction takes, fewer than the ledger's queue holds, and few enough to be answered within a
    /// fraction of a second.
    fn default() -> Self {
        Self::of(1024)
    }
}

/// The places of one site.
#[derive(Clone)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    /// With fewer free ones than this there is a crowd: half of them. Below that nobody is turned away soon, and who came
    /// first is best served first.
    quiet: usize,
}

impl Places {
    /// All of them free.
    pub(super) fn new(room: Room) -> Self {
        Self {
            all: Arc::new(Semaphore::new(room.all)),
            reserved: Arc::new(Semaphore::new(room.reserved)),
            quiet: room.all / 2,
        }
    }

    /// A place that anything may have.
    pub(super) fn common(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).try_acquire_owned().ok()
    }

    /// A place for what only shuts.
    pub(super) fn any(&self) -> Option<OwnedSemaphorePermit> {
        let reserved = || Arc::clone(&self.reserved).try_acquire_owned().ok();
        self.common().or_else(reserved)
    }

    /// Whether what opens has no place.
    pub(super) fn is_full(&self) -> bool {
        self.all.available_permits() == 0
    }

    /// Whether what shuts has none either.
    pub(super) fn is_crammed(&self) -> bool {
        self.is_full() && self.reserved.available_permits() == 0
    }

    /// In a crowd, whoever has a place lets all who stand at the door be heard first. What is done in a place takes a
    /// hundred times as long as giving one out; so whoever finds none is told at once, and does not wait in a socket,
    /// uncounted, behind those who have.
    pub(super) async fn give_way(&self) {
        if self.all.available_permits() < self.quiet {
            tokio::task::yield_now().await;
        }
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places")
            .field("free", &self.all.available_permits())
            .finish_non_exhaustive()
    }
}
