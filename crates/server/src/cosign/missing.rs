//! Why a cosignature is missing, and what a witness says against a log.

use std::fmt;

use sayso_ledger::LedgerError;

/// Why a witness's cosignature is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// No answer in time.
    #[error("it did not answer in time")]
    Slow,
    /// No connection, or it broke.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// 404: it does not follow this log.
    #[error("it does not follow this log; send its operator the log's verifier key")]
    LogUnknown,
    /// 403: it knows another key of this log.
    #[error("it has another key for this log; send its operator the log's verifier key")]
    KeyUnknown,
    /// Any other status.
    #[error("it answered {0}")]
    Status(u16),
    /// Not what the protocol says.
    #[error("its answer does not follow the protocol: {0}")]
    Nonsense(&'static str),
    /// No cosignature by the key configured.
    #[error("its answer holds no cosignature by the key that is configured for it")]
    BadCosignature,
    /// It has cosigned a newer checkpoint of ours already.
    #[error("it has cosigned a newer checkpoint already")]
    Ahead,
    /// Our own tree could not be read.
    #[error("our own tree: {0}")]
    Ledger(#[from] LedgerError),
    /// Our own proof does not hold.
    #[error("our own tree is damaged: its proof from size {0} does not hold")]
    Damaged(u64),
    /// It cosigned something that this log does not extend.
    #[error("{0}")]
    Accused(Accusation),
}

/// What a witness says against our log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accusation {
    /// The witness's name.
    pub witness: String,
    /// The size of the checkpoint that it cosigned.
    pub cosigned: u64,
    /// The size of the checkpoint that it was asked for.
    pub asked: u64,
    /// How they contradict each other.
    pub how: Contradiction,
}

/// How two checkpoints contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// The witness cosigned a larger tree than the log has now.
    Shrunk,
    /// The witness cosigned a tree of the same size with another root.
    Replaced,
    /// The log's proof, which holds for its own tree, does not lead on from the tree that the witness cosigned.
    Diverged,
}

impl fmt::Display for Accusation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            witness,
            cosigned,
            asked,
            how,
        } = self;
        let what = match how {
            Contradiction::Shrunk => {
                format!("{witness} cosigned a tree of {cosigned} entries, and this log has {asked}")
            }
            Contradiction::Replaced => {
                format!("{witness} cosigned another tree of {cosigned} entries")
            }
            Contradiction::Diverged => format!(
                "{witness} cosigned a tree of {cosigned} entries that this log of {asked} does not extend"
            ),
        };
        write!(
            f,
            "{what}: the log was rewritten or restored from an older backup, or its key was used elsewhere, or the \
             witness is wrong"
        )
    }
}
