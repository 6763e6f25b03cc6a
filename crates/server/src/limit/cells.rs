//! A fixed number of cells for the limiter's state: whoever comes when all are taken shares one with others.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

/// Cells by key, and shared ones for when there are too many keys.
#[derive(Default)]
pub(super) struct Cells(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    own: HashMap<u64, Nanos>,
    shared: HashMap<u64, Nanos>,
}

impl Cells {
    /// How many keys have a cell of their own.
    pub(super) const MOST: usize = 16 * 1024;
    /// How many cells the rest shares.
    const SHARED: u64 = 1024;

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StateStore for Cells {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        self.with(|inner| {
            let full = inner.own.len() >= Self::MOST && !inner.own.contains_key(key);
            let (cells, key) = if full {
                (&mut inner.shared, *key % Self::SHARED)
            } else {
                (&mut inner.own, *key)
            };
            let (result, next) = measure(cells.get(&key).copied())?;
            cells.insert(key, next);
            Ok(result)
        })
    }
}

impl ShrinkableKeyedStateStore<u64> for Cells {
    fn retain_recent(&self, drop_below: Nanos) {
        self.with(|inner| {
            inner.own.retain(|_, cell| *cell > drop_below);
            inner.shared.retain(|_, cell| *cell > drop_below);
        });
    }

    fn shrink_to_fit(&self) {
        self.with(|inner| {
            // Some room is kept: growing again under the lock would cost those who wait for it.
            let keep = inner.own.len() * 2;
            inner.own.shrink_to(keep);
        });
    }

    fn len(&self) -> usize {
        self.with(|inner| inner.own.len())
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
