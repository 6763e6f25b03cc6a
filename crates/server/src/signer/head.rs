//! The log's own key: it signs tree heads, each once, and no two of one size.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use sayso_core::digest::Digest;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Algorithm, Note, Signature, VerifierKey, is_name};

use super::key::sign;
use crate::seed::Seed;

/// How many signed heads are remembered: those that requests under way may still ask for.
const REMEMBERED: usize = 16;

/// Two different trees of one size: the store lost or changed what it had answered for. Nothing is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger shows a second tree of {size} entries, and one was signed already")]
pub struct TwoHeads {
    /// The size.
    pub size: u64,
}

/// Signs tree heads.
pub(super) struct LogKey {
    pair: Ed25519KeyPair,
    pub(super) key: VerifierKey,
    signed: Mutex<VecDeque<Signed>>,
}

struct Signed {
    size: u64,
    root: Digest,
    note: Arc<str>,
}

impl LogKey {
    /// The key of the log with this origin.
    pub(super) fn new(seed: &Seed, origin: &str) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).ok()?;
        let key = VerifierKey {
            name: origin.to_owned(),
            algorithm: Algorithm::Ed25519,
            public: pair.public_key().as_ref().try_into().ok()?,
        };
        is_name(origin).then(|| Self {
            pair,
            key,
            signed: Mutex::default(),
        })
    }

    /// The checkpoint of a tree head, signed as a note. A batch of receipts shares one head, so it is signed once.
    pub(super) fn checkpoint(&self, size: u64, root: Digest) -> Result<Arc<str>, TwoHeads> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = signed.iter().find(|signed| signed.size == size) {
            return if known.root == root {
                Ok(Arc::clone(&known.note))
            } else {
                Err(TwoHeads { size })
            };
        }
        let checkpoint = Checkpoint {
            origin: self.key.name.clone(),
            size,
            root,
        };
        let text = checkpoint.text();
        let signature = sign(&self.pair, text.as_bytes()).to_vec();
        let note = Note {
            signatures: vec![Signature::new(&self.key, signature)],
            text,
        };
        let note: Arc<str> = note.to_string().into();
        if signed.len() == REMEMBERED {
            signed.pop_front();
        }
        signed.push_back(Signed {
            size,
            root,
            note: Arc::clone(&note),
        });
        Ok(note)
    }
}
