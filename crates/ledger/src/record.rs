//! What a reader of the whole ledger gets, entry by entry.

use sayso_core::log::Entry;

use crate::receipt::Stored;

/// One entry of the log with everything that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the log.
    pub index: u64,
    /// What is hashed into the tree.
    pub entry: Entry,
    /// When it arrived, in milliseconds since 1970; 0 for what was erased.
    pub received: u64,
    /// What it is.
    pub kind: RecordKind,
}

/// What an entry is.
#[expect(
    clippy::large_enum_variant,
    reason = "almost all of a page's records are receipts"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A receipt.
    Receipt(Stored),
    /// A receipt that was erased: its commitment stays and tells nothing.
    Erased,
    /// An erasure.
    Tombstone {
        /// The salt of its commitment.
        salt: [u8; 32],
        /// Its JSON: which indexes, when, why.
        body: String,
    },
    /// A change of the site's keys.
    KeyEvent {
        /// The salt of its commitment.
        salt: [u8; 32],
        /// Its JSON.
        body: String,
    },
    /// It does not read back: damaged, or its salt is gone. The sentence says which.
    Unreadable(String),
}
