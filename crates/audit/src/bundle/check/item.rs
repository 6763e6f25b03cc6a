//! One line of a bundle, checked by itself.

use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::digest::{Digest, decode_array, sha256};
use sayso_core::json;
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::receipt::Kind;
use sayso_core::verify::{self, Demands};

use super::super::error::BundleError;
use super::super::{MAX_LINE, OPAQUE, Opaque, RECEIPT, SHOWN, Shown};

/// What one line turned out to be.
pub(super) enum Item {
    Receipt {
        index: u64,
        entry: Entry,
        checkpoint: Checkpoint,
        site: String,
        kind: Kind,
        named: [Digest; 2],
    },
    Opaque(u64, Entry),
    Shown(Digest),
}

impl Item {
    pub(super) fn read(
        number: u64,
        line: &[u8],
        keys: &Jwks,
        verifier: &impl Verifier,
    ) -> Result<Self, BundleError> {
        let form = |what: &str| BundleError::Form {
            line: number,
            what: what.to_owned(),
        };
        if line.starts_with(RECEIPT) {
            // Witnesses are asked for once, of the checkpoint that all of them share.
            let verified =
                verify::verify(line, keys, &Demands::default(), verifier).map_err(|error| {
                    BundleError::Receipt {
                        line: number,
                        error,
                    }
                })?;
            let payload = verified.receipt.payload();
            let digest = |text| Digest::parse(text).ok_or_else(|| form("a digest is malformed"));
            Ok(Self::Receipt {
                index: verified.statement.index,
                entry: Entry::Receipt(digest(&verified.statement.commitment)?),
                named: [digest(&payload.notice)?, digest(&payload.layer)?],
                site: payload.site.clone(),
                kind: verified.receipt.kind(),
                checkpoint: verified.checkpoint,
            })
        } else if line.starts_with(OPAQUE) {
            let opaque: Opaque = read(number, line)?;
            let entry = decode_array(&opaque.entry)
                .and_then(|bytes| Entry::from_bytes(&bytes))
                .ok_or_else(|| form("`entry` is not an entry of a log"))?;
            Ok(Self::Opaque(opaque.index, entry))
        } else if line.starts_with(SHOWN) {
            let shown: Shown = read(number, line)?;
            if sha256(shown.text.as_bytes()) != shown.digest {
                return Err(BundleError::Document { line: number });
            }
            Ok(Self::Shown(shown.digest))
        } else {
            Err(form("it is none of the lines of a bundle"))
        }
    }
}

/// A line of JSON.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    line: u64,
    bytes: &[u8],
) -> Result<T, BundleError> {
    json::read(bytes, MAX_LINE).map_err(|error| BundleError::Form {
        line,
        what: error.to_string(),
    })
}
