//! Why a checkpoint is not cosigned, and why a witness cannot start.

use std::path::Path;

use sayso_core::config::ConfigError;

use super::key;

/// Why a checkpoint was not cosigned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The body is not an add-checkpoint request.
    #[error("{0}")]
    Malformed(&'static str),
    /// Another log than those followed.
    #[error("this witness does not follow the log {0:?}")]
    UnknownLog(String),
    /// The log's key did not sign it.
    #[error("no signature on the checkpoint is by the log's key {0}")]
    Signature(String),
    /// The old size is beyond the checkpoint's.
    #[error("the old size {old} is larger than the checkpoint's size {size}")]
    OldSize {
        /// As the request says.
        old: u64,
        /// As the checkpoint says.
        size: u64,
    },
    /// Something else was cosigned last; the request has to start from there.
    #[error("the last checkpoint cosigned here has the size {last}")]
    Conflict {
        /// Its size.
        last: u64,
    },
    /// Of the size cosigned last, with another root.
    #[error("another tree of the size {last} was cosigned here")]
    Fork {
        /// The size.
        last: u64,
    },
    /// The proof does not lead from what was cosigned last to this checkpoint.
    #[error("the proof does not show that the tree of {size} leaves extends the one of {last}")]
    Proof {
        /// The size cosigned last.
        last: u64,
        /// The checkpoint's.
        size: u64,
    },
    /// It could not be written down, so it is not cosigned.
    #[error("the checkpoint could not be stored")]
    Storage,
}

/// Why a witness cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The configuration has faults.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Config(Vec<ConfigError>),
    /// A file or folder cannot be read, made or locked.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The key file is not one.
    #[error("{path} does not hold a witness's key: expected one line \"{mark} NAME <43 characters>\"", mark = key::MARK)]
    KeyForm {
        /// The file.
        path: String,
    },
    /// Others can read the key.
    #[error("{path} can be read by others than its owner; run: chmod 600 {path}")]
    KeyOpen {
        /// The file.
        path: String,
    },
    /// The key was made for another name.
    #[error(
        "{path} was made for the witness {found:?}, and the configuration says {name:?}: one key has one name; correct \
         the name, or use another data folder for another witness"
    )]
    KeyName {
        /// The file.
        path: String,
        /// The name in it.
        found: String,
        /// The name configured.
        name: String,
    },
    /// A key without a memory.
    #[error(
        "{path} is missing although the witness has a key: without it the witness would cosign what contradicts its own \
         word; restore the newest state, or start anew with another name and key"
    )]
    Forgotten {
        /// The folder.
        path: String,
    },
    /// What was remembered does not read back.
    #[error(
        "{path} is damaged ({what}): this witness cannot tell what it cosigned last; restore the newest state, or start \
         anew with another name and key"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        what: String,
    },
    /// Another process uses the folder.
    #[error("{path} is in use by another witness process: one folder, one process")]
    InUse {
        /// The lock file.
        path: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl WitnessError {
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }
}
