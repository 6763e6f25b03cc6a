//! What was dropped: one receipt, or everything that a browser kept.

use sayso_core::json;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::found::claims;

/// Longest file read: as much as a browser keeps, and then some.
const MAX_LEN: usize = 1024 * 1024;

/// Everything that a browser kept, as the history hands it out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Everything {
    v: u32,
    receipts: Vec<Box<RawValue>>,
    #[serde(default)]
    evidence: Vec<Value>,
}

/// Takes a file apart: `{"receipts": [{text, claims}…], "evidence": […]}`. What is not everything is one receipt, whatever
/// it is: checking it will say so.
pub fn open(text: &str) -> Value {
    let whole = || json!({ "receipts": [one(text)], "evidence": [] });
    // Read strictly first: no member twice, and none too deep.
    if json::read::<Value>(text.as_bytes(), MAX_LEN).is_err() {
        return whole();
    }
    match serde_json::from_str::<Everything>(text) {
        Ok(all) if all.v == 1 => {
            let receipts: Vec<Value> = all.receipts.iter().map(|text| one(text.get())).collect();
            json!({ "receipts": receipts, "evidence": all.evidence })
        }
        _ => whole(),
    }
}

fn one(text: &str) -> Value {
    json!({ "text": text, "claims": claims(text) })
}
