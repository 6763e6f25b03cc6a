//! The only code that touches private keys: countersigning, witnessing, signing the log's heads, and the files the keys
//! lie in.
//!
//! What signs receipts is rotated and says from when until when it signed; what signs the log never is: a log with
//! another key is another log. Secrets are wiped from memory with what holds them, except what the cryptographic library
//! keeps within its key pairs, which live as long as the process uses them.

mod error;
mod file;
mod head;
mod key;
mod line;
mod secrets;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use sayso_core::countersignature::{self, Statement};
use sayso_core::crypto::Jwks;
use sayso_core::digest::{self, Digest};
use sayso_core::log::note::VerifierKey;
use sayso_core::log::proof::Proof;
use sayso_core::receipt::{Payload, ReceiptError, VerifiedReceipt};
use sayso_core::verify::Countersigned;
use sayso_core::witness;
use sayso_ledger::receipt::Stored;

use crate::crypto::RingVerifier;
use crate::random::Random;
use crate::seed::Seed;
pub use error::KeyError;
use head::LogKey;
pub use head::TwoHeads;
use key::Keys;
pub use secrets::{Generated, Missing, Secrets, generate};

/// A key that can be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotating {
    /// Signs countersignatures.
    Countersignature,
    /// Signs decisions that the server itself recorded.
    Witness,
}

impl Rotating {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Countersignature, Self::Witness];

    /// Its name, in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Countersignature => "countersignature",
            Self::Witness => "witness",
        }
    }
}

/// A site's keys, ready to sign.
pub struct Signer {
    folder: PathBuf,
    log: LogKey,
    keys: RwLock<Arc<Keys>>,
    /// One rotation after another.
    pub(crate) rotation: tokio::sync::Mutex<()>,
}

/// A key that waits to take over.
pub(crate) struct Successor {
    which: Rotating,
    keys: Keys,
}

impl Signer {
    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The public keys, as published: those in use and all that ever were.
    pub fn jwks(&self) -> Jwks {
        self.keys().jwks.clone()
    }

    /// The key that signs the log's checkpoints, as notes name it.
    pub fn log_key(&self) -> &VerifierKey {
        &self.log.key
    }

    /// The signed checkpoint of a tree head, which must be durable.
    pub fn checkpoint(&self, size: u64, root: Digest) -> Result<Arc<str>, TwoHeads> {
        self.log.checkpoint(size, root)
    }

    /// The countersigned receipt of what the ledger keeps, with its proof. The same receipt gives the same
    /// countersignature (Ed25519 takes no randomness) for as long as the key of its time, or the one after it, is in use.
    /// Later the key in use signs for the moment it began, which is as true; only where that moment is outside the time
    /// of the witness key that signed the receipt is there nothing to be had.
    pub fn countersign(&self, stored: &Stored) -> Result<Option<Countersigned>, TwoHeads> {
        let keys = self.keys();
        let (key, received) = keys.countersignature.at(stored.received);
        if stored.witnessed && received != stored.received {
            return Ok(None);
        }
        let statement = Statement {
            v: countersignature::VERSION,
            receipt_hash: stored.hash.to_string(),
            commitment: stored.commitment.to_string(),
            received,
            index: stored.index,
            log: self.log.key.name.clone(),
            flags: stored.flags.clone(),
        };
        let inclusion = &stored.inclusion;
        let proof = Proof {
            index: inclusion.index,
            hashes: inclusion.hashes.clone(),
            checkpoint: self.checkpoint(inclusion.size, inclusion.root)?.to_string(),
        };
        Ok(Some(Countersigned {
            v: 1,
            receipt: stored.jws.clone(),
            salt: digest::encode(&stored.salt),
            countersignature: key.sign(&countersignature::signing_input(&key.kid, &statement)),
            proof: Some(proof.to_string()),
        }))
    }

    /// Signs a decision that the server itself recorded at a moment, and says which moment the signature stands for. It
    /// goes through the same reading and checking as any other.
    pub fn witness(
        &self,
        payload: &Payload,
        now: u64,
    ) -> Result<(VerifiedReceipt, u64), ReceiptError> {
        let keys = self.keys();
        let (key, received) = keys.witness.at(now);
        let text = key.sign(&witness::signing_input(&key.kid, payload));
        let receipt = witness::Parsed::read(&text)?.verify(&keys.jwks, &RingVerifier)?;
        Ok((receipt, received))
    }

    /// Lays down a key that is to sign from a moment on. One that waits already, since a rotation was cut short, is the
    /// one taken.
    pub(crate) fn prepare(
        &self,
        which: Rotating,
        from: u64,
        random: &dyn Random,
    ) -> Result<Successor, KeyError> {
        let name = which.as_str();
        let keys = self.keys();
        let waiting = file::read_next(&self.folder, name)?;
        let known =
            |public: &[u8; 32]| keys.chain(which).line.0.iter().any(|g| g.public == *public);
        let waiting = waiting
            .and_then(|line| line.0.into_iter().next())
            .filter(|generation| !known(&generation.public))
            .and_then(|generation| generation.secret);
        let seed = waiting.unwrap_or_else(|| Seed::random(random));
        let unusable = || KeyError::Unusable {
            path: self.folder.display().to_string(),
        };
        let line = keys.chain(which).line.succeeded_by(seed, from);
        let line = line.ok_or_else(unusable)?;
        file::write_next(&self.folder, name, &line)?;
        let other = |role| keys.chain(role).line.clone();
        let (countersignature, witness) = match which {
            Rotating::Countersignature => (line, other(Rotating::Witness)),
            Rotating::Witness => (other(Rotating::Countersignature), line),
        };
        let keys = Keys::new(countersignature, witness, &self.log.key.public);
        Ok(Successor {
            which,
            keys: keys.ok_or_else(unusable)?,
        })
    }

    /// Lets it take over, on disk first.
    pub(crate) fn take_over(&self, successor: Successor) -> Result<(), KeyError> {
        file::take_over(&self.folder, successor.which.as_str())?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(successor.keys);
        Ok(())
    }

    /// Which keys wait since a rotation was cut short.
    pub(crate) fn waiting(&self) -> Result<Vec<Rotating>, KeyError> {
        let mut waiting = Vec::new();
        for which in Rotating::ALL {
            if file::read_next(&self.folder, which.as_str())?.is_some() {
                waiting.push(which);
            }
        }
        Ok(waiting)
    }
}

impl Successor {
    /// The public keys as they will be.
    pub(crate) fn jwks(&self) -> &Jwks {
        &self.keys.jwks
    }

    /// The id of the new key.
    pub(crate) fn kid(&self) -> &str {
        let (key, _) = self.keys.chain(self.which).at(u64::MAX);
        &key.kid
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("jwks", &self.keys().jwks)
            .field("log", &self.log.key)
            .finish_non_exhaustive()
    }
}
