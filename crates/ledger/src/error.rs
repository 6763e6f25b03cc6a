//! Why the ledger could not do what it was asked.

/// Why the ledger could not do what it was asked. Nothing was stored in any of these cases, unless the sentence says so.
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
    /// Not a ledger of ours.
    #[error(
        "{path} is not a ledger of this version: it is another program's file, or a draft from before the first release; move it away and a new ledger is made"
    )]
    Foreign {
        /// The database file.
        path: String,
    },
    /// The ledger and its salts belong to different logs.
    #[error(
        "{path} and the salts.db beside it belong to different ledgers; restore the two that belong together"
    )]
    Strangers {
        /// The database file.
        path: String,
    },
    /// The salts are older than the ledger.
    #[error(
        "the salts.db beside {path} is older than it: {entries} entries, but salts for {salts} only; restore a newer salts.db"
    )]
    SaltsBehind {
        /// The database file.
        path: String,
        /// How many entries there are.
        entries: i64,
        /// How many have a salt.
        salts: i64,
    },
    /// Another process has it open for writing.
    #[error("{path} is locked: another process has this ledger open; stop that one first")]
    InUse {
        /// The lock file.
        path: String,
    },
    /// The lock file cannot be made.
    #[error("{path} cannot be locked: {source}")]
    Lock {
        /// The lock file.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// What is stored cannot be taken up again.
    #[error("{path} cannot be opened as a ledger: {source}")]
    Ledger {
        /// The database file.
        path: String,
        /// Why.
        source: LedgerError,
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
