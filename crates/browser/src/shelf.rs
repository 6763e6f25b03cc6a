//! The receipts kept for the visitor: countersigned ones, and what the server refused for good. Bounded.

use sayso_core::verify::Countersigned;
use serde::{Deserialize, Serialize};

use crate::answer::{Refusal, Stored};
use crate::outbox::Left;

/// Most receipts kept.
pub const MAX_ENTRIES: usize = 64;
/// Most bytes of receipts kept.
pub const MAX_BYTES: usize = 64 * 1024;

/// The kept receipts, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shelf(pub Vec<Kept>);

/// One receipt and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The receipt's id, or the decision's where nothing could be signed.
    pub id: String,
    /// The decision's id.
    pub decision: String,
    /// When the decision was made, milliseconds since 1970.
    pub time: u64,
    /// The countersigned receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Countersigned>,
    /// Why the server refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// The receipt as it was signed, where there is no countersigned one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub receipt: String,
}

impl Kept {
    /// What is kept of an entry that left the outbox.
    pub fn new(left: Left) -> Self {
        let Left { waiting, outcome } = left;
        let receipt = waiting.signed().unwrap_or_default().to_owned();
        let (file, refusal) = match outcome {
            Ok(Stored(file)) => (file, None),
            Err(refusal) => (None, Some(refusal)),
        };
        let receipt = if file.is_some() { String::new() } else { receipt };
        Self { id: waiting.id, decision: waiting.decision, time: waiting.time, file, refusal, receipt }
    }

    fn bytes(&self) -> usize {
        let file = self.file.as_ref().map_or(0, |f| f.receipt.len() + f.countersignature.len() + f.salt.len());
        200 + file + self.receipt.len()
    }
}

impl Shelf {
    /// Adds a receipt; the oldest go when there are too many.
    pub fn put(&mut self, kept: Kept) {
        self.0.retain(|k| k.id != kept.id);
        self.0.push(kept);
        while self.0.len() > 1 && (self.0.len() > MAX_ENTRIES || self.0.iter().map(Kept::bytes).sum::<usize>() > MAX_BYTES) {
            self.0.remove(0);
        }
    }
}
