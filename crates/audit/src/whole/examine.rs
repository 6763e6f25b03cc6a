//! One entry checked by itself: whatever can be said without knowing the others.

use sayso_core::commitment::{commitment, key_event, tombstone};
use sayso_core::crypto::{Jwks, KeyRole, Verifier};
use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::receipt::{Kind, VerifiedReceipt};
use sayso_core::verify::verify_receipt;
use sayso_ledger::receipt::Stored;
use sayso_ledger::record::{Record, RecordKind};

use super::tombstone::Tombstone;
use crate::kept::Kept;
use crate::report::Check;

/// What entries are checked with.
pub(crate) struct With<'a, V> {
    pub(crate) keys: &'a Jwks,
    pub(crate) verifier: &'a V,
}

/// An entry that was looked at.
pub(crate) struct Examined {
    pub(crate) index: u64,
    pub(crate) leaf: Digest,
    pub(crate) what: What,
    pub(crate) faults: Vec<(Check, String)>,
}

/// What an entry turned out to be.
pub(crate) enum What {
    Receipt(Box<Kept>),
    Erased,
    Tombstone(Tombstone),
    KeyEvent,
    Unreadable,
}

impl<V: Verifier> With<'_, V> {
    pub(crate) fn examine(&self, record: Record) -> Examined {
        let mut faults = Vec::new();
        let Record {
            index,
            entry,
            received,
            kind,
        } = record;
        let what = match kind {
            RecordKind::Receipt(stored) => {
                self.receipt(entry, index, received, stored, &mut faults)
            }
            RecordKind::Erased => What::Erased,
            RecordKind::Tombstone { salt, body } => {
                if entry != Entry::Tombstone(tombstone(&salt, &body)) {
                    faults.push((
                        Check::Erasure,
                        "the tombstone does not say what was committed to".to_owned(),
                    ));
                }
                match Tombstone::read(&body) {
                    Ok(tombstone) => What::Tombstone(tombstone),
                    Err(what) => {
                        faults.push((
                            Check::Erasure,
                            format!("the tombstone cannot be read: {what}"),
                        ));
                        What::Unreadable
                    }
                }
            }
            RecordKind::KeyEvent { salt, body } => {
                if entry != Entry::KeyEvent(key_event(&salt, &body)) {
                    faults.push((
                        Check::Keys,
                        "the key event does not say what was committed to".to_owned(),
                    ));
                }
                if serde_json::from_str::<serde::de::IgnoredAny>(&body).is_err() {
                    faults.push((Check::Keys, "the key event is not JSON".to_owned()));
                }
                What::KeyEvent
            }
            RecordKind::Unreadable(why) => {
                faults.push((Check::Entries, why));
                What::Unreadable
            }
        };
        Examined {
            index,
            leaf: entry.leaf_hash(),
            what,
            faults,
        }
    }

    fn receipt(
        &self,
        entry: Entry,
        index: u64,
        received: u64,
        stored: Stored,
        faults: &mut Vec<(Check, String)>,
    ) -> What {
        let made = commitment(&stored.salt, &stored.jws);
        if entry != Entry::Receipt(made) || stored.commitment != made {
            faults.push((
                Check::Entries,
                "the receipt is not the one that was committed to".to_owned(),
            ));
        }
        if stored.index != index || stored.received != received {
            faults.push((
                Check::Entries,
                "the receipt is kept under another index or time than its entry's".to_owned(),
            ));
        }
        // What was read to check its signature need not be read again.
        let kept = match self.signature(&stored) {
            Ok(receipt) => Ok(Kept {
                payload: receipt.payload().clone(),
                kind: receipt.kind(),
                stored,
            }),
            Err(what) => {
                faults.push((Check::Signatures, what));
                Kept::read(stored)
            }
        };
        match kept {
            Ok(kept) => {
                let stored = &kept.stored;
                if stored.id != kept.payload.id || stored.decision != kept.payload.decision {
                    faults.push((
                        Check::Entries,
                        "the receipt's ids are not those it is kept under".to_owned(),
                    ));
                }
                What::Receipt(Box::new(kept))
            }
            Err(error) => {
                faults.push((
                    Check::Entries,
                    format!("the receipt cannot be read: {error}"),
                ));
                What::Unreadable
            }
        }
    }

    fn signature(&self, stored: &Stored) -> Result<VerifiedReceipt, String> {
        let receipt = verify_receipt(&stored.jws, self.keys, self.verifier)
            .map_err(|error| error.to_string())?;
        if receipt.receipt_hash() != stored.hash {
            return Err("its hash is not the one it is kept under".to_owned());
        }
        if (receipt.kind() == Kind::Witnessed) != stored.witnessed {
            return Err("it is kept as signed by somebody else than signed it".to_owned());
        }
        self.in_time(&receipt, stored.received)?;
        Ok(receipt)
    }

    /// A witness key signs within its time alone.
    fn in_time(&self, receipt: &VerifiedReceipt, received: u64) -> Result<(), String> {
        let key = receipt
            .witness_key()
            .and_then(|kid| self.keys.get(kid, KeyRole::Witness));
        match key {
            Some(key) if !key.signed_at(received) => Err(format!(
                "the witness key {} signed it outside its time",
                key.kid
            )),
            _ => Ok(()),
        }
    }
}
