//! Proofs (C2SP tlog-proof v1): an index, the hashes from leaf to root, and the checkpoint, in one text to keep.

use base64ct::{Base64, Encoding};

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::{Note, VerifierKey};
use super::{cosignature, tree};
use crate::crypto::Verifier;
use crate::digest::Digest;

/// The first line.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// That a leaf stands in a log, read and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The leaf's place.
    pub index: u64,
    /// From the leaf's sibling up.
    pub hashes: Vec<Digest>,
    /// The signed checkpoint, as text.
    pub checkpoint: String,
}

/// Why a proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not of the published form.
    #[error("the proof does not have the form of {HEADER}")]
    Form,
    /// The checkpoint does not hold.
    #[error("the proof's checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not lead from this leaf to the checkpoint's root.
    #[error("the proof does not lead from this receipt to the checkpoint's root")]
    Inclusion,
    /// Fewer witnesses cosigned than are asked for.
    #[error("{found} of the {wanted} witnesses asked for cosigned the checkpoint")]
    Quorum {
        /// How many did.
        found: usize,
        /// How many must.
        wanted: usize,
    },
}

impl Proof {
    /// Reads a proof.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Form)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Form);
        }
        // Extra data is not authenticated, and nothing here needs it.
        if let Some(extra) = lines.next_if(|line| line.starts_with("extra ")) {
            Base64::decode_vec(&extra["extra ".len()..]).map_err(|_| ProofError::Form)?;
        }
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .ok_or(ProofError::Form)?;
        let canonical =
            index == "0" || (!index.starts_with('0') && index.bytes().all(|b| b.is_ascii_digit()));
        let index = if canonical {
            index.parse().map_err(|_| ProofError::Form)?
        } else {
            return Err(ProofError::Form);
        };
        let hash = |line| {
            Base64::decode_vec(line)
                .ok()
                .and_then(|b| b.try_into().ok())
                .map(Digest)
        };
        let hashes = lines
            .map(hash)
            .collect::<Option<Vec<_>>>()
            .filter(|h| h.len() < 64)
            .ok_or(ProofError::Form)?;
        Ok(Self {
            index,
            hashes,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Checks that a leaf stands in the log whose key this is, and that at least `quorum` of the witnesses cosigned the
    /// checkpoint. Returns the checkpoint and when each witness that did cosigned.
    pub fn verify(
        &self,
        leaf: &Digest,
        log: &VerifierKey,
        witnesses: &[VerifierKey],
        quorum: usize,
        verifier: &impl Verifier,
    ) -> Result<(Checkpoint, Vec<(String, u64)>), ProofError> {
        let (checkpoint, note) = Checkpoint::open(&self.checkpoint, log, verifier)?;
        if !tree::verify_inclusion(
            leaf,
            self.index,
            checkpoint.size,
            &self.hashes,
            &checkpoint.root,
        ) {
            return Err(ProofError::Inclusion);
        }
        let cosigned = cosigned(&note, witnesses, verifier);
        if cosigned.len() < quorum {
            return Err(ProofError::Quorum {
                found: cosigned.len(),
                wanted: quorum,
            });
        }
        Ok((checkpoint, cosigned))
    }
}

/// Which of the witnesses cosigned a checkpoint, and when, in seconds since 1970. A key given twice, be it under two
/// names, is one witness.
pub fn cosigned(
    note: &Note,
    witnesses: &[VerifierKey],
    verifier: &impl Verifier,
) -> Vec<(String, u64)> {
    let mut counted: Vec<[u8; 32]> = Vec::new();
    let mut cosigned = Vec::new();
    for key in witnesses {
        if counted.contains(&key.public) {
            continue;
        }
        if let Some(time) = cosignature::time_of(note, key, verifier) {
            counted.push(key.public);
            cosigned.push((key.name.clone(), time));
        }
    }
    cosigned
}

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{HEADER}\nindex {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", Base64::encode_string(&hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
