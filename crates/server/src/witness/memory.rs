//! What a witness last cosigned of each log, on stable storage before anybody hears of it.
//!
//! One file for each log holds the checkpoint itself, with the log's signature and the cosignature: it proves what it
//! says. It is replaced as a whole (written beside, synced, renamed, the folder synced), so a kill at any point leaves
//! the old one or the new one.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use sayso_core::digest::{Digest, sha256};
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, VerifierKey};
use sayso_core::log::tree;

use super::{Refused, WitnessError};
use crate::crypto::RingVerifier;

/// The last checkpoint cosigned of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Its size and root.
    pub checkpoint: Checkpoint,
    /// The signed note, cosignature included.
    pub note: String,
}

/// The memory of one log.
#[derive(Debug)]
pub(super) struct Memory {
    path: PathBuf,
    last: Option<Remembered>,
}

impl Memory {
    /// Reads what is remembered of a log; nothing, if it was never cosigned.
    pub(super) fn open(
        folder: &Path,
        origin: &str,
        key: &VerifierKey,
    ) -> Result<Self, WitnessError> {
        // Origins may hold slashes and be long; their hash does not, and the file itself begins with the origin.
        let path = folder.join(sha256(origin.as_bytes()).to_string());
        let note = match fs::read_to_string(&path) {
            Ok(note) => note,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path, last: None });
            }
            Err(source) => return Err(WitnessError::io(&path)(source)),
        };
        let damaged = |what: String| WitnessError::Damaged {
            path: path.display().to_string(),
            what,
        };
        let parsed = Note::parse(&note).map_err(|error| damaged(error.to_string()))?;
        let checkpoint =
            Checkpoint::parse(&parsed.text).map_err(|error| damaged(error.to_string()))?;
        if checkpoint.origin != origin {
            return Err(damaged(format!("it is of the log {:?}", checkpoint.origin)));
        }
        if !parsed.is_signed_by(key, &RingVerifier) {
            return Err(damaged(format!("the log's key {key} did not sign it")));
        }
        let last = Some(Remembered { checkpoint, note });
        Ok(Self { path, last })
    }

    /// The last checkpoint cosigned.
    pub(super) fn last(&self) -> Option<&Remembered> {
        self.last.as_ref()
    }

    /// Its size and root; those of the empty tree, if there is none.
    pub(super) fn head(&self) -> (u64, Digest) {
        let empty = || (0, tree::empty_root());
        self.last
            .as_ref()
            .map_or_else(empty, |last| (last.checkpoint.size, last.checkpoint.root))
    }

    /// Replaces what is remembered. Only after this may the cosignature be handed out.
    pub(super) fn remember(&mut self, checkpoint: Checkpoint, note: &Note) -> Result<(), Refused> {
        let note = note.to_string();
        replace(&self.path, note.as_bytes()).map_err(|error| {
            tracing::error!(path = %self.path.display(), %error, "a checkpoint could not be stored, so it is not cosigned");
            Refused::Storage
        })?;
        self.last = Some(Remembered { checkpoint, note });
        Ok(())
    }

    /// Keeps a checkpoint that contradicts the one remembered: both signed by the log's key, they prove that the log
    /// showed two trees of one size. Kept once; that it cannot be kept changes nothing for who asks.
    pub(super) fn keep_evidence(&self, note: &Note) {
        let path = self.path.with_extension("fork");
        tracing::error!(
            log = %note.text.lines().next().unwrap_or_default(),
            evidence = %path.display(),
            "the log signed two different trees of one size: it was rewritten, or its key is in other hands"
        );
        if !path.exists()
            && let Err(error) = replace(&path, note.to_string().as_bytes())
        {
            tracing::error!(path = %path.display(), %error, "the contradicting checkpoint could not be kept");
        }
    }
}

/// Writes a file as a whole, or leaves the old one.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("part");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Makes the folder of memories, and its entry in the folder above.
pub(super) fn make_folder(folder: &Path) -> Result<(), WitnessError> {
    fs::create_dir_all(folder).map_err(WitnessError::io(folder))?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// Puts a folder's entries on stable storage.
pub(super) fn sync_folder(folder: &Path) -> Result<(), WitnessError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(WitnessError::io(folder))
}

/// A folder held by one process.
#[derive(Debug)]
pub(super) struct Hold {
    _file: File,
}

impl Hold {
    /// Takes the folder, unless another process has it. The operating system lets go when the process ends, however.
    pub(super) fn take(data: &Path) -> Result<Self, WitnessError> {
        let path = data.join("lock");
        let file = File::create(&path).map_err(WitnessError::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(WitnessError::InUse {
                path: path.display().to_string(),
            }),
            Err(TryLockError::Error(source)) => Err(WitnessError::io(&path)(source)),
        }
    }
}
