//! The log against `vectors/log.json`: trees, commitments, checkpoints, cosignatures and erasure requests as an
//! independent implementation made them.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod support;

use std::collections::HashMap;

use sayso_core::commitment;
use sayso_core::crypto::{EcJwk, Jwks};
use sayso_core::digest::{Digest, decode, decode_array, encode};
use sayso_core::erasure::{self, ErasureError};
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, VerifierKey};
use sayso_core::log::proof::{self, Proof};
use sayso_core::log::{Entry, cosignature, tree};
use sayso_core::verify::{Countersigned, Demands, verify};
use serde::Deserialize;
use serde_json::Value;
use support::{Ring, read};

#[derive(Deserialize)]
struct LogVectors {
    origin: String,
    vkey: String,
    witnesses: Vec<String>,
    commitments: Vec<CommitmentCase>,
    entries: Vec<String>,
    checkpoint: CheckpointCase,
    trees: Vec<TreeCase>,
    erasure: ErasureCase,
}

#[derive(Deserialize)]
struct CommitmentCase {
    kind: String,
    salt: String,
    text: String,
    commitment: String,
    entry: String,
    leaf: String,
}

#[derive(Deserialize)]
struct CheckpointCase {
    text: String,
    size: u64,
    root: Digest,
    signed: String,
    cosigned: String,
    cosignatures: Vec<Cosigned>,
}

#[derive(Deserialize)]
struct Cosigned {
    name: String,
    time: u64,
    message: String,
}

#[derive(Deserialize)]
struct TreeCase {
    size: u64,
    root: Digest,
    inclusion: Vec<Vec<Digest>>,
    consistency: Vec<Vec<Digest>>,
}

#[derive(Deserialize)]
struct ErasureCase {
    header: String,
    payload: String,
    signing_input: String,
    jws: String,
    subject: String,
    refused: Vec<RefusedRequest>,
}

#[derive(Deserialize)]
struct RefusedRequest {
    name: String,
    code: String,
    jws: String,
}

fn vectors() -> LogVectors {
    read("log.json")
}

fn keys(texts: &[String]) -> Vec<VerifierKey> {
    texts
        .iter()
        .map(|key| VerifierKey::parse(key).unwrap())
        .collect()
}

/// The complete nodes over some leaves, and the frontier.
fn nodes(leaves: impl IntoIterator<Item = Digest>) -> (HashMap<(u8, u64), Digest>, tree::Frontier) {
    let mut frontier = tree::Frontier::default();
    let mut nodes = HashMap::new();
    for leaf in leaves {
        for node in frontier.append(leaf) {
            nodes.insert((node.level, node.index), node.hash);
        }
    }
    (nodes, frontier)
}

#[test]
fn commitments_entries_and_leaves_are_as_the_vectors_say() {
    let cases = vectors().commitments;
    assert_eq!(cases.len(), 3);
    for case in cases {
        let salt = decode_array(&case.salt).unwrap();
        let entry = match case.kind.as_str() {
            "receipt" => Entry::Receipt(commitment::commitment(&salt, &case.text)),
            "tombstone" => Entry::Tombstone(commitment::tombstone(&salt, &case.text)),
            "key-event" => Entry::KeyEvent(commitment::key_event(&salt, &case.text)),
            other => panic!("{other}"),
        };
        let bytes = entry.to_bytes();
        assert_eq!(encode(&bytes[1..]), case.commitment, "{}", case.kind);
        assert_eq!(encode(&bytes), case.entry, "{}", case.kind);
        assert_eq!(Entry::from_bytes(&bytes), Some(entry), "{}", case.kind);
        assert_eq!(entry.leaf_hash().to_string(), case.leaf, "{}", case.kind);
    }
}

#[test]
fn every_root_and_proof_of_the_small_trees_is_as_the_vectors_say() {
    let cases = vectors().trees;
    for case in &cases {
        let leaf = |n: u64| tree::leaf_hash(format!("entry {n}").as_bytes());
        let (nodes, frontier) = nodes((0..case.size).map(leaf));
        let node = |level, index| Ok::<_, ()>(nodes.get(&(level, index)).copied());
        assert_eq!(frontier.root(), case.root, "of {}", case.size);
        for (index, expected) in (0..).zip(&case.inclusion) {
            let proof = tree::inclusion_proof(index, case.size, node).unwrap();
            assert_eq!(proof.as_ref(), Some(expected), "{index} in {}", case.size);
            let holds =
                |leaf| tree::verify_inclusion(&leaf, index, case.size, expected, &case.root);
            assert!(holds(leaf(index)) && !holds(leaf(case.size)));
        }
        for (old, expected) in (0..).zip(&case.consistency) {
            let proof = tree::consistency_proof(old, case.size, node).unwrap();
            assert_eq!(proof.as_ref(), Some(expected), "{old} to {}", case.size);
            let old_root = &cases[usize::try_from(old).unwrap()].root;
            let holds =
                |old_root| tree::verify_consistency(old, case.size, old_root, &case.root, expected);
            assert!(holds(old_root), "{old} to {}", case.size);
            assert!(!holds(&leaf(99)), "{old} to {}", case.size);
        }
    }
}

#[test]
fn the_checkpoint_is_written_and_opened_as_the_vectors_say() {
    let LogVectors {
        origin,
        vkey,
        witnesses,
        entries,
        checkpoint: case,
        ..
    } = vectors();
    let entry = |text: &String| {
        let bytes = decode_array(text).unwrap();
        Entry::from_bytes(&bytes).unwrap().leaf_hash()
    };
    let (_, frontier) = nodes(entries.iter().map(entry));
    let checkpoint = Checkpoint {
        origin,
        size: frontier.size(),
        root: frontier.root(),
    };
    assert_eq!((checkpoint.size, checkpoint.root), (case.size, case.root));
    assert_eq!(checkpoint.text(), case.text);

    let key = VerifierKey::parse(&vkey).unwrap();
    assert_eq!(key.to_string(), vkey);
    let (opened, note) = Checkpoint::open(&case.signed, &key, &Ring).unwrap();
    assert_eq!(opened, checkpoint);
    assert_eq!(note.to_string(), case.signed);

    let note = Note::parse(&case.cosigned).unwrap();
    assert_eq!(note.to_string(), case.cosigned);
    for expected in &case.cosignatures {
        assert_eq!(
            cosignature::message(expected.time, &case.text),
            expected.message
        );
    }
    let expected: Vec<_> = case
        .cosignatures
        .into_iter()
        .map(|c| (c.name, c.time))
        .collect();
    let witnesses = keys(&witnesses);
    assert_eq!(proof::cosigned(&note, &witnesses, &Ring), expected);
    let twice = [witnesses[0].clone(), witnesses[0].clone()];
    assert_eq!(
        proof::cosigned(&note, &twice, &Ring).len(),
        1,
        "a witness named twice is one witness"
    );
}

#[test]
fn the_key_that_the_site_publishes_is_the_logs() {
    let receipts: Value = read("receipt.json");
    let jwks: Jwks = serde_json::from_value(receipts["jwks"].clone()).unwrap();
    let LogVectors { origin, vkey, .. } = vectors();
    let [key] = jwks.log_keys(&origin).try_into().unwrap();
    assert_eq!(key.to_string(), vkey);
}

#[test]
fn every_countersigned_receipt_stands_where_the_vectors_say_and_was_cosigned() {
    let receipts: Value = read("receipt.json");
    let jwks: Jwks = serde_json::from_value(receipts["jwks"].clone()).unwrap();
    let log = vectors();
    let witnesses = keys(&log.witnesses);
    let demands = Demands {
        witnesses: &witnesses,
        quorum: 2,
    };
    let leaves: Vec<Digest> = log
        .entries
        .iter()
        .map(|text| tree::leaf_hash(&decode(text).unwrap()))
        .collect();
    let (nodes, _) = nodes(leaves.iter().copied());
    for (index, case) in (40..).zip(receipts["cases"].as_array().unwrap()) {
        let file: Countersigned = serde_json::from_value(case["file"].clone()).unwrap();
        let verified = verify(case["file"].to_string().as_bytes(), &jwks, &demands, &Ring).unwrap();
        assert_eq!(verified.statement.index, index);
        assert_eq!(verified.checkpoint.size, log.checkpoint.size);
        assert_eq!(verified.checkpoint.root, log.checkpoint.root);
        assert_eq!(verified.cosigned.len(), 2);

        let node = |level, index| Ok::<_, ()>(nodes.get(&(level, index)).copied());
        let written = Proof {
            index,
            hashes: tree::inclusion_proof(index, log.checkpoint.size, node)
                .unwrap()
                .unwrap(),
            checkpoint: log.checkpoint.cosigned.clone(),
        };
        assert_eq!(Some(written.to_string()), file.proof);
        assert_eq!(Proof::parse(&written.to_string()), Ok(written));
    }
}

#[test]
fn a_request_to_erase_is_written_and_believed_as_the_vectors_say() {
    let case = vectors().erasure;
    let header: Value = serde_json::from_str(&case.header).unwrap();
    let jwk: EcJwk = serde_json::from_value(header["jwk"].clone()).unwrap();
    let payload: erasure::Payload = serde_json::from_str(&case.payload).unwrap();
    assert_eq!(payload.to_json(), case.payload);
    assert_eq!(erasure::signing_input(&jwk, &payload), case.signing_input);
    let verified = erasure::Parsed::read(&case.jws)
        .unwrap()
        .verify(&Ring)
        .unwrap();
    assert_eq!(verified.subject(), case.subject);
    assert_eq!(verified.payload(), &payload);
    assert_eq!(verified.jws(), case.jws);
}

#[test]
fn other_requests_to_erase_are_refused_for_the_reason_that_the_vectors_say() {
    let refused = vectors().erasure.refused;
    assert!(refused.len() > 15);
    for case in refused {
        let found = match erasure::Parsed::read(&case.jws).and_then(|parsed| parsed.verify(&Ring)) {
            Ok(_) => panic!("{}: accepted", case.name),
            Err(ErasureError::Jws(_)) => "jws",
            Err(ErasureError::Type) => "type",
            Err(ErasureError::Payload(_)) => "payload",
            Err(ErasureError::Key) => "key",
            Err(ErasureError::Subject) => "subject",
            Err(ErasureError::Signature) => "signature",
        };
        assert_eq!(found, case.code, "{}", case.name);
    }
}
