//! Whether a ledger may be served: it must extend what was published of it.
//!
//! A database restored from an older backup has lost receipts that visitors hold proof of. Going on from there would sign
//! a second history of the same log; witnesses and returning browsers would rightly call that a forgery.

use std::path::Path;

use sayso_core::config::LogConfig;
use sayso_core::digest::Digest;
use sayso_core::log::checkpoint::{Checkpoint, CheckpointError};
use sayso_core::log::proof;
use sayso_core::log::tree::verify_consistency;
use sayso_ledger::log::{Head, Published};
use sayso_ledger::{Ledger, LedgerError};

use super::file;
use crate::crypto::RingVerifier;
use crate::signer::Signer;

/// What to do about a ledger that does not extend what was published.
const REMEDY: &str = "restore the newest backup of ledger.db and salts.db. \
    If none is new enough, this log has ended: keep this folder as it is, since receipts are checked against its keys and \
    checkpoint, and give the site another base path in sayso.toml and a new data folder, so that it begins a new log";

/// Why a ledger is not served.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// Older than what was published.
    #[error(
        "{place} says that a checkpoint of {published} entries was published, and the ledger has {found}: it was put back to \
         an older state, and going on from it would sign a second history of the same log. To go on, {REMEDY}"
    )]
    Smaller {
        /// The file or table that says so.
        place: String,
        /// How many entries were published.
        published: u64,
        /// How many there are.
        found: u64,
    },
    /// Another history than what was published.
    #[error(
        "{place} says that a checkpoint of {published} entries was published, and the ledger's first {published} entries are \
         others: entries were changed, left out or put in. To go on, {REMEDY}"
    )]
    Differs {
        /// The file or table that says so.
        place: String,
        /// How many entries were published.
        published: u64,
    },
    /// Not a checkpoint of this log.
    #[error(
        "{place} is not a checkpoint of this site's log: {source}. It belongs to the keys and the database beside it: restore \
         all of them from the same backup"
    )]
    Foreign {
        /// The file or table.
        place: String,
        /// What is wrong with it.
        source: CheckpointError,
    },
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The newest published checkpoint, from the file beside the database and from the ledger itself, held against what the
/// ledger holds now. One that lacks the quorum that is asked for now counts all the same against the ledger, and is not
/// what is served.
pub async fn resume(
    folder: &Path,
    ledger: &dyn Ledger,
    signer: &Signer,
    log: &LogConfig,
) -> Result<Option<Published>, ResumeError> {
    let head = ledger.head().await?;
    let path = folder.join(file::FILE).display().to_string();
    let note = file::read(folder).map_err(|source| ResumeError::File {
        path: path.clone(),
        source,
    })?;
    let kept = ledger.published().await?;
    let inside = format!("{}/ledger.db", folder.display());
    let witnesses: Vec<_> = log.keys().cloned().collect();
    let mut newest: Option<Published> = None;
    let notes = [
        note.as_deref(),
        kept.as_ref().map(|kept| kept.note.as_str()),
    ];
    for (place, note) in [path, inside].into_iter().zip(notes) {
        let Some(note) = note else { continue };
        let (checkpoint, lines) = match Checkpoint::open(note, signer.log_key(), &RingVerifier) {
            Ok(opened) => opened,
            Err(source) => return Err(ResumeError::Foreign { place, source }),
        };
        let (size, root) = (checkpoint.size, checkpoint.root);
        check(ledger, &head, place, size, root).await?;
        let cosigned = proof::cosigned(&lines, &witnesses, &RingVerifier).len();
        if cosigned >= log.quorum && newest.as_ref().is_none_or(|newest| newest.size < size) {
            newest = Some(Published {
                size,
                root,
                note: note.to_owned(),
                cosigned: u32::try_from(cosigned).unwrap_or(u32::MAX),
                time: kept.as_ref().map_or(0, |kept| kept.time),
            });
        }
    }
    Ok(newest)
}

/// Whether the ledger extends the tree of a size and root.
async fn check(
    ledger: &dyn Ledger,
    head: &Head,
    place: String,
    published: u64,
    root: Digest,
) -> Result<(), ResumeError> {
    if head.size < published {
        return Err(ResumeError::Smaller {
            place,
            published,
            found: head.size,
        });
    }
    let proof = ledger.consistency(published, head.size).await?;
    let extends = proof
        .is_some_and(|proof| verify_consistency(published, head.size, &root, &head.root, &proof));
    if extends {
        Ok(())
    } else {
        Err(ResumeError::Differs { place, published })
    }
}
