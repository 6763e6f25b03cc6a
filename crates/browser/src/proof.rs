//! Renewing the proof of a kept receipt: one from a later checkpoint, or one that more witnesses cosigned.
//!
//! What comes back is looked at before it takes the place of what was there: the same log, the same entry, hashes that
//! lead from this very receipt to the checkpoint's root. Whose signatures they are is for `sayso verify`.

use sayso_core::commitment::commitment;
use sayso_core::digest;
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::Note;
use sayso_core::log::proof::Proof;
use sayso_core::log::tree;

use crate::countersigned::part;
use crate::json::{self, Value};

/// The index of a countersigned receipt in its log.
pub fn index(file: &str) -> Option<u64> {
    let statement = part(json::parse(file)?.text("countersignature"), 1)?;
    match statement.get("index") {
        Value::Number(index) => Some(*index),
        _ => None,
    }
}

/// Whether a proof is of this countersigned receipt and better than the one it has.
pub fn is_better(file: &str, proof: &str) -> bool {
    better(file, proof).unwrap_or(false)
}

fn better(file: &str, proof: &str) -> Option<bool> {
    let value = json::parse(file)?;
    let statement = part(value.text("countersignature"), 1)?;
    let salt = digest::decode_array::<32>(value.text("salt"))?;
    let leaf = Entry::Receipt(commitment(&salt, value.text("receipt"))).leaf_hash();
    let (new, head, lines) = open(proof)?;
    let ours = new.index == index(file)?
        && head.origin == statement.text("log")
        && tree::verify_inclusion(&leaf, new.index, head.size, &new.hashes, &head.root);
    let newer = match open(value.text("proof")) {
        Some((_, old, had)) => head.size > old.size || (head == old && lines > had),
        None => true,
    };
    Some(ours && newer)
}

/// A proof, its checkpoint, and how many signed that.
fn open(text: &str) -> Option<(Proof, Checkpoint, usize)> {
    let proof = Proof::parse(text).ok()?;
    let note = Note::parse(&proof.checkpoint).ok()?;
    let head = Checkpoint::parse(&note.text).ok()?;
    Some((proof, head, note.signatures.len()))
}

/// A countersigned receipt with another proof.
pub fn with(file: &str, proof: &str) -> Option<String> {
    let Value::Object(mut members) = json::parse(file)? else {
        return None;
    };
    members.retain(|(name, _)| name != "proof");
    members.push(("proof".to_owned(), Value::Text(proof.to_owned())));
    Some(Value::Object(members).write())
}
