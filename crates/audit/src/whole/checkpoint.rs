//! Published checkpoints: whose they are, who signed them, and what the newest one is worth.

use sayso_core::crypto::{Jwks, Verifier};
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, VerifierKey};
use sayso_core::log::proof::cosigned;
use sayso_core::verify::Demands;
use sayso_ledger::log::Published;

use crate::report::{Book, Check};

/// What checkpoints are checked with.
pub(crate) struct Signed<'a, V> {
    pub(crate) log: &'a str,
    pub(crate) keys: Vec<VerifierKey>,
    pub(crate) verifier: &'a V,
}

impl<'a, V: Verifier> Signed<'a, V> {
    pub(crate) fn new(log: &'a str, keys: &Jwks, verifier: &'a V) -> Self {
        Self {
            log,
            keys: keys.log_keys(log),
            verifier,
        }
    }

    /// Reads a checkpoint of this log; the sentence says what is wrong with it.
    pub(crate) fn open(&self, note: &str) -> Result<(Checkpoint, Note), String> {
        let note = Note::parse(note).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| error.to_string())?;
        if checkpoint.origin != self.log {
            return Err(format!(
                "it is of the log {}, not of {}",
                checkpoint.origin, self.log
            ));
        }
        if !self
            .keys
            .iter()
            .any(|key| note.is_signed_by(key, self.verifier))
        {
            return Err("the site's log key did not sign it".to_owned());
        }
        Ok((checkpoint, note))
    }

    /// Checks what is kept of every published checkpoint; the roots are compared while the tree is built.
    pub(crate) fn check_all(&self, all: &[Published], book: &mut Book) {
        for published in all {
            book.looked(Check::Checkpoints, 1);
            let whose = format!("the checkpoint of {} entries", published.size);
            match self.open(&published.note) {
                Err(what) => book.fault(Check::Checkpoints, None, format!("{whose}: {what}")),
                Ok((checkpoint, note)) => {
                    if (checkpoint.size, checkpoint.root) != (published.size, published.root) {
                        let what =
                            format!("{whose} is kept under another size or root than it says");
                        book.fault(Check::Checkpoints, None, what);
                    }
                    // Every line beside the log's own is a witness's.
                    if note.signatures.len() as u64 != u64::from(published.cosigned) + 1 {
                        let what = format!(
                            "{whose} is kept as cosigned by {} witnesses, and is not",
                            published.cosigned
                        );
                        book.fault(Check::Checkpoints, None, what);
                    }
                }
            }
        }
        if all.windows(2).any(|pair| pair[0].time > pair[1].time) {
            book.fault(
                Check::Checkpoints,
                None,
                "the times of the published checkpoints go back",
            );
        }
    }

    /// Asks for cosignatures on the newest one.
    pub(crate) fn witnesses(
        &self,
        newest: Option<&Published>,
        demands: &Demands<'_>,
        book: &mut Book,
    ) {
        if demands.witnesses.is_empty() {
            book.not_made(Check::Witnesses, "no witness was named (--witness)");
            return;
        }
        let note = newest.and_then(|published| Note::parse(&published.note).ok());
        let found = note.map_or(0, |note| {
            cosigned(&note, demands.witnesses, self.verifier).len()
        });
        book.looked(Check::Witnesses, demands.witnesses.len() as u64);
        if found < demands.quorum {
            let wanted = demands.quorum;
            let what = format!(
                "{found} of the {wanted} witnesses asked for cosigned the newest checkpoint"
            );
            book.fault(Check::Witnesses, None, what);
        }
    }
}
