//! What core's tests share: the vectors as files, and ring as the word on signatures.

#![allow(dead_code, reason = "every test file takes what it needs")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

use std::fs;
use std::path::Path;

use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use sayso_core::crypto::Verifier;
use serde::de::DeserializeOwned;

/// A file of the vectors.
#[expect(clippy::disallowed_methods, reason = "the vectors are files")]
pub(crate) fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../vectors")
        .join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// ring, which the server uses too.
pub(crate) struct Ring;

impl Verifier for Ring {
    fn es256(&self, key: &[u8; 65], message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify(message, signature)
            .is_ok()
    }

    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, key)
            .verify(message, signature)
            .is_ok()
    }
}
