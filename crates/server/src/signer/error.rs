//! Why a site's keys cannot be used. Each says what to do about it.

use std::io;

/// Why a site's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A database without its keys.
    #[error(
        "{path} is missing although the site has a database: restore the key from its backup; \
         with a new key, what is kept could no longer be read or shown to be ours"
    )]
    Missing {
        /// The file.
        path: String,
    },
    /// A log with entries and without its key.
    #[error(
        "{path} is missing although the log has {entries} entries: restore the key from its backup; \
         a log signed by a new key is another log, and nobody who knows this one would believe it"
    )]
    LogKey {
        /// The file.
        path: String,
        /// How many entries the log has.
        entries: u64,
    },
    /// A file that should not be there yet.
    #[error("{path} exists already: keys are never overwritten; move the folder away first")]
    Exists {
        /// The file.
        path: String,
    },
    /// Not a key of ours.
    #[error(
        "{path} does not hold a key: expected the line \"sayso-secret-key-1 {name} <43 characters>\" first"
    )]
    Form {
        /// The file.
        path: String,
        /// What the key is for.
        name: &'static str,
    },
    /// Others can read it.
    #[error("{path} can be read by others than its owner; run: chmod 600 {path}")]
    Open {
        /// The file.
        path: String,
    },
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What it said.
        source: io::Error,
    },
    /// The bytes make no key pair.
    #[error("{path} holds a key that cannot be used")]
    Unusable {
        /// The file.
        path: String,
    },
    /// The log's origin cannot name a key.
    #[error(
        "the log's origin {origin:?} cannot name its key: it may hold no spaces and no plus signs"
    )]
    Origin {
        /// The origin.
        origin: String,
    },
}
