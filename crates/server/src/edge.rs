//! What stands between sockets and handlers, the same for every site of a process.

use crate::client::Proxies;
use crate::disk::Disk;
use crate::guard::room::Room;
use crate::health::Health;
use crate::metrics::Metrics;

/// What every request passes.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Whether the process can do its work.
    pub health: Health,
    /// What is counted.
    pub metrics: Metrics,
    /// Which proxies stand in front.
    pub proxies: Proxies,
    /// How many writes of a site may be under way.
    pub room: Room,
}

impl Default for Edge {
    /// No disk to watch, no proxies.
    fn default() -> Self {
        Self {
            health: Health::new(Disk::unwatched()),
            metrics: Metrics::new(),
            proxies: Proxies::default(),
            room: Room::default(),
        }
    }
}
