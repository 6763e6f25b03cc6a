//! A witness (C2SP tlog-witness v1): cosigns another party's checkpoints for as long as that party's log only grows.
//!
//! A service of its own, with its own key and memory; it shares no state with the sites that this program may serve
//! elsewhere. [`request`] reads what is asked, [`memory`] remembers on stable storage what was last cosigned, [`route`]
//! answers over HTTP.
//!
//! **Invariant:** a cosignature leaves this process only after what it is for is on stable storage, and only while the
//! log's lock is held from the comparison to the storing. So whatever is asked at once, and whenever the process is
//! killed, nothing that was handed out is ever contradicted.

mod error;
mod key;
mod memory;
mod request;
mod route;
mod serve;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sayso_core::config::{FollowedLog, Following};
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, VerifierKey};
use sayso_core::log::tree;

use crate::clock::Clock;
use crate::crypto::RingVerifier;
use crate::random::Random;
pub use error::{Refused, WitnessError};
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
