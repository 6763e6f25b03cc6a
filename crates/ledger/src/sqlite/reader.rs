//! A few read-only connections, used off the async threads.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use super::writer::WorkError;
use crate::error::LedgerError;
use crate::ledger::Answer;

/// How many connections are kept open when idle.
const IDLE: usize = 4;

/// Read-only connections.
pub(super) struct Readers {
    pool: Arc<Pool>,
}

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let pool = Pool {
            path: path.to_owned(),
            idle: Mutex::new(Vec::new()),
        };
        pool.give_back(pool.take()?);
        Ok(Self {
            pool: Arc::new(pool),
        })
    }

    /// Reads on a thread where blocking is allowed.
    pub(super) fn read<T, F>(&self, work: F) -> Answer<'static, T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, WorkError> + Send + 'static,
    {
        let pool = Arc::clone(&self.pool);
        Box::pin(async move {
            let task = tokio::task::spawn_blocking(move || {
                let connection = pool.take().map_err(WorkError::from)?;
                let value = work(&connection)?;
                pool.give_back(connection);
                Ok::<_, WorkError>(value)
            });
            let value = task
                .await
                .map_err(|error| LedgerError::Unavailable(error.to_string()))?;
            Ok(value?)
        })
    }
}

impl Pool {
    fn take(&self) -> rusqlite::Result<Connection> {
        if let Some(connection) = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
        {
            return Ok(connection);
        }
        let connection = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(connection);
        }
    }
}
