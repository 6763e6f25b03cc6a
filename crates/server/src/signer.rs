//! The only code that touches private keys: countersigning, witnessing, and the files the keys lie in.

mod file;

use std::fmt;
use std::path::Path;

use ring::signature::{Ed25519KeyPair, KeyPair};
use sayso_core::countersignature::{self, Statement};
use sayso_core::crypto::{Jwks, KeyRole, SiteJwk};
use sayso_core::digest;
use sayso_core::jws::Compact;
use sayso_core::receipt::{Payload, ReceiptError, VerifiedReceipt};
use sayso_core::verify::Countersigned;
use sayso_core::witness;
use sayso_ledger::receipt::Stored;

use crate::crypto::RingVerifier;
use crate::random::Random;
pub use file::KeyError;

/// Whether missing keys may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A new site: make them.
    Create,
    /// There are receipts already: making new keys would orphan them.
    Refuse,
}

/// A site's keys.
pub struct Signer {
    countersignature: Key,
    witness: Key,
    address: [u8; 32],
    jwks: Jwks,
}

struct Key {
    pair: Ed25519KeyPair,
    jwk: SiteJwk,
}

impl Signer {
    /// Reads the keys in a folder, making them if there are none and that is allowed.
    pub fn open(folder: &Path, missing: Missing, random: &dyn Random) -> Result<Self, KeyError> {
        let seeds = file::open(folder, missing, random)?;
        Self::new(&seeds).ok_or(KeyError::Unusable {
            folder: folder.display().to_string(),
        })
    }

    fn new(seeds: &file::Seeds) -> Option<Self> {
        let countersignature = Key::new(&seeds.countersignature, KeyRole::Countersignature)?;
        let witness = Key::new(&seeds.witness, KeyRole::Witness)?;
        let jwks = Jwks {
            keys: vec![countersignature.jwk.clone(), witness.jwk.clone()],
        };
        Some(Self {
            countersignature,
            witness,
            address: seeds.address,
            jwks,
        })
    }

    /// The public keys, as published.
    pub fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// The key that addresses are sealed under.
    pub(crate) fn address_key(&self) -> &[u8; 32] {
        &self.address
    }

    /// The countersigned receipt of what the ledger keeps: the same bytes every time (Ed25519 takes no randomness).
    pub fn countersign(&self, stored: &Stored, log: &str) -> Countersigned {
        let statement = Statement {
            v: countersignature::VERSION,
            receipt_hash: stored.hash.to_string(),
            commitment: stored.commitment.to_string(),
            received: stored.received,
            index: stored.index,
            log: log.to_owned(),
            flags: stored.flags.clone(),
        };
        let input = countersignature::signing_input(&self.countersignature.jwk.kid, &statement);
        Countersigned {
            v: 1,
            receipt: stored.jws.clone(),
            salt: digest::encode(&stored.salt),
            countersignature: self.countersignature.sign(&input),
            proof: None,
        }
    }

    /// Signs a decision that the server itself recorded. It goes through the same reading and checking as any other.
    pub fn witness(&self, payload: &Payload) -> Result<VerifiedReceipt, ReceiptError> {
        let text = self
            .witness
            .sign(&witness::signing_input(&self.witness.jwk.kid, payload));
        witness::Parsed::read(&text)?.verify(&self.jwks, &RingVerifier)
    }
}

impl Key {
    fn new(seed: &[u8; 32], role: KeyRole) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let public: [u8; 32] = pair.public_key().as_ref().try_into().ok()?;
        Some(Self {
            pair,
            jwk: SiteJwk::new(&public, role),
        })
    }

    fn sign(&self, signing_input: &str) -> String {
        let signature = self.pair.sign(signing_input.as_bytes());
        let signature = signature
            .as_ref()
            .try_into()
            .expect("an Ed25519 signature is 64 bytes");
        Compact::assemble(signing_input, signature)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("jwks", &self.jwks)
            .finish_non_exhaustive()
    }
}

/// Makes a site's keys in a folder that has none, and gives the public ones.
pub fn generate(folder: &Path, random: &dyn Random) -> Result<Jwks, KeyError> {
    file::create(folder, random)?;
    Ok(Signer::open(folder, Missing::Refuse, random)?.jwks)
}
