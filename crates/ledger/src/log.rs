//! The log's own shapes: its head, the proof that an entry stands in it, and the checkpoint that was published.

use sayso_core::digest::Digest;

/// How large the log is, and the root over all of it. Everything it covers is on stable storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Digest,
}

/// That an entry stands in the log, as far as hashes can say it; a signature over the root says the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The entry's place.
    pub index: u64,
    /// The size of the tree that the proof leads to.
    pub size: u64,
    /// The root of that tree.
    pub root: Digest,
    /// From the entry's sibling up (RFC 6962 section 2.1.1).
    pub hashes: Vec<Digest>,
}

/// A checkpoint that others have seen. It is never taken back: no smaller one replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// How many entries it covers.
    pub size: u64,
    /// The root over them; checked against the tree before it is kept.
    pub root: Digest,
    /// The signed note, exactly as published.
    pub note: String,
    /// How many witnesses cosigned it.
    pub cosigned: u32,
    /// When it was published, in milliseconds since 1970.
    pub time: u64,
}

impl Inclusion {
    /// Filled in when the batch is complete.
    pub(crate) fn pending() -> Self {
        Self {
            index: 0,
            size: 0,
            root: Digest([0; 32]),
            hashes: Vec::new(),
        }
    }
}
