//! Other languages' JOSE libraries on our shapes: the vectors are what their generator makes, and both signatures of a
//! countersigned receipt verify without any of our code.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Desk, Said, case, jose, python, skipped, vectors, workspace};

#[test]
fn the_vectors_are_what_their_generator_makes() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) => return skipped("the_vectors_are_what_their_generator_makes", reason),
    };
    let generator = workspace().join("vectors/generate.py");
    let said: Said = Command::new(python)
        .args(["-B".as_ref(), generator.as_os_str()])
        .arg("--check")
        .output()
        .unwrap()
        .into();
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn the_gate_reads_the_cookie_as_the_vectors_say() {
    let script = workspace().join("vectors/gate.mjs");
    match Command::new("node").arg(script).output() {
        Ok(output) => {
            let said = Said::from(output);
            assert_eq!(said.code, 0, "{}", said.err);
        }
        Err(error) => skipped(
            "the_gate_reads_the_cookie_as_the_vectors_say",
            &format!("no Node.js (apt-get install nodejs): {error}"),
        ),
    }
}

#[test]
fn jwcrypto_verifies_both_signatures() {
    let python = match python() {
        Ok(python) => python,
        Err(reason) => return skipped("jwcrypto_verifies_both_signatures", reason),
    };
    check("jwcrypto", |file, keys| {
        let script = workspace().join("vectors/verify.py");
        Command::new(python)
            .arg("-B")
            .arg(script)
            .args([file, keys])
            .output()
            .unwrap()
            .into()
    });
}

#[test]
fn jose_verifies_both_signatures() {
    let jose = match jose() {
        Ok(jose) => jose,
        Err(reason) => return skipped("jose_verifies_both_signatures", reason),
    };
    check("jose", |file, keys| {
        let script = workspace().join("vectors/verify.mjs");
        Command::new("node")
            .env("SAYSO_JOSE", jose)
            .arg(script)
            .args([file, keys])
            .output()
            .unwrap()
            .into()
    });
}

/// Runs a foreign checker over honest files, and over those altered ones that signatures, hash or commitment give away.
fn check(library: &str, verify: impl Fn(&Path, &Path) -> Said) {
    let vectors = vectors("receipt.json");
    let desk = Desk::new();
    let keys = desk.put("keys.json", vectors["jwks"].to_string());
    for name in [
        "accept-on-the-banner",
        "refuse-with-a-key-used-once",
        "witnessed-by-the-gate",
    ] {
        let case = case(&vectors, name);
        let said = verify(&desk.put("file.json", case["file"].to_string()), &keys);
        assert_eq!(said.code, 0, "{library} refused {name}: {}", said.err);
        let said: Value = serde_json::from_str(&said.out).unwrap();
        let signed_by = if case["subject"].is_null() {
            "server"
        } else {
            "visitor"
        };
        assert_eq!(said["signed_by"], signed_by, "{library}: {name}");
    }
    for name in [
        "signature-byte-changed",
        "payload-altered",
        "another-salt",
        "receipt-with-the-countersignature-of-another",
        "jwk-swapped-and-signed-again",
        "jwk-and-subject-swapped-and-signed-again",
        "countersignature-byte-changed",
        "countersignature-by-a-key-not-in-the-jwks",
        "witness-signature-by-another-key",
    ] {
        let refused = vectors["refused"]
            .as_array()
            .unwrap()
            .iter()
            .find(|case| case["name"] == name)
            .unwrap();
        let said = verify(
            &desk.put("file.json", refused["file"].as_str().unwrap()),
            &keys,
        );
        assert_ne!(said.code, 0, "{library} accepted {name}");
    }
}
