//! A witness (C2SP tlog-witness v1): cosigns another party's checkpoints for as long as that party's log only grows.
//!
//! A service of its own, with its own key and memory; it shares no state with the sites that this program may serve
//! elsewhere. [`request`] reads what is asked, [`memory`] remembers on stable storage what was last cosigned, [`route`]
//! answers over HTTP.
//!
//! **Invariant:** a cosignature leaves this process only after what it is for is on stable storage, and only while the
//! log's lock is held from the comparison to the storing. So whatever is asked at once, and whenever the process is
//! killed, nothing that was handed out is ever contradicted.

mod key;
mod memory;
mod request;
mod route;
mod serve;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sayso_core::config::{ConfigError, FollowedLog, Following};
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, VerifierKey};
use sayso_core::log::tree;

use crate::clock::Clock;
use crate::crypto::RingVerifier;
use crate::random::Random;
use key::CosigningKey;
pub use memory::Remembered;
use memory::{Hold, Memory};
use request::AddCheckpoint;
pub use route::router;
pub use serve::{WitnessOptions, serve};

/// A witness: its key, and the logs it follows.
pub struct Witness {
    key: CosigningKey,
    logs: BTreeMap<String, Followed>,
    clock: Arc<dyn Clock>,
    /// While this lives, no other process uses the same folder.
    _hold: Hold,
}

#[derive(Debug)]
struct Followed {
    key: VerifierKey,
    memory: Mutex<Memory>,
}

/// A followed log and what was last cosigned of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The log's origin.
    pub origin: String,
    /// Its key.
    pub key: VerifierKey,
    /// What was last cosigned; `None` if nothing ever was.
    pub last: Option<Remembered>,
}

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
    fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }
}

impl Witness {
    /// Opens the witness's folder, making key and memory at the first start.
    pub fn open(
        following: Following,
        data: &Path,
        clock: Arc<dyn Clock>,
        random: &dyn Random,
    ) -> Result<Self, WitnessError> {
        std::fs::create_dir_all(data).map_err(WitnessError::io(data))?;
        let hold = Hold::take(data)?;
        let folder = data.join("logs");
        // The memory's folder first: a key never exists without one, so a missing folder means a lost memory.
        if !key::exists(data) {
            memory::make_folder(&folder)?;
        } else if !folder.is_dir() {
            let path = folder.display().to_string();
            return Err(WitnessError::Forgotten { path });
        }
        let key = CosigningKey::open(data, &following.name, random)?;
        let mut logs = BTreeMap::new();
        for FollowedLog { origin, key } in following.logs {
            let memory = Mutex::new(Memory::open(&folder, &origin, &key)?);
            logs.insert(origin, Followed { key, memory });
        }
        Ok(Self {
            key,
            logs,
            clock,
            _hold: hold,
        })
    }

    /// The key that others check cosignatures with.
    pub fn verifier_key(&self) -> &VerifierKey {
        self.key.public()
    }

    /// The followed logs, and how far each was cosigned.
    pub fn standings(&self) -> Vec<Standing> {
        let standing = |(origin, log): (&String, &Followed)| Standing {
            origin: origin.clone(),
            key: log.key.clone(),
            last: lock(&log.memory).last().cloned(),
        };
        self.logs.iter().map(standing).collect()
    }

    /// Answers an add-checkpoint request: the line of the cosignature, or why there is none. Blocks while it writes.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<String, Refused> {
        let AddCheckpoint { old, proof, note } = AddCheckpoint::parse(body)?;
        let note = Note::parse(note).map_err(|_| Refused::Malformed(request::NOTE))?;
        if note.signatures.len() > request::MOST_SIGNATURES {
            return Err(Refused::Malformed(request::SIGNATURES));
        }
        let checkpoint =
            Checkpoint::parse(&note.text).map_err(|_| Refused::Malformed(request::NOTE))?;
        let Some(log) = self.logs.get(&checkpoint.origin) else {
            return Err(Refused::UnknownLog(checkpoint.origin));
        };
        if !note.is_signed_by(&log.key, &RingVerifier) {
            return Err(Refused::Signature(log.key.name.clone()));
        }
        if old > checkpoint.size {
            let size = checkpoint.size;
            return Err(Refused::OldSize { old, size });
        }

        let mut memory = lock(&log.memory);
        let (last, root) = memory.head();
        if old != last {
            return Err(Refused::Conflict { last });
        }
        if checkpoint.size == last && checkpoint.root != root {
            memory.keep_evidence(&note);
            return Err(Refused::Fork { last });
        }
        if !tree::verify_consistency(last, checkpoint.size, &root, &checkpoint.root, &proof) {
            let size = checkpoint.size;
            return Err(Refused::Proof { last, size });
        }
        // The time is read under the lock: at that time, this is the largest tree seen.
        let cosignature = self.key.cosign(self.clock.now() / 1000, &note.text);
        let line = format!("{cosignature}\n");
        if checkpoint.size > last {
            let signed = note.by(&log.key).cloned();
            let kept = Note {
                text: note.text.clone(),
                signatures: signed.chain([cosignature]).collect(),
            };
            memory.remember(checkpoint, &kept)?;
        }
        Ok(line)
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness")
            .field("key", &self.key)
            .field("logs", &self.logs)
            .finish_non_exhaustive()
    }
}

/// A thread that panicked left the memory as it was before or after a whole step.
fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}
