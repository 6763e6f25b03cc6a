//! A receipt's body at rest: packed small, and sealed under a key that comes from its salt and from nothing else.

mod pack;
mod word;

use std::collections::HashMap;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use sayso_core::digest::Digest;

pub(crate) use pack::{pack, unpack};

use crate::error::LedgerError;

/// What keeps this use of the salt apart from any other.
const LABEL: &[u8] = b"sayso/body/1";

/// The documents that packed bodies name by number instead of by digest.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    numbers: HashMap<Digest, u64>,
}

impl Shelf {
    pub(crate) fn put(&mut self, digest: Digest, number: u64) {
        self.numbers.entry(digest).or_insert(number);
    }

    pub(crate) fn number(&self, digest: &Digest) -> Option<u64> {
        self.numbers.get(digest).copied()
    }
}

/// The key of one body. A salt belongs to one entry, and an entry is sealed once, so the nonce can be fixed.
pub(crate) struct BodyKey(LessSafeKey);

impl BodyKey {
    pub(crate) fn new(salt: &[u8; 32]) -> Self {
        let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), LABEL);
        let key = UnboundKey::new(&AES_256_GCM, key.as_ref())
            .expect("an HMAC-SHA-256 tag is an AES-256 key long");
        Self(LessSafeKey::new(key))
    }

    /// Seals a body for the entry that `place` names.
    pub(crate) fn seal(&self, place: &Place<'_>, mut body: Vec<u8>) -> Vec<u8> {
        self.0
            .seal_in_place_append_tag(nonce(), Aad::from(place.bytes()), &mut body)
            .expect("a body is far shorter than AES-GCM's limit");
        body
    }

    /// Opens what was sealed for the same entry.
    pub(crate) fn open(
        &self,
        place: &Place<'_>,
        mut body: Vec<u8>,
    ) -> Result<Vec<u8>, LedgerError> {
        let length = self
            .0
            .open_in_place(nonce(), Aad::from(place.bytes()), &mut body)
            .map_err(|_| {
                LedgerError::Damaged(format!(
                    "entry {} does not open with its salt: it, its salt, or what stands beside it was changed",
                    place.index
                ))
            })?
            .len();
        body.truncate(length);
        Ok(body)
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// All that stands in the clear beside a sealed body: none of it can be changed without the body's failing to open.
pub(crate) struct Place<'a> {
    pub(crate) index: u64,
    pub(crate) kind: u8,
    pub(crate) received: u64,
    pub(crate) flags: &'a str,
    pub(crate) commitment: &'a Digest,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(49 + self.flags.len());
        bytes.extend(self.index.to_be_bytes());
        bytes.push(self.kind);
        bytes.extend(self.received.to_be_bytes());
        bytes.extend(self.commitment.0);
        // Last, so that its length needs no saying.
        bytes.extend(self.flags.as_bytes());
        bytes
    }
}
