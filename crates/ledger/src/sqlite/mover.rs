//! Moves the write-ahead logs into their files on a thread of its own, so that no write waits while the disk does that.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, TryLockError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::error::WorkError;
use super::reader::Gate;

/// From so many pages on it is worth the work.
const SOME: i64 = 1_000;

/// Beyond so many pages a write-ahead log should begin again at its start. It does so only when nothing is left to move,
/// and beside a busy writer the thread never gets there: what is written during one move is left for the next.
const MANY: i64 = 8_000;

/// So few pages the writer moves itself: some milliseconds.
const FEW: i64 = 300;

/// The longer it is, the more the writer takes upon itself: this share of what it is too long by.
const SHARE: i64 = 8;

/// Beyond so many pages (96 MiB) the writer waits, whatever is left to move.
const MOST: i64 = 24_000;

/// The thread that moves.
pub(super) struct Mover {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    gate: Arc<Gate>,
}

impl Mover {
    /// Takes over two connections of its own.
    pub(super) fn start(
        ledger: Connection,
        salts: Connection,
        gate: Arc<Gate>,
    ) -> std::io::Result<Self> {
        // One wish waits at most; another would say the same.
        let (wake, wishes) = sync_channel(1);
        let turn = Arc::clone(&gate);
        let thread = std::thread::Builder::new()
            .name("sayso-mover".to_owned())
            .spawn(move || {
                while wishes.recv().is_ok() {
                    let _alone = turn.moving().lock().unwrap_or_else(PoisonError::into_inner);
                    for connection in [&ledger, &salts] {
                        // The writer meets the same error where it matters, and says so.
                        if let Err(error) = shift(connection) {
                            tracing::warn!(%error, "a write-ahead log was not moved into its file");
                        }
                    }
                }
            })?;
        Ok(Self {
            wake: Some(wake),
            thread: Some(thread),
            gate,
        })
    }

    /// Looks at a write-ahead log after a commit.
    pub(super) fn look(&self, connection: &Connection) -> Result<(), WorkError> {
        let (all, moved) = connection
            .prepare_cached("PRAGMA wal_checkpoint(NOOP)")?
            .query_row((), |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))?;
        match turn(all, all - moved) {
            Turn::Go => {}
            Turn::Wake => {
                if let Some(wake) = &self.wake {
                    let _ = wake.try_send(());
                }
            }
            Turn::Finish => match self.gate.moving().try_lock() {
                Ok(_alone) => shift(connection)?,
                Err(TryLockError::Poisoned(alone)) => {
                    let _alone = alone.into_inner();
                    shift(connection)?;
                }
                // The thread is at work; after one of the next commits there is less left.
                Err(TryLockError::WouldBlock) => {}
            },
            Turn::Wait => {
                let _alone = self
                    .gate
                    .moving()
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                shift(connection)?;
            }
        }
        Ok(())
    }
}

/// What the writer does about a write-ahead log after a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// Nothing.
    Go,
    /// Has the thread move what there is.
    Wake,
    /// Moves the little that is left, unless the thread is at it.
    Finish,
    /// Waits for the thread, and moves what is left.
    Wait,
}

/// By how long the log is, and how much of it is left to move.
fn turn(all: i64, left: i64) -> Turn {
    if all > MOST {
        Turn::Wait
    } else if all > MANY {
        if left <= FEW.max((all - MANY) / SHARE) {
            Turn::Finish
        } else {
            Turn::Wake
        }
    } else if left > SOME {
        Turn::Wake
    } else {
        Turn::Go
    }
}

/// Moves what can be moved without waiting for anybody.
fn shift(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writer_moves_little_itself_and_waits_only_for_the_longest_log() {
        for (all, left, expected) in [
            (SOME, SOME, Turn::Go),
            (SOME + 1, SOME + 1, Turn::Wake),
            (MANY, SOME, Turn::Go),
            (MANY + 1, FEW, Turn::Finish),
            (MANY + 1, FEW + 1, Turn::Wake),
            (MANY + 1, MANY + 1, Turn::Wake),
            (MOST, (MOST - MANY) / SHARE, Turn::Finish),
            (MOST, (MOST - MANY) / SHARE + 1, Turn::Wake),
            (MOST + 1, 0, Turn::Wait),
            (MOST + 1, MOST + 1, Turn::Wait),
        ] {
            assert_eq!(turn(all, left), expected, "{all} pages, {left} left");
        }
    }
}
