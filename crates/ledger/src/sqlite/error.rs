//! Why work on the files failed, and which failures end all writing.

use rusqlite::ErrorCode;

use crate::error::LedgerError;

/// Why a job's work failed.
#[derive(Debug)]
pub(super) enum WorkError {
    /// SQLite said so.
    Sqlite(rusqlite::Error),
    /// The ledger's own reason.
    Ledger(LedgerError),
}

impl WorkError {
    /// Whether the store itself failed, and not only this one piece of work.
    pub(super) fn is_of_the_store(&self) -> bool {
        match self {
            Self::Sqlite(error) => {
                error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation)
            }
            Self::Ledger(_) => false,
        }
    }

    /// Whether nothing may be written any more until somebody has looked: what the disk said cannot be relied on.
    pub(super) fn is_fatal(&self) -> bool {
        let Self::Sqlite(error) = self else {
            return false;
        };
        // A full disk shows itself in this way too, when the shared-memory file cannot grow; it passes.
        let full = error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE);
        !full
            && matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::SystemIoFailure
                        | ErrorCode::DatabaseCorrupt
                        | ErrorCode::NotADatabase
                )
            )
    }
}

impl From<rusqlite::Error> for WorkError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<LedgerError> for WorkError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<WorkError> for LedgerError {
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Sqlite(error) => {
                let corrupt = matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                );
                if corrupt {
                    LedgerError::Damaged(error.to_string())
                } else {
                    LedgerError::Unavailable(error.to_string())
                }
            }
            WorkError::Ledger(error) => error,
        }
    }
}
