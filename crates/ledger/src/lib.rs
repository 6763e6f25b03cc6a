//! The append-only log of receipts, and what stands beside it: documents shown, addresses, tokens, mail to send.
//!
//! One trait, [`Ledger`], says what a store promises; [`sqlite`] keeps the promises in two files. A store takes only
//! receipts that core has verified, answers only after they are on disk and in the tree, and gives entries the indexes
//! 0, 1, 2 … without a gap. Bodies are sealed under a key that comes from their salt, and what things are found by is a
//! keyed hash under a key of the [`vault`], which lies outside the database. So erasing is forgetting a salt: the log
//! stays as it is, and every copy of the body becomes noise.
//!
//! The modules, in reading order:

pub mod ledger;

pub mod address;
pub mod document;
pub mod erasure;
pub mod log;
pub mod mail;
pub mod receipt;
pub mod record;
pub mod watch;

mod body;
pub mod error;
pub mod random;
pub mod vault;

pub mod sqlite;

pub use error::LedgerError;
pub use ledger::{Answer, Ledger};
