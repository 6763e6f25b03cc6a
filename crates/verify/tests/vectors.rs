//! The golden vectors through the page's checker, its questions answered as a browser would, beside core's own verifier.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::digest::decode;
use sayso_core::log::note::VerifierKey;
use sayso_core::verify::{self, Demands};
use sayso_verify::Answers;
use serde_json::Value;

fn vectors(name: &str) -> Value {
    let path = format!("{}/../../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

struct Ring;

impl Verifier for Ring {
    fn es256(&self, key: &[u8; 65], message: &[u8], signature: &[u8; 64]) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
        key.verify(message, signature).is_ok()
    }

    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, key);
        key.verify(message, signature).is_ok()
    }
}

/// Asks until there is nothing left to ask, and says how many signatures were asked about.
fn settle(mut check: impl FnMut(&Answers) -> Value) -> (Value, usize) {
    let mut answers = Answers::new();
    for _ in 0..8 {
        let said = check(&answers);
        let Some(questions) = said["ask"].as_array() else {
            return (said, answers.len());
        };
        assert!(!questions.is_empty());
        for question in questions {
            let bytes = |name: &str| decode(question[name].as_str().unwrap()).unwrap();
            let (key, message) = (bytes("key"), bytes("message"));
            let signature = bytes("signature").try_into().unwrap();
            let holds = match question["alg"].as_str().unwrap() {
                "ES256" => Ring.es256(&key.try_into().unwrap(), &message, &signature),
                "Ed25519" => Ring.ed25519(&key.try_into().unwrap(), &message, &signature),
                other => panic!("{other}"),
            };
            let id = question["id"].as_str().unwrap().to_owned();
            assert_eq!(answers.insert(id, holds), None, "asked twice");
        }
    }
    panic!("no end of questions")
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn what_holds_holds_here() {
    let all = vectors("receipt");
    let keys = all["jwks"].to_string();
    let witnesses: Vec<&str> = list(&all["witnesses"]);
    for case in all["cases"].as_array().unwrap() {
        let file = text(&case["file"]);
        for (witnesses, cosigned) in [(String::new(), 0), (witnesses.join("\n"), witnesses.len())] {
            let (said, asked) =
                settle(|answers| sayso_verify::receipt(&file, &keys, &witnesses, answers));
            let holds = &said["holds"];
            assert_eq!(
                holds["hash"], case["receipt_hash"],
                "{}: {said}",
                case["name"]
            );
            let signed: Value = serde_json::from_str(case["payload"].as_str().unwrap()).unwrap();
            assert_eq!(holds["receipt"], signed);
            assert_eq!(holds["cosigned"].as_array().unwrap().len(), cosigned);
            assert_eq!(holds["named"].as_array().unwrap().len(), 2);
            assert_eq!(asked, 3 + cosigned, "receipt, countersignature, checkpoint");
        }
    }
}

fn list(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect()
}

#[test]
fn what_is_refused_is_refused_as_the_command_does() {
    let all = vectors("receipt");
    for case in all["refused"].as_array().unwrap() {
        let keys = if case["jwks"].is_null() {
            &all["jwks"]
        } else {
            &case["jwks"]
        };
        let witnesses = if case["quorum"].is_null() {
            Vec::new()
        } else {
            list(&all["witnesses"])
        };
        let file = text(&case["file"]);
        let parsed: Vec<_> = witnesses
            .iter()
            .map(|key| VerifierKey::parse(key).unwrap())
            .collect();
        let demands = Demands {
            witnesses: &parsed,
            quorum: parsed.len(),
        };
        let jwks: Jwks = serde_json::from_value(keys.clone()).unwrap();
        let error = match verify::verify(file.as_bytes(), &jwks, &demands, &Ring) {
            Err(error) => error,
            // A quorum of fewer than all is for the command alone.
            Ok(_) => continue,
        };
        let (keys, witnesses) = (keys.to_string(), witnesses.join("\n"));
        let (said, _) = settle(|answers| sayso_verify::receipt(&file, &keys, &witnesses, answers));
        let refused = &said["refused"];
        assert_eq!(
            refused["code"],
            error.exit_code(),
            "{}: {said}",
            case["name"]
        );
        assert_eq!(refused["sentence"], error.to_string());
    }
}

#[test]
fn a_signature_that_does_not_hold_is_found_whichever_it_is() {
    let all = vectors("receipt");
    let (file, keys) = (text(&all["cases"][0]["file"]), all["jwks"].to_string());
    let witnesses = list(&all["witnesses"]).join("\n");
    let first = sayso_verify::receipt(&file, &keys, &witnesses, &Answers::new());
    let questions = first["ask"].as_array().unwrap();
    let mut codes = Vec::new();
    for wrong in questions {
        let answers: Answers = questions
            .iter()
            .map(|q| (text(&q["id"]), q["id"] != wrong["id"]))
            .collect();
        let said = sayso_verify::receipt(&file, &keys, &witnesses, &answers);
        codes.push(said["refused"]["code"].as_u64().unwrap());
    }
    codes.sort_unstable();
    assert_eq!(codes, [13, 17, 25, 27, 27]);
}

#[test]
fn a_file_of_everything_is_taken_apart_without_touching_a_byte() {
    let all = vectors("receipt");
    let one = text(&all["cases"][0]["file"]);
    let opened = sayso_verify::open(&one);
    assert_eq!(opened["receipts"][0]["text"], one);
    assert_eq!(opened["receipts"][0]["claims"]["site"], "demo");
    let twice = one.replacen('{', "{\"v\":1,", 1);
    let all = format!(
        r#"{{"v":1,"receipts":[{one}, {one}],"evidence":[{{"time":7,"seen":"a","shown":"b"}}]}}"#
    );
    let opened = sayso_verify::open(&all);
    assert_eq!(opened["receipts"].as_array().unwrap().len(), 2);
    assert_eq!(opened["receipts"][1]["text"], one);
    assert_eq!(opened["evidence"][0]["seen"], "a");
    for strange in [
        "",
        "null",
        "<html>",
        r#"{"v":2,"receipts":[]}"#,
        &all.replace(&one, &twice),
    ] {
        let opened = sayso_verify::open(strange);
        assert_eq!(opened["receipts"][0]["text"], *strange);
        assert_eq!(opened["receipts"][0]["claims"], Value::Null);
        let said = sayso_verify::receipt(
            strange,
            &vectors("receipt")["jwks"].to_string(),
            "",
            &Answers::new(),
        );
        assert!(said["refused"]["code"].as_u64().unwrap() <= 11, "{said}");
    }
}

#[test]
fn keys_that_are_none_are_told_of() {
    let all = vectors("receipt");
    let (file, keys) = (text(&all["cases"][0]["file"]), all["jwks"].clone());
    let mut twice = keys.clone();
    let again = twice["keys"][0].clone();
    twice["keys"].as_array_mut().unwrap().push(again);
    let log = "demo.sayso.example/sayso+00000000+AAAA";
    for (keys, witnesses) in [
        ("{}".to_owned(), ""),
        (r#"{"keys":[]}"#.to_owned(), ""),
        (twice.to_string(), ""),
        (keys.to_string(), log),
        (keys.to_string(), "nonsense"),
    ] {
        let said = sayso_verify::receipt(&file, &keys, witnesses, &Answers::new());
        assert_eq!(said["refused"]["code"], 20, "{said}");
    }
}

#[test]
fn two_faces_of_a_log_are_proof_by_themselves() {
    let all = vectors("receipt");
    let keys = all["jwks"].to_string();
    let file: Value = serde_json::from_str(&text(&all["cases"][0]["file"])).unwrap();
    let proof = file["proof"].as_str().unwrap();
    let note = proof.split_once("\n\n").unwrap().1.to_owned();
    let (same, _) = settle(|answers| sayso_verify::evidence(&note, &note, &keys, answers));
    assert_eq!(same["shows"], "grown", "{same}");
    assert_eq!(same["before"], 53);
    let forged = note.replace("\n53\n", "\n52\n");
    let (said, _) = settle(|answers| sayso_verify::evidence(&note, &forged, &keys, answers));
    assert_eq!(said["refused"]["code"], 25, "nobody signed that: {said}");
    let (said, _) = settle(|answers| sayso_verify::evidence("x", &note, &keys, answers));
    assert_eq!(said["refused"]["code"], 22);
}
