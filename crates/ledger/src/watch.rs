//! What a store's writer tells whoever watches it: how it works, never what on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// One transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// How many receipts and other writes were in it.
    pub weight: usize,
    /// From its first write until it was on stable storage.
    pub took: Duration,
}

/// Whoever watches; told on the writer's own thread, so it must not wait for anything.
pub trait Watcher: Send + Sync {
    /// A transaction is on stable storage.
    fn committed(&self, commit: Commit);
}

/// Who watches, and how much waits.
#[derive(Default)]
pub(crate) struct Watched {
    watcher: RwLock<Option<Arc<dyn Watcher>>>,
    waiting: AtomicU64,
}

impl Watched {
    /// The last to come stays.
    pub(crate) fn by(&self, watcher: Arc<dyn Watcher>) {
        *self.watcher.write().unwrap_or_else(PoisonError::into_inner) = Some(watcher);
    }

    pub(crate) fn queued(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn taken(&self, jobs: usize) {
        self.waiting.fetch_sub(jobs as u64, Ordering::Relaxed);
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(crate) fn committed(&self, weight: usize, took: Duration) {
        let watcher = self.watcher.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(watcher) = watcher.as_ref() {
            watcher.committed(Commit { weight, took });
        }
    }
}
