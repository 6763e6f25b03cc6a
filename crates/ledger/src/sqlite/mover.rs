//! Moves the write-ahead logs into their files on a thread of its own, so that no write waits while the disk does that.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::error::WorkError;
use super::reader::Gate;

/// From so many pages on it is worth the work.
const SOME: i64 = 1_000;

/// Beyond so many pages the writer waits: a write-ahead log begins again at its start only when nothing is left to move.
const MANY: i64 = 8_000;

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
        if all > MANY {
            let _alone = self
                .gate
                .moving()
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            shift(connection)?;
        } else if all - moved > SOME
            && let Some(wake) = &self.wake
        {
            let _ = wake.try_send(());
        }
        Ok(())
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
