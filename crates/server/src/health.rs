//! Whether the process can do its work, and what keeps it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::disk::{Disk, Level};
use crate::site::Site;

/// What health depends on, shared by every listener.
#[derive(Clone, Debug)]
pub struct Health {
    disk: Disk,
    stopping: Arc<AtomicBool>,
}

/// What keeps a site from taking what it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The process is about to end.
    Stopping,
    /// The disk is too full.
    Disk,
    /// The ledger cannot be written or read.
    Ledger,
    /// A witness saw another history of the log: nothing is published until a person has found out why.
    Rewritten,
}

impl Health {
    /// The health of a process that lives on this disk.
    pub fn new(disk: Disk) -> Self {
        Self {
            disk,
            stopping: Arc::default(),
        }
    }

    /// The disk.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// From here on nothing new should be sent here: whoever balances load goes elsewhere.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// What keeps a site from its work, if anything does.
    pub async fn trouble(&self, site: &Site) -> Option<Trouble> {
        if self.stopping.load(Ordering::Relaxed) {
            return Some(Trouble::Stopping);
        }
        if self.disk.level() < Level::Enough {
            return Some(Trouble::Disk);
        }
        if site.publication.accusation().is_some() {
            return Some(Trouble::Rewritten);
        }
        site.ledger.ready().await.err().map(|error| {
            tracing::warn!(site = %site.config.id, %error, "the ledger is not ready");
            Trouble::Ledger
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopping => "stopping",
            Self::Disk => "disk",
            Self::Ledger => "ledger",
            Self::Rewritten => "rewritten",
        })
    }
}
