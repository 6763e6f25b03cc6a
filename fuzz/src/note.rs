//! Notes, checkpoints, proofs, keys and tiles: texts with one spelling each.

use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, Signature, VerifierKey};
use sayso_core::log::proof::Proof;
use sayso_core::log::tile::Tile;

/// Any text.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
        checkpoint(&note.text);
    }
    checkpoint(text);
    if let Ok(proof) = Proof::parse(text) {
        assert!(proof.hashes.len() < 64);
        let written = proof.to_string();
        // Extra data is read over; everything else has one spelling.
        if !text.contains("\nextra ") {
            assert_eq!(written, text);
        }
        assert_eq!(Proof::parse(&written), Ok(proof));
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(signature) = Signature::parse(text) {
        assert_eq!(signature.to_string(), text);
    }
    if let Some(tile) = Tile::parse(text) {
        assert_eq!(tile.path(), text);
    }
}

fn checkpoint(text: &str) {
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        // Extension lines may follow and mean nothing here.
        assert!(text.starts_with(&checkpoint.text()));
    }
}
