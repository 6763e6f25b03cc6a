//! `sayso verify --against`: two files of one log side by side, receipts or checkpoints, and what that alone can tell.

use std::path::Path;

use sayso_core::commitment::commitment;
use sayso_core::crypto::Jwks;
use sayso_core::digest::decode_array;
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::compare::{Agreement, Conflict, Seen, compare};
use sayso_core::log::note::Note;
use sayso_core::log::proof::{Proof, cosigned};
use sayso_core::verify::{Countersigned, Demands, VerifyError};
use sayso_server::crypto::RingVerifier;
use serde_json::json;

use super::{printable, read, receipt, refused};
use crate::args::VerifyArgs;
use crate::failure::Failure;

/// The exit code when the log shows two faces.
const TWO_FACES: u8 = 29;
/// The exit code when the log went back.
const WENT_BACK: u8 = 30;

pub(super) fn run(
    args: &VerifyArgs,
    older: &Path,
    keys: &Jwks,
    demands: &Demands<'_>,
) -> Result<String, Failure> {
    let newer_seen = see(&args.file, keys, demands)?;
    // The older file may come from a time before there were witnesses: nothing is asked of them there.
    let older_seen = see(older, keys, &Demands::default())?;
    let agreement = compare(&older_seen, &newer_seen).map_err(|conflict| {
        let code = match conflict {
            Conflict::Logs { .. } => VerifyError::OtherLog {
                expected: String::new(),
                found: String::new(),
            }
            .exit_code(),
            Conflict::Faces { .. } => TWO_FACES,
            Conflict::Back { .. } => WENT_BACK,
        };
        refused(&args.file, code, &conflict.to_string())
    })?;
    let (older, newer) = (&older_seen.checkpoint, &newer_seen.checkpoint);
    Ok(if args.json {
        let head = |head: &Checkpoint| json!({ "size": head.size, "root": head.root });
        let value = json!({
            "v": 1,
            "holds": true,
            "log": newer.origin,
            "older": head(older),
            "newer": head(newer),
            "nodes": agreement.nodes,
            "extends": agreement.extends,
        });
        format!("{value:#}\n")
    } else {
        words(older, newer, agreement)
    })
}

/// What a file shows of its log: a countersigned receipt and its proof, or a signed checkpoint.
fn see(path: &Path, keys: &Jwks, demands: &Demands<'_>) -> Result<Seen, Failure> {
    let bytes = read(path)?;
    if bytes.trim_ascii_start().starts_with(b"{") {
        let verified = receipt(path, &bytes, keys, demands)?;
        return seen_in_receipt(&bytes, verified.checkpoint)
            .ok_or_else(|| refused(path, 1, "the file changed while it was read"));
    }
    checkpoint(&bytes, keys, demands)
        .map(Seen::head)
        .map_err(|error| refused(path, error.exit_code(), &error.to_string()))
}

/// The proof of a receipt that was verified.
fn seen_in_receipt(bytes: &[u8], checkpoint: Checkpoint) -> Option<Seen> {
    let file: Countersigned = serde_json::from_slice(bytes).ok()?;
    let proof = Proof::parse(&file.proof?).ok()?;
    let committed = commitment(&decode_array(&file.salt)?, &file.receipt);
    let leaf = Entry::Receipt(committed).leaf_hash();
    Some(Seen::proof(checkpoint, leaf, proof.index, &proof.hashes))
}

fn checkpoint(bytes: &[u8], keys: &Jwks, demands: &Demands<'_>) -> Result<Checkpoint, VerifyError> {
    let neither = || {
        VerifyError::File(
            "--against takes countersigned receipts and signed checkpoints, as the site serves them at `checkpoint`"
                .into(),
        )
    };
    let text = std::str::from_utf8(bytes).map_err(|_| neither())?;
    let note = Note::parse(text).map_err(|_| neither())?;
    let checkpoint = Checkpoint::parse(&note.text).map_err(|_| neither())?;
    let log_keys = keys.log_keys(&checkpoint.origin);
    if log_keys.is_empty() {
        return Err(VerifyError::NoLogKey);
    }
    if !log_keys
        .iter()
        .any(|key| note.is_signed_by(key, &RingVerifier))
    {
        return Err(VerifyError::CheckpointSignature);
    }
    let found = cosigned(&note, demands.witnesses, &RingVerifier).len();
    if found < demands.quorum {
        return Err(VerifyError::Quorum {
            found,
            wanted: demands.quorum,
        });
    }
    Ok(checkpoint)
}

fn words(older: &Checkpoint, newer: &Checkpoint, agreement: Agreement) -> String {
    let head = |head: &Checkpoint| format!("{} entries, root {}", head.size, head.root);
    let verdict = match agreement {
        _ if older == newer => "Both files show the same head of the same log.".to_owned(),
        Agreement { extends: true, .. } => format!(
            "The newer log holds the whole older one, unchanged, as its first {} entries: the proofs in the two files show it.",
            older.size
        ),
        Agreement { nodes: 0, .. } => "Nothing in the two files contradicts, and they have no part of the tree in common. Whether the \
             newer log extends the older takes a consistency proof, which the site serves at v1/log/consistency, or the \
             whole log."
            .to_owned(),
        Agreement { nodes, .. } => format!(
            "Nothing in the two files contradicts: {nodes} nodes of the tree stand in both, and are the same. Whether the \
             newer log extends the older in all other places takes a consistency proof, which the site serves at \
             v1/log/consistency, or the whole log."
        ),
    };
    format!(
        "The two files are of one log.\n\n  log        {}\n  older      {}\n  newer      {}\n\n{verdict}\n",
        printable(&newer.origin),
        head(older),
        head(newer)
    )
}
