//! `sayso verify --against`: a log that shows two faces or goes back is caught by two files of it alone.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

mod support;

use base64ct::{Base64, Encoding};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sayso_core::digest::{Digest, decode, decode_array, sha256};
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, Signature, VerifierKey};
use sayso_core::log::{proof::Proof, tree};
use serde_json::Value;
use support::{Desk, Said, case, sayso, vectors};

/// The log of the vectors, whose key everybody has: it can be made to lie.
struct Log {
    origin: String,
    leaves: Vec<Digest>,
    pair: Ed25519KeyPair,
    key: VerifierKey,
}

impl Log {
    fn new() -> Self {
        let log = vectors("log.json");
        let seed = vectors("receipt.json")["keys"]["log"]["d"].clone();
        let seed: [u8; 32] = decode_array(seed.as_str().unwrap()).unwrap();
        let entries = log["entries"].as_array().unwrap();
        let leaf = |text: &Value| tree::leaf_hash(&decode(text.as_str().unwrap()).unwrap());
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let key = VerifierKey::parse(log["vkey"].as_str().unwrap()).unwrap();
        assert_eq!(pair.public_key().as_ref(), key.public);
        Self {
            origin: log["origin"].as_str().unwrap().to_owned(),
            leaves: entries.iter().map(leaf).collect(),
            pair,
            key,
        }
    }

    fn node(&self, size: u64) -> impl Fn(u8, u64) -> Result<Option<Digest>, ()> {
        let mut nodes = std::collections::HashMap::new();
        let mut frontier = tree::Frontier::default();
        for leaf in &self.leaves[..usize::try_from(size).unwrap()] {
            for node in frontier.append(*leaf) {
                nodes.insert((node.level, node.index), node.hash);
            }
        }
        move |level, index| Ok(nodes.get(&(level, index)).copied())
    }

    /// A checkpoint of the first entries, signed.
    fn checkpoint(&self, size: u64) -> String {
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size,
            root: tree::root(size, self.node(size)).unwrap().unwrap(),
        };
        let text = checkpoint.text();
        let signature = self.pair.sign(text.as_bytes());
        let line = Signature::new(&self.key, signature.as_ref().to_vec());
        let signatures = vec![line];
        Note { text, signatures }.to_string()
    }

    /// The case's file with a proof under another head.
    fn file(&self, name: &str, index: u64, size: u64) -> String {
        let mut file = case(&vectors("receipt.json"), name)["file"].clone();
        let hashes = tree::inclusion_proof(index, size, self.node(size))
            .unwrap()
            .unwrap();
        let proof = Proof {
            index,
            hashes,
            checkpoint: self.checkpoint(size),
        };
        file["proof"] = proof.to_string().into();
        file.to_string()
    }
}

/// `sayso verify newer --against older`.
fn lay(newer: &str, older: &str, more: &[&str]) -> Said {
    let desk = Desk::new();
    let newer = desk.put("newer", newer);
    let older = desk.put("older", older);
    let keys = desk.put("keys.json", vectors("receipt.json")["jwks"].to_string());
    let mut arguments = vec![
        "verify".as_ref(),
        newer.as_os_str(),
        "--against".as_ref(),
        older.as_os_str(),
        "--keys".as_ref(),
        keys.as_os_str(),
    ];
    arguments.extend(more.iter().map(std::ffi::OsStr::new));
    sayso(arguments)
}

const FIRST: &str = "accept-on-the-banner";
const SECOND: &str = "save-in-the-preferences";

#[test]
fn an_honest_log_passes_and_it_is_said_how_far_that_reaches() {
    let log = Log::new();
    let (old, new) = (log.checkpoint(41), log.checkpoint(53));
    let table = [
        (
            log.file(FIRST, 40, 53),
            log.file(FIRST, 40, 45),
            "nodes of the tree stand in both",
        ),
        (
            log.file(SECOND, 41, 53),
            old.clone(),
            "holds the whole older one",
        ),
        (new.clone(), old.clone(), "takes a consistency proof"),
        (new.clone(), new.clone(), "the same head"),
        (
            log.file(SECOND, 41, 53),
            log.file(FIRST, 40, 41),
            "holds the whole older one",
        ),
    ];
    for (newer, older, sentence) in table {
        let said = lay(&newer, &older, &[]);
        assert_eq!(said.code, 0, "{sentence}: {}", said.err);
        assert!(said.out.contains(sentence), "{sentence}: {}", said.out);
    }
    let said = lay(&log.file(SECOND, 41, 53), &old, &["--json"]);
    let found: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        (
            &found["extends"],
            &found["older"]["size"],
            &found["newer"]["size"]
        ),
        (&true.into(), &41.into(), &53.into())
    );
}

#[test]
fn a_log_rebuilt_without_an_entry_is_caught_by_a_file_kept_from_before() {
    let honest = Log::new();
    let kept = honest.file(FIRST, 40, 47);
    let mut rebuilt = Log::new();
    rebuilt.leaves.remove(7);

    // One size, two roots.
    let said = lay(&rebuilt.checkpoint(47), &kept, &[]);
    assert_eq!(said.code, 29, "{}", said.err);
    assert!(said.err.contains("shows two faces"), "{}", said.err);
    assert!(said.err.contains("Keep both files"), "{}", said.err);
    assert_eq!(said.out, "");

    // Another size, the entry replaced: the newer proof shows the entries before it to be others.
    let mut replaced = Log::new();
    replaced.leaves[7] = tree::leaf_hash(b"another");
    let said = lay(&replaced.file(SECOND, 41, 52), &kept, &[]);
    assert_eq!(said.code, 29, "{}", said.err);
    assert!(said.err.contains("its entries 0 to 31"), "{}", said.err);
}

#[test]
fn a_log_that_went_back_is_caught_and_the_other_explanation_named() {
    let log = Log::new();
    let said = lay(&log.checkpoint(40), &log.file(FIRST, 40, 53), &[]);
    assert_eq!(said.code, 30, "{}", said.err);
    for sentence in ["53 entries", "only 40", "the other way round"] {
        assert!(said.err.contains(sentence), "{}", said.err);
    }
}

#[test]
fn what_is_laid_side_by_side_is_checked_first() {
    let log = Log::new();
    let honest = log.checkpoint(53);
    let mut foreign = Log::new();
    foreign.origin = "other.example/sayso".into();
    foreign.key.name = foreign.origin.clone();
    let root = Base64::encode_string(&sha256(b"").0);
    let table = [
        // The log's key under another name: another log.
        (foreign.checkpoint(53), honest.clone(), 24, "different logs"),
        (
            honest.replace("\n53\n", "\n54\n"),
            honest.clone(),
            25,
            "not signed by the site's log key",
        ),
        (
            honest.clone(),
            honest.replace("\n53\n", "\n54\n"),
            25,
            "older",
        ),
        (
            format!("{}\n0\n{root}\n", log.origin),
            honest.clone(),
            10,
            "--against takes",
        ),
        ("sayso".into(), honest.clone(), 10, "--against takes"),
        (
            log.file(FIRST, 40, 53).replace("\"v\":1", "\"v\":2"),
            honest.clone(),
            10,
            "`v` is not 1",
        ),
        (
            log.file(FIRST, 41, 53),
            honest.clone(),
            23,
            "it proves nothing about this receipt",
        ),
    ];
    for (newer, older, code, sentence) in table {
        let said = lay(&newer, &older, &[]);
        assert_eq!(said.code, code, "{sentence}: {}", said.err);
        assert!(said.err.contains(sentence), "{sentence}: {}", said.err);
    }
}

#[test]
fn witnesses_are_asked_of_the_newer_file_only() {
    let log = vectors("log.json");
    let witness = log["witnesses"][0].as_str().unwrap();
    let cosigned = log["checkpoint"]["cosigned"].as_str().unwrap();
    let bare = Log::new();
    let demand = ["--witness", witness];
    let said = lay(cosigned, &bare.checkpoint(41), &demand);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = lay(&bare.checkpoint(53), cosigned, &demand);
    assert_eq!(said.code, 27, "{}", said.err);
}
