//! The disk's free space: watched, so that writing stops before it runs out and resumes when there is room again.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// How often it is looked at: a filling disk is noticed within a second.
const EVERY: Duration = Duration::from_millis(500);
/// Opening stops when less than one part in so many of the disk is free …
const SHARE: u64 = 20;
/// … or less than this many bytes, whichever is less: a twentieth of a large disk is no emergency.
const MOST: u64 = 1 << 30;
/// What only shuts goes on until a quarter of that is left.
const RESERVE: u64 = 4;

/// How much room a disk has, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// What we may still use.
    pub free: u64,
    /// All of it.
    pub total: u64,
}

/// What may still be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    Full,
    /// What only shuts.
    Low,
    /// Everything.
    Enough,
}

/// Tells how much room there is; an argument, so that tests can fill a disk.
pub trait Probe: Send + Sync {
    /// How much room there is.
    fn room(&self) -> io::Result<Room>;
}

/// The disk that a folder lies on.
#[derive(Clone, Debug)]
pub struct FolderProbe(pub PathBuf);

impl Probe for FolderProbe {
    fn room(&self) -> io::Result<Room> {
        let found = rustix::fs::statvfs(&self.0)?;
        Ok(Room {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        })
    }
}

/// A disk that is watched.
#[derive(Clone)]
pub struct Disk {
    probe: Arc<dyn Probe>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    room: Room,
    level: Level,
}

impl Disk {
    /// A disk, looked at once.
    pub fn new(probe: Arc<dyn Probe>) -> Self {
        let seen = Seen {
            room: Room::default(),
            level: Level::Enough,
        };
        let disk = Self {
            probe,
            seen: Arc::new(Mutex::new(seen)),
        };
        disk.look();
        disk
    }

    /// A disk without end, for services that nobody asked to watch one.
    pub fn unwatched() -> Self {
        struct Endless;
        impl Probe for Endless {
            fn room(&self) -> io::Result<Room> {
                Ok(Room {
                    free: u64::MAX,
                    total: u64::MAX,
                })
            }
        }
        Self::new(Arc::new(Endless))
    }

    /// What may be written, as of the last look.
    pub fn level(&self) -> Level {
        self.seen().level
    }

    /// How much room there is, as of the last look.
    pub fn room(&self) -> Room {
        self.seen().room
    }

    /// Looks again. What cannot be told changes nothing: the database has its own word on a disk that is gone.
    pub fn look(&self) {
        let room = match self.probe.room() {
            Ok(room) => room,
            Err(error) => {
                tracing::warn!(%error, "the disk's free space cannot be read");
                return;
            }
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let level = level(room, seen.level);
        match level.cmp(&seen.level) {
            std::cmp::Ordering::Less => {
                tracing::error!(
                    free = room.free,
                    total = room.total,
                    "the disk runs full: {}",
                    level.words()
                );
            }
            std::cmp::Ordering::Greater => {
                tracing::info!(
                    free = room.free,
                    total = room.total,
                    "there is room again: {}",
                    level.words()
                );
            }
            std::cmp::Ordering::Equal => {}
        }
        *seen = Seen { room, level };
    }

    /// Looks again and again until told to stop.
    pub async fn watch(self, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.look(),
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    fn seen(&self) -> Seen {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Level {
    fn words(self) -> &'static str {
        match self {
            Self::Full => "nothing is stored until there is room",
            Self::Low => "only what shuts is stored until there is room",
            Self::Enough => "everything is stored",
        }
    }
}

/// The least that must be free for opening.
fn floor(total: u64) -> u64 {
    (total / SHARE).min(MOST)
}

/// The level of some room; after a fall, an eighth more than the floor must be free before it rises again.
fn level(room: Room, before: Level) -> Level {
    let floor = floor(room.total);
    let reached = |level: Level, least: u64| {
        let least = if before < level {
            least + least / 8
        } else {
            least
        };
        room.free >= least
    };
    if reached(Level::Enough, floor) {
        Level::Enough
    } else if reached(Level::Low, floor / RESERVE) {
        Level::Low
    } else {
        Level::Full
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disk")
            .field("seen", &self.seen())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn at(free: u64, total: u64, before: Level) -> Level {
        level(Room { free, total }, before)
    }

    #[test]
    fn opening_stops_before_shutting_and_both_before_the_end() {
        let total = 100 * MIB;
        for (free, expected) in [
            (100 * MIB, Level::Enough),
            (5 * MIB, Level::Enough),
            (5 * MIB - 1, Level::Low),
            (5 * MIB / 4, Level::Low),
            (5 * MIB / 4 - 1, Level::Full),
            (0, Level::Full),
        ] {
            assert_eq!(at(free, total, Level::Enough), expected, "{free}");
        }
    }

    #[test]
    fn a_large_disk_needs_a_gibibyte_and_no_more() {
        let total = 10 * 1024 * 1024 * MIB;
        assert_eq!(at(1024 * MIB, total, Level::Enough), Level::Enough);
        assert_eq!(at(1024 * MIB - 1, total, Level::Enough), Level::Low);
    }

    #[test]
    fn it_does_not_flutter_around_the_floor() {
        let total = 80 * MIB;
        assert_eq!(at(4 * MIB, total, Level::Low), Level::Low);
        assert_eq!(at(4 * MIB + MIB / 2, total, Level::Low), Level::Enough);
        assert_eq!(at(MIB, total, Level::Full), Level::Full);
        assert_eq!(at(MIB + MIB / 8, total, Level::Full), Level::Low);
    }

    #[test]
    fn the_disk_we_stand_on_can_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let room = FolderProbe(folder.path().to_owned()).room().expect("read");
        assert!(room.free <= room.total && room.total > 0, "{room:?}");
    }
}
