//! Why the ledger could not do what it was asked.

/// Why the ledger could not do what it was asked. Nothing was stored in any of these cases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The queue of writes is full; the same request may succeed a moment later.
    #[error("the ledger's queue is full")]
    Busy,
    /// The store cannot be written or read now: disk full, file gone, or shutting down.
    #[error("the ledger is unavailable: {0}")]
    Unavailable(String),
    /// What is stored does not read back: damaged, or sealed under another key.
    #[error("the ledger holds something unreadable: {0}")]
    Damaged(String),
}

/// Why a ledger could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite before 3.51.3 can corrupt a write-ahead log.
    #[error(
        "SQLite {found} is too old: 3.51.3 or later is needed, earlier ones can corrupt a write-ahead log"
    )]
    SqliteTooOld {
        /// The version linked in.
        found: &'static str,
    },
    /// The file was written by a later version.
    #[error(
        "{path} was written by a later version (schema {found}, this one knows {known}); run that version, or restore a backup"
    )]
    SchemaTooNew {
        /// The database file.
        path: String,
        /// Its schema.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// SQLite refused.
    #[error("{path} cannot be opened as a ledger: {source}")]
    Sqlite {
        /// The database file.
        path: String,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The writer thread could not be started.
    #[error("the ledger's writer thread cannot start: {0}")]
    Thread(std::io::Error),
}
