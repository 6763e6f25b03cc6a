//! `sayso verify` as a person runs it: over the golden vectors, honest and altered.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use sayso_core::digest::encode;
use serde_json::{Value, json};
use support::{Desk, Said, case, demanded, sayso, vectors, workspace};

/// The exit code for each reason to refuse, and a part of the sentence that goes with it.
const REFUSALS: [(&str, i32, &str); 18] = [
    ("file", 10, "not a countersigned receipt"),
    ("duplicate", 11, "occurs twice"),
    ("receipt", 12, "the receipt is malformed"),
    (
        "receipt-signature",
        13,
        "the receipt's signature does not hold",
    ),
    ("subject", 14, "the visitor's key was swapped"),
    ("countersignature", 15, "the countersignature is malformed"),
    ("unknown-key", 16, "is not among the site's published keys"),
    (
        "countersignature-signature",
        17,
        "the countersignature does not hold",
    ),
    (
        "other-receipt",
        18,
        "the countersignature is of another receipt",
    ),
    ("salt", 19, "the salt does not open the commitment"),
    ("no-proof", 21, "there is no proof from the log"),
    ("proof", 22, "the proof from the log is malformed"),
    ("other-index", 23, "it proves nothing about this receipt"),
    ("other-log", 24, "the checkpoint is of the log"),
    ("checkpoint-signature", 25, "the checkpoint is"),
    (
        "inclusion",
        26,
        "the proof does not lead from this receipt to the checkpoint's root",
    ),
    ("quorum", 27, "of the witnesses asked for cosigned"),
    ("key-time", 28, "signed outside its time"),
];

fn verify_case(name: &str) -> Said {
    let vectors = vectors("receipt.json");
    Desk::new().verify(
        case(&vectors, name)["file"].to_string(),
        vectors["jwks"].to_string(),
    )
}

#[test]
fn an_honest_receipt_holds_and_the_limits_are_said() {
    let said = verify_case("accept-on-the-banner");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    for sentence in [
        "The receipt holds.",
        "analytics: Given",
        "lapses Sat, 23 May 2026 00:00:00 GMT",
        "Fri, 21 Nov 2025 22:20:00 GMT by the visitor's clock",
        "One browser's key signed exactly these bytes",
        "entry 40 of demo.sayso.example/sayso",
        "53 entries, root ",
        "It stands in the log demo.sayso.example/sayso as entry 40 of 53",
        "no witness was asked for. Name the ones you trust with --witness.",
        "What this does not prove:",
        "That a person pressed the button",
    ] {
        assert!(
            said.out.contains(sentence),
            "not said: {sentence}\n{}",
            said.out
        );
    }
    assert!(
        !said
            .out
            .contains("recorded by the server, not signed by the visitor")
    );
}

#[test]
fn a_witnessed_receipt_says_that_the_visitor_did_not_sign() {
    for name in ["witnessed-by-the-gate", "witnessed-confirmation"] {
        let said = verify_case(name);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(
            said.out
                .contains("recorded by the server, not signed by the visitor"),
            "{}",
            said.out
        );
        assert!(!said.out.contains("browser's key"), "{}", said.out);
        assert!(
            said.out.contains("That the visitor decided this"),
            "{}",
            said.out
        );
    }
}

#[test]
fn every_case_holds_and_tells_the_same_as_json() {
    let vectors = vectors("receipt.json");
    let desk = Desk::new();
    let keys = desk.put("keys.json", vectors["jwks"].to_string());
    for case in vectors["cases"].as_array().unwrap() {
        let file = desk.put("file.json", case["file"].to_string());
        let said = sayso([
            "verify".as_ref(),
            file.as_os_str(),
            "--json".as_ref(),
            "--keys".as_ref(),
            keys.as_os_str(),
        ]);
        assert_eq!(said.code, 0, "{}: {}", case["name"], said.err);
        let found: Value = serde_json::from_str(&said.out).unwrap();
        let payload: Value = serde_json::from_str(case["payload"].as_str().unwrap()).unwrap();
        assert_eq!(found["receipt"], payload, "{}", case["name"]);
        assert_eq!(
            found["receipt_hash"], case["receipt_hash"],
            "{}",
            case["name"]
        );
        assert_eq!(
            found["signed_by"],
            if case["subject"].is_null() {
                "server"
            } else {
                "visitor"
            }
        );
    }
}

#[test]
fn the_files_beside_the_vectors_hold() {
    let folder = workspace().join("vectors/file");
    for name in ["signed.json", "witnessed.json"] {
        let (file, keys) = (folder.join(name), folder.join("jwks.json"));
        let said = sayso([
            "verify".as_ref(),
            file.as_os_str(),
            "--keys".as_ref(),
            keys.as_os_str(),
        ]);
        assert_eq!(said.code, 0, "{name}: {}", said.err);
    }
}

#[test]
fn every_altered_file_is_refused_with_its_own_sentence_and_exit_code() {
    let vectors = vectors("receipt.json");
    let desk = Desk::new();
    let keys = vectors["jwks"].to_string();
    let codes: BTreeMap<_, _> = REFUSALS
        .iter()
        .map(|(name, code, sentence)| (*name, (*code, *sentence)))
        .collect();
    let mut seen = BTreeSet::new();
    for case in vectors["refused"].as_array().unwrap() {
        let (code, sentence) = codes[case["code"].as_str().unwrap()];
        let demands = demanded(&vectors, case);
        let demands: Vec<&str> = demands.iter().map(String::as_str).collect();
        let keys = match &case["jwks"] {
            Value::Null => keys.clone(),
            other => other.to_string(),
        };
        let said = desk.verify_with(case["file"].as_str().unwrap(), keys, &demands);
        seen.insert(code);
        assert_eq!(said.code, code, "{}: {}", case["name"], said.err);
        assert!(
            said.err.starts_with("sayso: "),
            "{}: {}",
            case["name"],
            said.err
        );
        assert!(
            said.err.contains(sentence),
            "{}: {}",
            case["name"],
            said.err
        );
        assert_eq!(
            said.out, "",
            "{}: nothing is said of a receipt that does not hold",
            case["name"]
        );
    }
    let all: BTreeSet<i32> = REFUSALS.iter().map(|(_, code, _)| *code).collect();
    assert_eq!(seen, all, "a reason to refuse that no vector shows");
}

#[test]
fn the_witnesses_that_cosigned_are_named_with_their_times() {
    let vectors = vectors("receipt.json");
    let file = case(&vectors, "accept-on-the-banner")["file"].to_string();
    let keys = vectors["jwks"].to_string();
    let witness = |n: usize| vectors["witnesses"][n].as_str().unwrap();
    let desk = Desk::new();
    let both = ["--witness", witness(0), "--witness", witness(1)];
    let said = desk.verify_with(&file, &keys, &both);
    assert_eq!(said.code, 0, "{}", said.err);
    for sentence in [
        "by alder.example/witness at Fri, 21 Nov 2025 22:29:00 GMT",
        "by birch.example/witness at Fri, 21 Nov 2025 22:29:01 GMT",
        "It stands in a log whose checkpoint these witnesses cosigned",
        "trust in the log is trust in them",
    ] {
        assert!(said.out.contains(sentence), "{sentence}\n{}", said.out);
    }
    assert!(!said.out.contains("no witness was asked"), "{}", said.out);

    let said = desk.verify_with(&file, &keys, &["--json", "--witness", witness(1)]);
    let found: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        found["cosigned"],
        json!([{ "witness": "birch.example/witness", "time": 1_763_764_141 }])
    );
    assert_eq!(found["checkpoint"]["size"], 53);
}

#[test]
fn all_witnesses_that_are_named_are_asked_unless_a_number_says_otherwise() {
    let vectors = vectors("receipt.json");
    let find = |name: &str| {
        let refused = vectors["refused"].as_array().unwrap();
        let case = refused.iter().find(|case| case["name"] == name).unwrap();
        case["file"].as_str().unwrap().to_owned()
    };
    let by_one = find("cosigned-by-one-of-two");
    let keys = vectors["jwks"].to_string();
    let witness = |n: usize| vectors["witnesses"][n].as_str().unwrap();
    let both = ["--witness", witness(0), "--witness", witness(1)];
    let desk = Desk::new();
    assert_eq!(desk.verify_with(&by_one, &keys, &both).code, 27);
    let one_is_enough = [&both[..], &["--quorum", "1"]].concat();
    let said = desk.verify_with(&by_one, &keys, &one_is_enough);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("What 1 of the witnesses named saw"),
        "{}",
        said.out
    );

    // What cannot be asked is said before anything is checked.
    let log_key = vectors_log()["vkey"].as_str().unwrap().to_owned();
    for (arguments, sentence) in [
        (vec!["--quorum", "1"], "name each with --witness"),
        (
            vec![
                "--witness",
                witness(0),
                "--witness",
                witness(0),
                "--quorum",
                "2",
            ],
            "more witnesses than are named (1)",
        ),
        (vec!["--witness", "alder"], "name+id+key"),
        (vec!["--witness", &log_key], "this is the key of a log"),
    ] {
        let said = desk.verify_with(&by_one, &keys, &arguments);
        assert_eq!(said.code, 2, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(sentence), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn a_key_holds_within_its_time_to_the_millisecond() {
    let vectors = vectors("receipt.json");
    let file = case(&vectors, "accept-on-the-banner")["file"].to_string();
    let received = 1_763_763_600_965_u64;
    for (from, until, code) in [
        (0, u64::MAX, 0),
        (received, received + 1, 0),
        (received, received, 28),
        (received + 1, u64::MAX, 28),
        (0, received, 28),
    ] {
        let mut jwks = vectors["jwks"].clone();
        jwks["keys"][0]["from"] = from.into();
        jwks["keys"][0]["until"] = until.into();
        let said = Desk::new().verify(&file, jwks.to_string());
        assert_eq!(said.code, code, "{from}..{until}: {}", said.err);
    }
}

fn vectors_log() -> Value {
    vectors("log.json")
}

#[test]
fn a_changed_byte_is_refused_wherever_it_is() {
    let vectors = vectors("receipt.json");
    let file = case(&vectors, "accept-on-the-banner")["file"].clone();
    let (desk, keys) = (Desk::new(), vectors["jwks"].to_string());
    let receipt = file["receipt"].as_str().unwrap();
    // Every position is tried in core's own test; here a sample goes the whole way.
    for place in (0..receipt.len()).step_by(97).chain([receipt.len() - 1]) {
        let mut changed = receipt.as_bytes().to_vec();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let mut file = file.clone();
        file["receipt"] = String::from_utf8(changed).unwrap().into();
        let said = desk.verify(file.to_string(), &keys);
        assert!(
            (10..20).contains(&said.code),
            "byte {place}: {} {}",
            said.code,
            said.err
        );
    }
}

#[test]
fn keys_that_cannot_be_used_are_told_from_a_receipt_that_does_not_hold() {
    let vectors = vectors("receipt.json");
    let file = case(&vectors, "accept-on-the-banner")["file"].to_string();
    let keys = &vectors["jwks"]["keys"];
    let twice = vectors["jwks"]
        .to_string()
        .replacen("\"keys\":", "\"keys\":[],\"keys\":", 1);
    let one_key_twice = json!({ "keys": [keys[0], keys[0]] }).to_string();
    for unusable in [
        "",
        "no keys",
        "{}",
        r#"{"keys":[]}"#,
        &twice,
        &one_key_twice,
    ] {
        let said = Desk::new().verify(&file, unusable);
        assert_eq!(said.code, 20, "{unusable}: {}", said.err);
        assert!(
            said.err.contains("v1/jwks.json"),
            "the remedy is not named: {}",
            said.err
        );
    }
    // A set that lacks the key, or has it for another use, is a reason to refuse the receipt.
    let witness_only = json!({ "keys": [keys[1]] });
    let mut other_use = keys[0].clone();
    other_use["sayso"] = "witness".into();
    let mut false_kid = keys[0].clone();
    false_kid["x"] = keys[1]["x"].clone();
    for lacking in [
        witness_only,
        json!({ "keys": [other_use] }),
        json!({ "keys": [false_kid] }),
    ] {
        assert_eq!(
            Desk::new().verify(&file, lacking.to_string()).code,
            16,
            "{lacking}"
        );
    }
}

#[test]
fn a_strangers_text_cannot_steer_the_terminal() {
    let vectors = vectors("receipt.json");
    let mut file = case(&vectors, "accept-on-the-banner")["file"].clone();
    let header = r#"{"typ":"consent-countersignature+jws","alg":"Ed25519","kid":"\u001b[2J\nThe receipt holds.\u202e"}"#;
    let rest = file["countersignature"]
        .as_str()
        .unwrap()
        .split_once('.')
        .unwrap()
        .1;
    file["countersignature"] = format!("{}.{rest}", encode(header.as_bytes())).into();
    let said = Desk::new().verify(file.to_string(), vectors["jwks"].to_string());
    assert_eq!(said.code, 16, "{}", said.err);
    assert!(
        said.err
            .contains(r"\u{1b}[2J\u{a}The receipt holds.\u{202e}"),
        "{}",
        said.err
    );
    assert_eq!(said.err.lines().count(), 1);
}

#[test]
fn a_file_that_is_not_there_is_an_ordinary_failure() {
    let keys = workspace().join("vectors/file/jwks.json");
    let said = sayso([
        "verify".as_ref(),
        "/nowhere/receipt.json".as_ref(),
        "--keys".as_ref(),
        keys.as_os_str(),
    ]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.starts_with("sayso: /nowhere/receipt.json: "),
        "{}",
        said.err
    );
}
