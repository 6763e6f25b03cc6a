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
    check("jwcrypto", |file, keys, witnesses| {
        let script = workspace().join("vectors/verify.py");
        Command::new(python)
            .arg("-B")
            .arg(script)
            .args([file, keys])
            .args(witnesses)
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
    check("jose", |file, keys, witnesses| {
        let script = workspace().join("vectors/verify.mjs");
        Command::new("node")
            .env("SAYSO_JOSE", jose)
            .arg(script)
            .args([file, keys])
            .args(witnesses)
            .output()
            .unwrap()
            .into()
    });
}

/// What a foreign checker is held to: it does not know every rule of every shape.
const TELLING: [&str; 13] = [
    "receipt-signature",
    "subject",
    "unknown-key",
    "countersignature-signature",
    "other-receipt",
    "salt",
    "no-proof",
    "other-index",
    "other-log",
    "checkpoint-signature",
    "inclusion",
    "quorum",
    "key-time",
];

/// Runs a foreign checker over honest files, and over altered ones that signatures, hashes or the log give away.
fn check(library: &str, verify: impl Fn(&Path, &Path, &[String]) -> Said) {
    let vectors = vectors("receipt.json");
    let desk = Desk::new();
    let keys = desk.put("keys.json", vectors["jwks"].to_string());
    let witnesses: Vec<String> = serde_json::from_value(vectors["witnesses"].clone()).unwrap();
    for name in [
        "accept-on-the-banner",
        "refuse-with-a-key-used-once",
        "witnessed-by-the-gate",
    ] {
        let case = case(&vectors, name);
        let file = desk.put("file.json", case["file"].to_string());
        let said = verify(&file, &keys, &witnesses);
        assert_eq!(said.code, 0, "{library} refused {name}: {}", said.err);
        let said: Value = serde_json::from_str(&said.out).unwrap();
        let signed_by = if case["subject"].is_null() {
            "server"
        } else {
            "visitor"
        };
        assert_eq!(said["signed_by"], signed_by, "{library}: {name}");
        assert_eq!(said["size"], 53, "{library}: {name}");
        let names: Vec<&str> = said["cosigned"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["witness"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["alder.example/witness", "birch.example/witness"]);
    }
    // Each of them starts an interpreter: the first few of every kind.
    let refused = TELLING.iter().flat_map(|code| {
        let all = vectors["refused"].as_array().unwrap();
        all.iter().filter(move |case| case["code"] == *code).take(4)
    });
    for refused in refused {
        let file = desk.put("file.json", refused["file"].as_str().unwrap());
        let keys = match &refused["jwks"] {
            Value::Null => keys.clone(),
            other => desk.put("other-keys.json", other.to_string()),
        };
        let asked = usize::try_from(refused["quorum"].as_u64().unwrap_or(0)).unwrap();
        let said = verify(&file, &keys, &witnesses[..asked]);
        assert_ne!(said.code, 0, "{library} accepted {}", refused["name"]);
    }
}
