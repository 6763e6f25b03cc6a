//! The claims of a receipt: strictly read, and written again as the same.

use std::collections::HashSet;

use sayso_core::digest::encode;
use sayso_core::json;
use sayso_core::jws::MAX_LEN;
use sayso_core::receipt::{Parsed, Payload};
use serde_json::Value;

/// A header with a key of the right form.
const HEADER: &str = r#"{"typ":"consent-receipt+jws","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"fKnzko2A6K-ikJPTmK2qwBTKyFjutB-l1XkpLuhKa9k","y":"Px32eLxNtXSkulESnRJ2pwmMmC0ItMpmwG5TEM2nn5I"}}"#;

/// Any payload.
pub fn check(data: &[u8]) {
    let strict = json::read::<Payload>(data, MAX_LEN);
    let jws = format!(
        "{}.{}.{}",
        encode(HEADER.as_bytes()),
        encode(data),
        encode(&[0; 64])
    );
    let parsed = Parsed::read(&jws);
    let Ok(payload) = strict else {
        assert!(parsed.is_err(), "read although its claims are refused");
        return;
    };
    // An ordinary reader must see an object too, with nothing in it that is left out in another way.
    let value: Value = serde_json::from_slice(data).expect("strictly read, so it is JSON");
    assert!(value.is_object());
    assert!(!has_null(&value), "a null was accepted");
    let written = payload.to_bytes();
    let again: Payload = json::read(&written, MAX_LEN * 2).expect("what is written can be read");
    assert_eq!(again, payload);
    if let Ok(parsed) = parsed {
        let ids: HashSet<&str> = parsed
            .payload()
            .purposes
            .iter()
            .map(|p| p.id.as_str())
            .collect();
        assert_eq!(
            ids.len(),
            parsed.payload().purposes.len(),
            "a purpose answered twice"
        );
        assert!(parsed.payload().via.is_none() && parsed.payload().v == 1);
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}
