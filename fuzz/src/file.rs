//! The whole file: whatever was done to it, it is refused, or it says what the honest one says.

use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::log::note::VerifierKey;
use sayso_core::verify::{Countersigned, Demands, verify};
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

/// Edits of an honest file, four bytes each (place, what to do, a character), or any bytes as the file.
pub fn check(data: &[u8]) {
    static READ: std::sync::OnceLock<(String, Jwks, Vec<VerifierKey>)> = std::sync::OnceLock::new();
    let (honest, keys, witnesses) = READ.get_or_init(vectors);
    let demands = Demands {
        witnesses,
        quorum: witnesses.len(),
    };
    let file = match data.split_first() {
        Some((0, edits)) => edited(honest, edits),
        _ => data.to_vec(),
    };
    let Ok(found) = verify(&file, keys, &demands, &Ring) else {
        return;
    };
    let expected = verify(honest.as_bytes(), keys, &demands, &Ring).expect("the honest file holds");
    assert_eq!(
        found, expected,
        "an altered file holds and says something else"
    );
    // What was changed can only have been white space, or the spelling of a string.
    let read = |bytes: &[u8]| serde_json::from_slice::<Countersigned>(bytes).expect("it holds");
    assert_eq!(read(&file).receipt, read(honest.as_bytes()).receipt);
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

fn vectors() -> (String, Jwks, Vec<VerifierKey>) {
    let vectors: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    let keys = serde_json::from_value(vectors["jwks"].clone()).expect("keys");
    let witnesses = vectors["witnesses"].as_array().expect("witnesses").iter();
    let parse = |key: &Value| VerifierKey::parse(key.as_str().expect("text")).expect("a key");
    let file = vectors["cases"][0]["file"].to_string();
    (file, keys, witnesses.map(parse).collect())
}
