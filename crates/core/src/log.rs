//! The log: an RFC 6962 Merkle tree over commitments, and the C2SP texts that carry it.
//!
//! What enters is an [`Entry`] of 33 opaque bytes; [`tree`] hashes and proves, [`note`] and [`checkpoint`] are what the
//! log signs, [`cosignature`] is what witnesses add, [`proof`] is the text that a visitor keeps, and [`tile`] is how
//! others read the whole tree; [`compare`] lays two heads side by side. Everything is public: an entry tells nothing without its salt.

pub mod checkpoint;
pub mod compare;
pub mod cosignature;
pub mod note;
pub mod proof;
pub mod tile;
pub mod tree;

use crate::digest::Digest;

/// An entry of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A receipt, by its [commitment](crate::commitment).
    Receipt(Digest),
    /// An erasure, by a commitment to what was erased and why.
    Tombstone(Digest),
    /// A change of the site's keys, by a commitment to the new key set.
    KeyEvent(Digest),
}

impl Entry {
    /// The 33 bytes that are hashed: the kind, then the commitment.
    pub fn to_bytes(self) -> [u8; 33] {
        let (kind, Digest(commitment)) = match self {
            Self::Receipt(digest) => (1, digest),
            Self::Tombstone(digest) => (2, digest),
            Self::KeyEvent(digest) => (3, digest),
        };
        let mut bytes = [kind; 33];
        bytes[1..].copy_from_slice(&commitment);
        bytes
    }

    /// Reads 33 bytes.
    pub fn from_bytes(bytes: &[u8; 33]) -> Option<Self> {
        let mut commitment = [0; 32];
        commitment.copy_from_slice(&bytes[1..]);
        let digest = Digest(commitment);
        match bytes[0] {
            1 => Some(Self::Receipt(digest)),
            2 => Some(Self::Tombstone(digest)),
            3 => Some(Self::KeyEvent(digest)),
            _ => None,
        }
    }

    /// The leaf's hash.
    pub fn leaf_hash(self) -> Digest {
        tree::leaf_hash(&self.to_bytes())
    }
}
