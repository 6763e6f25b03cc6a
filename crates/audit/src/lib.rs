//! Checking a whole ledger, and what is exported from it.
//!
//! [`whole`] checks a ledger and [`report`] says what that came to; [`bundle`] checks what was exported, with nothing but
//! the site's published keys. Exports come in three forms: bundles, [`csv`] for people, and [`jsonld`] in the words of
//! the Data Privacy Vocabulary.
//!
//! **Invariant:** nothing here knows HTTP, and nothing here writes to a ledger.
//!
//! The modules, in reading order:

pub mod reading;
pub mod report;
pub mod whole;

pub mod against;

pub mod filter;
pub mod kept;

pub mod export;

pub mod bundle;
pub mod csv;
pub mod jsonld;

pub mod dpv;
pub mod pool;
pub mod time;
