//! Why a bundle does not hold.

use sayso_core::verify::VerifyError;

/// Why a bundle does not hold. Every kind has its own sentence and exit code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The file cannot be read.
    #[error("the bundle cannot be read: {0}")]
    Io(String),
    /// Not a bundle, or a line that belongs to none.
    #[error("line {line} of the bundle is malformed: {what}")]
    Form {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// No last line.
    #[error("the bundle is cut short: its last line is missing")]
    Cut,
    /// The last line counts otherwise.
    #[error("the bundle does not hold as many lines as its last line counts")]
    Count,
    /// The last line's digest is of other bytes.
    #[error("the bundle was changed after it was written: its digest is of other bytes")]
    Digest,
    /// The checkpoint does not hold.
    #[error("the bundle's checkpoint does not hold: {0}")]
    Checkpoint(String),
    /// A receipt does not hold.
    #[error("the receipt in line {line} does not hold: {error}")]
    Receipt {
        /// Counted from 1.
        line: u64,
        /// Why.
        error: VerifyError,
    },
    /// A receipt that belongs elsewhere.
    #[error("the receipt in line {line} does not belong into this bundle: {what}")]
    Elsewhere {
        /// Counted from 1.
        line: u64,
        /// Why.
        what: &'static str,
    },
    /// Entries out of order, twice, or missing where none may be.
    #[error(
        "line {line} of the bundle holds entry {index} where entry {next} or a later one was due"
    )]
    Order {
        /// Counted from 1.
        line: u64,
        /// The entry's.
        index: u64,
        /// The first that was allowed.
        next: u64,
    },
    /// It says that it is complete, and is not.
    #[error(
        "the bundle says that it holds every entry, and those in it do not lead to the checkpoint's root"
    )]
    Incomplete,
    /// A document that is not the one of its digest.
    #[error("the text in line {line} is not the one of its digest")]
    Document {
        /// Counted from 1.
        line: u64,
    },
    /// Fewer witnesses than asked for.
    #[error("{found} of the {wanted} witnesses asked for cosigned the bundle's checkpoint")]
    Quorum {
        /// How many did.
        found: usize,
        /// How many must.
        wanted: usize,
    },
}

impl BundleError {
    /// The exit code of `sayso verify --bundle`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Io(_) => 1,
            Self::Quorum { .. } => 27,
            Self::Form { .. } => 50,
            Self::Cut | Self::Count | Self::Digest => 51,
            Self::Checkpoint(_) => 52,
            Self::Receipt { .. } => 53,
            Self::Elsewhere { .. } | Self::Order { .. } => 54,
            Self::Incomplete => 55,
            Self::Document { .. } => 56,
        }
    }
}
