//! Checkpoints (C2SP tlog-checkpoint v1): a tree head in three lines, signed as a note.

use base64ct::{Base64, Encoding};

use super::note::{Note, NoteError, VerifierKey, is_name};
use crate::crypto::Verifier;
use crate::digest::Digest;

/// A tree head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, such as `larkspur.example/sayso`.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

/// Why a text is not a checkpoint to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note's text is not three lines of origin, size and root.
    #[error("a checkpoint has the lines origin, size and root")]
    Form,
    /// Another log's.
    #[error("the checkpoint is of the log {found:?}, not of {expected:?}")]
    Origin {
        /// The log asked for.
        expected: String,
        /// The log named.
        found: String,
    },
    /// The log's key did not sign it.
    #[error("the checkpoint does not carry a signature by the log's key {0}")]
    Signature(String),
}

impl Checkpoint {
    /// The note's text: three lines, each with its newline.
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            Base64::encode_string(&self.root.0)
        )
    }

    /// Reads a note's text. Extension lines are allowed by the format and mean nothing here.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(CheckpointError::Form)?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Form);
        };
        let canonical =
            size == "0" || (!size.starts_with('0') && size.bytes().all(|b| b.is_ascii_digit()));
        let size = if canonical { size.parse().ok() } else { None };
        let root = Base64::decode_vec(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Digest);
        match (size, root) {
            (Some(size), Some(root)) if is_name(origin) && lines.all(|l| !l.is_empty()) => {
                Ok(Self {
                    origin: origin.to_owned(),
                    size,
                    root,
                })
            }
            _ => Err(CheckpointError::Form),
        }
    }

    /// Reads a signed checkpoint of the log whose key this is, and checks its signature. The key's name is the origin.
    pub fn open(
        note: &str,
        key: &VerifierKey,
        verifier: &impl Verifier,
    ) -> Result<(Self, Note), CheckpointError> {
        let note = Note::parse(note)?;
        let checkpoint = Self::parse(&note.text)?;
        if checkpoint.origin != key.name {
            return Err(CheckpointError::Origin {
                expected: key.name.clone(),
                found: checkpoint.origin,
            });
        }
        if !note.is_signed_by(key, verifier) {
            return Err(CheckpointError::Signature(key.name.clone()));
        }
        Ok((checkpoint, note))
    }
}
