//! The append-only store of receipts, and what stands beside them: documents shown, addresses, tokens, mail to send.
//!
//! One trait, [`Ledger`], says what a store promises; [`sqlite`] keeps the promises in one file. A store takes only
//! receipts that core has verified, answers only after they are on disk, and gives them the indexes 0, 1, 2 … without a
//! gap. What could name a person is sealed by [`vault`] under a key that lies outside the database.
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
