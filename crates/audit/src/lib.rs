//! Checking a whole ledger, and what is exported from it.
//!
//! The modules, in reading order:

pub mod filter;
pub mod kept;

pub mod bundle;
pub mod csv;
pub mod jsonld;

pub mod dpv;
pub mod pool;
pub mod time;
