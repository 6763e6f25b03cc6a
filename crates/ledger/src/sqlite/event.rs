//! Entries that are no receipts: tombstones and key events, JSON under commitments of their own.

use ring::hmac;
use sayso_core::digest::Digest;

use super::entry::{self, Kind};
use super::error::WorkError;
use super::store::Batch;
use crate::body::{BodyKey, Place};

/// Appends an event and gives its index.
pub(super) fn append(
    batch: &mut Batch<'_>,
    kind: Kind,
    json: &str,
    salt: &[u8; 32],
    now: u64,
) -> Result<u64, WorkError> {
    let label: &[u8] = match kind {
        Kind::KeyEvent => b"sayso/key/1\0",
        _ => b"sayso/tombstone/1\0",
    };
    let commitment = commitment(salt, label, json);
    let index = batch.tree.size();
    let place = Place {
        index,
        kind: kind as u8,
        received: now,
        flags: "",
        commitment: &commitment,
    };
    let key = BodyKey::new(salt);
    entry::insert(
        batch.db,
        batch.salts,
        &place,
        (salt, &key),
        json.as_bytes().to_vec(),
    )?;
    batch.tree.append(kind.entry(commitment));
    Ok(index)
}

fn commitment(salt: &[u8; 32], label: &[u8], json: &str) -> Digest {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, salt));
    context.update(label);
    context.update(json.as_bytes());
    let mut commitment = [0; 32];
    commitment.copy_from_slice(context.sign().as_ref());
    Digest(commitment)
}
