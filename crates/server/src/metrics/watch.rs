//! What a ledger's writer tells of its transactions, counted.

use prometheus_client::metrics::histogram::Histogram;
use sayso_ledger::watch::{Commit, Watcher};

/// Counts what one ledger tells.
pub(super) struct SiteWatcher {
    pub(super) commits: Histogram,
    pub(super) batches: Histogram,
}

impl Watcher for SiteWatcher {
    fn committed(&self, commit: Commit) {
        self.commits.observe(commit.took.as_secs_f64());
        // At most some hundreds.
        self.batches.observe(commit.weight as f64);
    }
}
