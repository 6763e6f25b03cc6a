//! What each check proves where it holds, what it does not, and its exit code.

use super::Check;

impl Check {
    /// The exit code where this check fails. Where several do, the smallest counts, but that of a rewritten history goes
    /// before all.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Witnesses => 27,
            Self::Files => 31,
            Self::Entries => 32,
            Self::Tree => 33,
            Self::Checkpoints => 34,
            Self::Signatures => 35,
            Self::LookUps => 36,
            Self::Erasure => 37,
            Self::Keys => 38,
            Self::Beside => 39,
            Self::Against => 29,
        }
    }

    /// What the check proves where it holds, and what it does not.
    pub fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Self::Files => (
                "Both database files are whole: pages, indexes and constraints agree, and the tables are the ones that this version makes.",
                "That no value in them was changed: SQLite does not notice that; the checks below do.",
            ),
            Self::Entries => (
                "Every entry that is not erased still says exactly what the log committed to: its commitment was made again from its salt and its exact text.",
                "What erased entries said: that is gone, on purpose.",
            ),
            Self::Tree => (
                "The entries, in this order and none missing, lead to this root, and every stored node agrees with them.",
                "That this is the only tree ever shown: compare with an older checkpoint (--against) or ask witnesses (--witness, --quorum).",
            ),
            Self::Checkpoints => (
                "Every checkpoint kept here was signed by the site's log key and is of this very tree at its size: none was taken back.",
                "That no other checkpoint was given to somebody else; witnesses watch for that.",
            ),
            Self::Witnesses => (
                "So many of the witnesses asked for cosigned the newest checkpoint: each saw it extend all that it saw before.",
                "That the witnesses are independent of the site.",
            ),
            Self::Signatures => (
                "Every receipt was signed by the key that it names: a visitor's browser, or one of the site's witness keys within its time.",
                "Who a visitor is, and that a person pressed the button.",
            ),
            Self::LookUps => (
                "Everything is found by what it says: each receipt by its hash, its id, its decision and its subject, and nothing is found that is not there.",
                "Anything about look-ups of other tables.",
            ),
            Self::Erasure => (
                "Every erased entry has a tombstone that says why, every tombstone was carried out, and there is a salt for exactly what is not erased.",
                "That no copy exists elsewhere, such as in a backup older than the erasure.",
            ),
            Self::Keys => (
                "Every change of the site's keys in the log says exactly what was committed to.",
                "That the keys given to this check are the site's: compare them with what it publishes.",
            ),
            Self::Beside => (
                "Notices and layers are the texts of their digests; addresses, tokens and mails open and agree with each other and with the receipts about them.",
                "That mails were delivered.",
            ),
            Self::Against => (
                "Today's log extends the older state given: nothing in it was changed, moved or taken out since.",
                "Anything about the time before that state.",
            ),
        }
    }

    /// Its name in reports.
    pub fn title(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Entries => "entries",
            Self::Tree => "tree",
            Self::Checkpoints => "checkpoints",
            Self::Witnesses => "witnesses",
            Self::Signatures => "signatures",
            Self::LookUps => "look-ups",
            Self::Erasure => "erasure",
            Self::Keys => "keys",
            Self::Beside => "beside the log",
            Self::Against => "against",
        }
    }
}
