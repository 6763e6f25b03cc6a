//! What the module offers to JavaScript: texts in, JSON texts out.

#![allow(unreachable_pub, reason = "reached from JavaScript")]

use wasm_bindgen::prelude::*;

use crate::ask::Answers;

/// The standard library's allocator would take a tenth of the module.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Takes a file apart; see [`crate::open`].
#[wasm_bindgen]
pub fn open(text: &str) -> String {
    crate::open(text).to_string()
}

/// Checks a receipt; see [`crate::receipt`]. `answers` is a JSON object of question ids.
#[wasm_bindgen]
pub fn receipt(file: &str, keys: &str, witnesses: &str, answers: &str) -> String {
    crate::receipt(file, keys, witnesses, &known(answers)).to_string()
}

/// Looks at two checkpoints; see [`crate::evidence`].
#[wasm_bindgen]
pub fn evidence(seen: &str, shown: &str, keys: &str, answers: &str) -> String {
    crate::evidence(seen, shown, keys, &known(answers)).to_string()
}

fn known(answers: &str) -> Answers {
    serde_json::from_str(answers).unwrap_or_default()
}
