//! The whole file: whatever was done to it, it is refused, or it says what the honest one says.

use std::sync::OnceLock;

use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::log::note::VerifierKey;
use sayso_core::verify::{Demands, Verified, VerifyError, verify};
use serde_json::Value;

const VECTORS: &str = include_str!("../../vectors/receipt.json");

struct Ring;

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

/// The honest files of the vectors, what each says, and the keys.
struct Honest {
    files: Vec<String>,
    said: Vec<Verified>,
    keys: Jwks,
    witnesses: Vec<VerifierKey>,
}

/// Edits of an honest file, four bytes each (place, what to do, a character), or any bytes as the file.
pub fn check(data: &[u8]) {
    static READ: OnceLock<Honest> = OnceLock::new();
    let honest = READ.get_or_init(Honest::read);
    let file = match data.split_first() {
        Some((0, edits)) => edited(&honest.files[0], edits),
        _ => data.to_vec(),
    };
    if let Ok(found) = honest.verify(&file) {
        // What was changed can only have been white space, or the spelling of a string.
        assert!(
            honest.said.contains(&found),
            "a file holds and says what no honest one says"
        );
    }
}

impl Honest {
    fn read() -> Self {
        let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
        let list = |name: &str| vectors[name].as_array().expect("a list").iter();
        let parse = |key: &Value| VerifierKey::parse(key.as_str().expect("text")).expect("a key");
        let mut honest = Self {
            files: list("cases").map(|case| case["file"].to_string()).collect(),
            said: Vec::new(),
            keys: serde_json::from_value(vectors["jwks"].clone()).expect("keys"),
            witnesses: list("witnesses").map(parse).collect(),
        };
        let said = |file: &String| {
            honest
                .verify(file.as_bytes())
                .expect("an honest file holds")
        };
        honest.said = honest.files.iter().map(said).collect();
        honest
    }

    fn verify(&self, file: &[u8]) -> Result<Verified, VerifyError> {
        let demands = Demands {
            witnesses: &self.witnesses,
            quorum: self.witnesses.len(),
        };
        verify(file, &self.keys, &demands, &Ring)
    }
}

fn edited(honest: &str, edits: &[u8]) -> Vec<u8> {
    let mut file = honest.as_bytes().to_vec();
    for edit in edits.chunks_exact(4) {
        let [high, low, what, character] = edit else {
            continue;
        };
        let at = usize::from(u16::from_be_bytes([*high, *low])) % file.len().max(1);
        match what % 4 {
            0 if at < file.len() => file[at] = *character,
            1 => file.insert(at, *character),
            2 if at < file.len() => {
                file.remove(at);
            }
            3 if at < file.len() => file[at] ^= 1 << (character % 8),
            _ => {}
        }
    }
    file
}
