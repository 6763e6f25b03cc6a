//! The real router in process, on a real ledger: a clock that stands still, repeatable randomness, real signatures.

mod address;
mod asset;
mod connection;
mod log;
mod mail;
mod marketing;
mod page;
mod receipt;
mod renewal;
mod site;
mod visitor;
mod witnessed;
mod world;
