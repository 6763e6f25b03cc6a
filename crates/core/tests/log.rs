//! The log against other people's readings of the same specifications: RFC 6962 trees, C2SP notes, proofs and tiles.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::collections::HashMap;
use std::convert::Infallible;

use proptest::prelude::*;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sayso_core::crypto::Verifier;
use sayso_core::digest::{Digest, sha256};
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::{Checkpoint, CheckpointError};
use sayso_core::log::note::{Algorithm, Note, NoteError, Signature, VerifierKey};
use sayso_core::log::proof::{Proof, ProofError};
use sayso_core::log::tile::Tile;
use sayso_core::log::{cosignature, tree};

struct Ring;

impl Verifier for Ring {
    fn es256(&self, _: &[u8; 65], _: &[u8], _: &[u8; 64]) -> bool {
        false
    }

    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, key)
            .verify(message, signature)
            .is_ok()
    }
}

/// A stored tree of complete nodes, ours, and the same leaves in the oracles.
#[derive(Default)]
struct Stored {
    frontier: tree::Frontier,
    nodes: HashMap<(u8, u64), Digest>,
    roots: Vec<Digest>,
}

impl Stored {
    fn of(size: u64) -> Self {
        let mut stored = Self {
            roots: vec![tree::empty_root()],
            ..Self::default()
        };
        for index in 0..size {
            for node in stored.frontier.append(tree::leaf_hash(&leaf(index))) {
                assert!(
                    stored
                        .nodes
                        .insert((node.level, node.index), node.hash)
                        .is_none(),
                    "a node is written once"
                );
            }
            stored.roots.push(stored.frontier.root());
        }
        stored
    }

    fn get(&self) -> impl FnMut(u8, u64) -> Result<Option<Digest>, Infallible> {
        |level, index| Ok(self.nodes.get(&(level, index)).copied())
    }
}

fn leaf(index: u64) -> Vec<u8> {
    Entry::Receipt(sha256(&index.to_be_bytes()))
        .to_bytes()
        .to_vec()
}

struct TlogReader(Vec<tlog_tiles::Hash>);

impl tlog_tiles::HashReader for TlogReader {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes
            .iter()
            .map(|i| self.0[usize::try_from(*i).unwrap()])
            .collect())
    }
}

impl TlogReader {
    fn of(size: u64) -> Self {
        let mut reader = Self(Vec::new());
        for index in 0..size {
            let hashes = tlog_tiles::stored_hashes(index, &leaf(index), &reader).unwrap();
            reader.0.extend(hashes);
        }
        reader
    }
}

#[test]
fn published_hashes() {
    let hex = |digest: Digest| {
        digest
            .0
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect::<String>()
    };
    assert_eq!(
        hex(tree::empty_root()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        hex(tree::leaf_hash(b"")),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    );
    assert_eq!(
        hex(tree::leaf_hash(b"L123456")),
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    );
}

#[test]
fn every_proof_of_every_small_tree_equals_the_oracles() {
    const SIZE: u64 = 40;
    let (stored, reader) = (Stored::of(SIZE), TlogReader::of(SIZE));
    let mut oracle =
        ct_merkle::mem_backed_tree::MemoryBackedTree::<sha2_next::Sha256, Vec<u8>>::new();
    let flat = |hashes: &[Digest]| hashes.iter().flat_map(|h| h.0).collect::<Vec<u8>>();
    for size in 1..=SIZE {
        oracle.push(leaf(size - 1));
        let root = stored.roots[usize::try_from(size).unwrap()];
        assert_eq!(root.0, tlog_tiles::tree_hash(size, &reader).unwrap().0);
        assert_eq!(&root.0[..], &oracle.root().as_bytes()[..]);
        assert_eq!(tree::root(size, stored.get()).unwrap(), Some(root));
        assert_eq!(
            tree::Frontier::load(size, stored.get())
                .unwrap()
                .unwrap()
                .root(),
            root
        );
        for index in 0..size {
            let proof = tree::inclusion_proof(index, size, stored.get())
                .unwrap()
                .unwrap();
            let other = tlog_tiles::prove_record(size, index, &reader).unwrap();
            assert_eq!(
                flat(&proof),
                other.iter().flat_map(|h| h.0).collect::<Vec<u8>>()
            );
            assert_eq!(
                flat(&proof),
                oracle
                    .prove_inclusion(usize::try_from(index).unwrap())
                    .as_bytes()
            );
            assert!(tree::verify_inclusion(
                &tree::leaf_hash(&leaf(index)),
                index,
                size,
                &proof,
                &root
            ));
        }
        for old in 0..=size {
            let proof = tree::consistency_proof(old, size, stored.get())
                .unwrap()
                .unwrap();
            let old_root = stored.roots[usize::try_from(old).unwrap()];
            assert!(tree::verify_consistency(
                old, size, &old_root, &root, &proof
            ));
            if old > 0 && old < size {
                let additions = usize::try_from(size - old).unwrap();
                assert_eq!(flat(&proof), oracle.prove_consistency(additions).as_bytes());
                let other = tlog_tiles::prove_tree(size, old, &reader).unwrap();
                assert_eq!(
                    flat(&proof),
                    other.iter().flat_map(|h| h.0).collect::<Vec<u8>>()
                );
            }
        }
        assert_eq!(
            tree::inclusion_proof(size, size, stored.get()).unwrap(),
            None
        );
    }
}

proptest! {
    #[test]
    fn an_altered_proof_never_holds(size in 2u64..400, at in any::<u64>(), change in 0usize..6, byte in 0usize..32) {
        let stored = Stored::of(size);
        let index = at % size;
        let (leaf_hash, root) = (tree::leaf_hash(&leaf(index)), stored.frontier.root());
        let good = tree::inclusion_proof(index, size, stored.get()).unwrap().unwrap();
        prop_assert!(tree::verify_inclusion(&leaf_hash, index, size, &good, &root));
        let mut proof = good.clone();
        let (mut index, mut size, mut root) = (index, size, root);
        match change {
            0 => { let n = proof.len(); proof[at as usize % n].0[byte] ^= 1; }
            1 => { proof.pop(); }
            2 => proof.push(root),
            3 => index = (index + 1) % size,
            4 => root.0[byte] ^= 1,
            _ => size = index,
        }
        prop_assert!(!tree::verify_inclusion(&leaf_hash, index, size, &proof, &root));
    }

    #[test]
    fn a_rewritten_log_is_never_consistent(new in 2u64..300, at in any::<u64>(), byte in 0usize..32, change in 0usize..5) {
        let stored = Stored::of(new);
        let old = 1 + at % (new - 1);
        let (mut old_root, mut new_root) = (stored.roots[old as usize], stored.frontier.root());
        let mut proof = tree::consistency_proof(old, new, stored.get()).unwrap().unwrap();
        prop_assert!(tree::verify_consistency(old, new, &old_root, &new_root, &proof));
        let mut old = old;
        match change {
            0 => { let n = proof.len(); proof[at as usize % n].0[byte] ^= 1; }
            1 => { proof.pop(); }
            2 => old_root.0[byte] ^= 1,
            3 => new_root.0[byte] ^= 1,
            _ => old = 0,
        }
        prop_assert!(!tree::verify_consistency(old, new, &old_root, &new_root, &proof));
    }

    #[test]
    fn no_text_panics(text in "[a-z0-9+/=—. \n]{0,120}") {
        let _ = (Note::parse(&text), Checkpoint::parse(&text), Proof::parse(&text), VerifierKey::parse(&text), Tile::parse(&text));
    }

    #[test]
    fn tiles_are_spelt_as_others_spell_them(level in 0u8..7, index in 0u64..3_000_000_000, width in 1u16..=256) {
        let tile = Tile { level, index, width };
        let path = tile.path();
        prop_assert_eq!(Tile::parse(&path), Some(tile));
        let other = tlog_tiles::Tile::new(8, level, index, u32::from(width), false);
        prop_assert_eq!(other.path(), format!("tile/8/{path}"));
    }
}

#[test]
fn tiles_hold_their_nodes_and_know_their_tree() {
    let tile = |path| Tile::parse(path).unwrap();
    assert_eq!(tile("0/x001/x234/067").index, 1_234_067);
    assert_eq!(tile("1/000.p/3").nodes(), (8, 0..3));
    assert!(
        tile("0/000").is_in(256) && !tile("0/000").is_in(255) && tile("0/000.p/255").is_in(255)
    );
    assert!(tile("1/000.p/1").is_in(256) && !tile("1/000.p/2").is_in(511));
    for path in [
        "0/0",
        "0/1234",
        "00/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/257",
        "9/000",
        "0/x000/001",
        "0/-01",
        "0/000/",
    ] {
        assert_eq!(Tile::parse(path), None, "{path}");
    }
}

struct Key {
    pair: Ed25519KeyPair,
    public: VerifierKey,
}

impl Key {
    fn new(name: &str, algorithm: Algorithm, seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let public = pair.public_key().as_ref().try_into().unwrap();
        Self {
            pair,
            public: VerifierKey {
                name: name.into(),
                algorithm,
                public,
            },
        }
    }

    fn sign(&self, message: &str) -> [u8; 64] {
        self.pair
            .sign(message.as_bytes())
            .as_ref()
            .try_into()
            .unwrap()
    }
}

#[test]
fn keys_and_notes_are_read_as_others_read_them() {
    let published = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    assert_eq!(
        VerifierKey::parse(published).unwrap().to_string(),
        published
    );
    assert_eq!(
        VerifierKey::parse(&published.replace("530d903a", "530d903b")),
        Err(NoteError::Key)
    );

    let log = Key::new("larkspur.example/sayso", Algorithm::Ed25519, 1);
    let text = Checkpoint {
        origin: log.public.name.clone(),
        size: 5,
        root: sha256(b"root"),
    }
    .text();
    let signatures = vec![Signature::new(&log.public, log.sign(&text).to_vec())];
    let note = Note {
        text: text.clone(),
        signatures,
    };
    let known = signed_note::StandardVerifier::new(&log.public.to_string()).unwrap();
    let list = signed_note::VerifierList::new(vec![Box::new(known)]);
    let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    assert_eq!(theirs.verify(&list).unwrap().0.len(), 1);
    assert_eq!(theirs.text(), text.as_bytes());
    let theirs = tlog_tiles::Checkpoint::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(
        (theirs.origin(), theirs.size(), theirs.hash().0),
        ("larkspur.example/sayso", 5, sha256(b"root").0)
    );
    assert_eq!(Note::parse(&note.to_string()), Ok(note));
}

#[test]
fn what_is_no_note_is_refused() {
    for text in [
        "",
        "a\n",
        "a\n\n",
        "a\n\nb\n",
        "a\n\n— x\n",
        "a\n\n— x AAAA\n",
        "a\n\n— x AAAAAAA=",
        "a\r\n\n— x AAAAAAA=\n",
    ] {
        assert!(Note::parse(text).is_err(), "{text:?}");
    }
    for text in [
        "o\n01\nAAAA\n",
        "o\n1\n",
        "o o\n1\nAAAA\n",
        "o\n-1\nAAAA\n",
        "o\n1\nAAAA",
    ] {
        assert_eq!(
            Checkpoint::parse(text),
            Err(CheckpointError::Form),
            "{text:?}"
        );
    }
}

#[test]
fn a_kept_proof_convinces_and_each_lie_has_its_own_error() {
    let log = Key::new("larkspur.example/sayso", Algorithm::Ed25519, 1);
    let witnesses = [7, 8, 9].map(|seed| {
        Key::new(
            &format!("witness.example/{seed}"),
            Algorithm::Cosignature,
            seed,
        )
    });
    let known: Vec<_> = witnesses.iter().map(|w| w.public.clone()).collect();
    let stored = Stored::of(21);
    let signed = |log: &Key, size: u64, cosigners: &[Key]| {
        let text = Checkpoint {
            origin: log.public.name.clone(),
            size,
            root: stored.roots[size as usize],
        }
        .text();
        let mut signatures = vec![Signature::new(&log.public, log.sign(&text).to_vec())];
        for (at, witness) in cosigners.iter().enumerate() {
            let time = 1_763_766_000 + at as u64;
            let signature = witness.sign(&cosignature::message(time, &text));
            signatures.push(cosignature::line(&witness.public, time, &signature));
        }
        Note { text, signatures }.to_string()
    };
    let leaf = tree::leaf_hash(&leaf(13));
    let proof = |index, checkpoint: String| Proof {
        index,
        hashes: tree::inclusion_proof(index, 21, stored.get())
            .unwrap()
            .unwrap(),
        checkpoint,
    };
    let good = proof(13, signed(&log, 21, &witnesses[..2]));
    assert_eq!(Proof::parse(&good.to_string()), Ok(good.clone()));
    let (checkpoint, times) = good.verify(&leaf, &log.public, &known, 2, &Ring).unwrap();
    assert_eq!(
        (checkpoint.size, times.len(), times[1].1),
        (21, 2, 1_763_766_001)
    );

    assert_eq!(
        good.verify(&leaf, &log.public, &known, 3, &Ring),
        Err(ProofError::Quorum {
            found: 2,
            wanted: 3
        })
    );
    let elsewhere = proof(14, good.checkpoint.clone());
    assert_eq!(
        elsewhere.verify(&leaf, &log.public, &[], 0, &Ring),
        Err(ProofError::Inclusion)
    );
    let smaller = proof(13, signed(&log, 20, &[]));
    assert_eq!(
        smaller.verify(&leaf, &log.public, &[], 0, &Ring),
        Err(ProofError::Inclusion)
    );
    let other_log = Key::new("shop.example/sayso", Algorithm::Ed25519, 1);
    let foreign = proof(13, signed(&other_log, 21, &[]));
    assert!(matches!(
        foreign.verify(&leaf, &log.public, &[], 0, &Ring),
        Err(ProofError::Checkpoint(CheckpointError::Origin { .. }))
    ));
    let forged = proof(
        13,
        signed(
            &Key::new("larkspur.example/sayso", Algorithm::Ed25519, 2),
            21,
            &[],
        ),
    );
    assert!(matches!(
        forged.verify(&leaf, &log.public, &[], 0, &Ring),
        Err(ProofError::Checkpoint(CheckpointError::Signature(_)))
    ));
    // A witness's key under the log's name, and the log's key as a witness, are neither.
    let dressed = Key::new("witness.example/7", Algorithm::Cosignature, 30);
    let dressed = proof(13, signed(&log, 21, std::slice::from_ref(&dressed)));
    assert_eq!(
        dressed.verify(&leaf, &log.public, &known, 1, &Ring),
        Err(ProofError::Quorum {
            found: 0,
            wanted: 1
        })
    );
}
