//! The receipts kept for the visitor: countersigned ones, and what the server refused for good. Bounded.

use crate::answer::{Accepted, Refusal};
use crate::countersigned;
use crate::json::{self, Object, Stored, Value};
use crate::outbox::Left;

/// Most receipts kept.
pub const MAX_ENTRIES: usize = 64;
/// Most bytes of receipts kept. A countersigned receipt with its proof takes some 3 kB, of which the proof is half: in a
/// log of ten million entries 24 hashes and a checkpoint with two cosignatures.
pub const MAX_BYTES: usize = 192 * 1024;

/// The kept receipts, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf(pub Vec<Kept>);

/// One receipt and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The receipt's id, or the decision's where nothing could be signed.
    pub id: String,
    /// The decision's id.
    pub decision: String,
    /// When the decision was made, milliseconds since 1970.
    pub time: u64,
    /// The countersigned receipt, as JSON.
    pub file: Option<String>,
    /// Why the server refused it.
    pub refusal: Option<Refusal>,
    /// The receipt as it was signed, where there is no countersigned one.
    pub receipt: String,
}

impl Kept {
    /// What is kept of an entry that left the outbox.
    pub fn new(left: Left) -> Self {
        let Left { waiting, outcome } = left;
        let (file, refusal) = match outcome {
            Ok(Accepted(file)) => (file, None),
            Err(refusal) => (None, Some(refusal)),
        };
        // What was erased on request is not kept here either.
        let gone = file.is_some() || refusal.as_ref().is_some_and(Refusal::is_erased);
        let receipt = if gone { None } else { waiting.signed() };
        let receipt = receipt.unwrap_or_default().to_owned();
        Self {
            id: waiting.id,
            decision: waiting.decision,
            time: waiting.time,
            file,
            refusal,
            receipt,
        }
    }

    fn read(value: &Value) -> Self {
        let text = |name| value.text(name).to_owned();
        Self {
            id: text("id"),
            decision: text("decision"),
            time: value.number("time"),
            file: Some(value.get("file"))
                .filter(|v| **v != Value::Null)
                .map(Value::write),
            refusal: Refusal::read(value.get("refusal")),
            receipt: text("receipt"),
        }
    }

    fn write(&self) -> String {
        let mut object = Object::new();
        object
            .text("id", &self.id)
            .text("decision", &self.decision)
            .number("time", self.time);
        if let Some(file) = &self.file {
            object.raw("file", file);
        }
        if let Some(refusal) = &self.refusal {
            object.raw("refusal", &refusal.write());
        }
        object.text_if("receipt", &self.receipt).end()
    }

    fn bytes(&self) -> usize {
        200 + self.file.as_ref().map_or(0, String::len) + self.receipt.len()
    }
}

impl Stored for Shelf {
    fn read(value: &Value) -> Self {
        Self(value.items().iter().map(Kept::read).collect())
    }

    fn write(&self) -> String {
        json::list(&self.0, Kept::write)
    }
}

impl Shelf {
    /// Adds a receipt; the oldest go when there are too many.
    pub fn put(&mut self, kept: Kept) {
        self.0.retain(|k| k.id != kept.id);
        self.0.push(kept);
        while self.0.len() > 1
            && (self.0.len() > MAX_ENTRIES
                || self.0.iter().map(Kept::bytes).sum::<usize>() > MAX_BYTES)
        {
            self.0.remove(0);
        }
    }

    /// Puts another file in the place of the one of an id, such as one with a newer proof.
    pub fn renew(&mut self, id: &str, file: String) {
        if let Some(kept) = self.0.iter_mut().find(|k| k.id == id && k.file.is_some()) {
            kept.file = Some(file);
        }
    }

    /// The ids of the receipts that a key signed.
    pub fn signed_by(&self, subject: &str) -> Vec<String> {
        let signed = |kept: &&Kept| {
            let file = json::parse(kept.file.as_deref().unwrap_or_default())?;
            let receipt = countersigned::part(file.text("receipt"), 1)?;
            Some(receipt.text("subject") == subject)
        };
        let ours = self.0.iter().filter(|kept| signed(kept) == Some(true));
        ours.map(|kept| kept.id.clone()).collect()
    }

    /// Forgets a receipt that was erased. That there was one stays, without it.
    pub fn erase(&mut self, id: &str) {
        for kept in self.0.iter_mut().filter(|k| k.id == id) {
            kept.file = None;
            kept.refusal = Some(Refusal::local("erased", ""));
        }
    }
}
