//! A bundle: countersigned receipts in one file, with everything that is needed to check them, one JSON object to a line.
//!
//! The first line says whose they are and under which checkpoint; then come the receipts, each line a file of its own that
//! `sayso verify` takes, with a proof that leads to that checkpoint; then the notices and layers that they name; the last
//! line says how many there were and the digest of all bytes before that, so that a file cut short or changed is noticed.
//!
//! A bundle of everything is *complete*: what cannot be shown (erased receipts, tombstones, key events) stands in it as the
//! opaque entry of the log, so that whoever checks it can build the whole tree again. So nothing can have been left out.

pub mod check;
pub mod error;
mod lines;
pub mod write;

use sayso_core::digest::{self, Digest};
use sayso_core::log::Entry;
use serde::{Deserialize, Serialize};

use crate::filter::Filter;

/// The version of the shape.
pub const VERSION: u32 = 1;

/// Longest line accepted, in bytes: a layer with all its texts.
pub const MAX_LINE: usize = 4 * 1024 * 1024;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Always [`VERSION`].
    pub bundle: u32,
    /// The log's origin.
    pub log: String,
    /// The signed checkpoint that every proof here leads to, with its cosignatures.
    pub checkpoint: String,
    /// Whether every entry under that checkpoint is in it.
    pub complete: bool,
    /// What was asked for.
    pub filter: Filter,
}

/// An entry of the log that a bundle does not show: erased, a tombstone, a key event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opaque {
    /// The 33 bytes of the entry in base64url.
    pub entry: String,
    /// Its place in the log.
    pub index: u64,
}

impl Opaque {
    /// The entry at an index.
    pub fn new(index: u64, entry: Entry) -> Self {
        Self {
            entry: digest::encode(&entry.to_bytes()),
            index,
        }
    }
}

/// A text that receipts name by digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// `notice` or `layer`.
    pub document: String,
    /// SHA-256 of the text's bytes.
    pub digest: Digest,
    /// Its media type.
    pub media: String,
    /// The exact text.
    pub text: String,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trailer {
    /// How many receipts came before.
    pub end: u64,
    /// How many entries of the log were looked through.
    pub entries: u64,
    /// How many of them are erased: counted, never shown.
    pub erased: u64,
    /// How many receipts the filter left out.
    pub left_out: u64,
    /// How many receipts no key may countersign any more.
    pub unsigned: u64,
    /// How many documents.
    pub documents: u64,
    /// SHA-256 of every byte of the file before this digest itself, the counts in this line among them.
    pub digest: Digest,
}

impl Trailer {
    /// The part of the last line that its digest covers.
    fn covered(line: &[u8]) -> &[u8] {
        // What follows are the digest's 43 characters, a quotation mark and a brace.
        &line[..line.len().saturating_sub(45)]
    }
}

/// What begins each kind of line, as this program writes it. A countersigned receipt begins with its version.
const RECEIPT: &[u8] = br#"{"v":"#;
const OPAQUE: &[u8] = br#"{"entry":"#;
const SHOWN: &[u8] = br#"{"document":"#;
