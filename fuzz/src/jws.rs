//! The compact JWS: one spelling only, and every reader of a header that stands on it.

use sayso_core::digest;
use sayso_core::jws::{Compact, MAX_LEN};
use sayso_core::{countersignature, erasure, receipt, witness};

/// Any text.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // Whoever reads a header reads the form first; none of them may read what the form refuses.
    let accepted = [
        receipt::Parsed::read(text).is_ok(),
        witness::Parsed::read(text).is_ok(),
        countersignature::Parsed::read(text).is_ok(),
        erasure::Parsed::read(text).is_ok(),
    ];
    let kinds = accepted.iter().filter(|read| **read).count();
    assert!(kinds <= 1, "one text, {kinds} kinds");
    let Ok(jws) = Compact::parse(text) else {
        assert_eq!(kinds, 0, "read although its form is broken");
        return;
    };
    assert!(text.len() <= MAX_LEN);
    assert_eq!(jws.text(), text);
    let again = Compact::assemble(jws.signing_input(), jws.signature());
    assert_eq!(again, text, "a second spelling was accepted");
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(digest::encode(jws.payload_bytes()), parts[1]);
}
