//! Why a command ended without doing what it was asked: one sentence for people, one exit code for scripts.

use std::fmt::Display;

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code; each command's `--help` lists its own.
    pub(crate) code: u8,
    /// What is wrong, where, and how to mend it.
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// A failure of the ordinary kind, exit code 1.
    pub(crate) fn of(error: impl Display) -> Self {
        Self::new(1, error.to_string())
    }
}
