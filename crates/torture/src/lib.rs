//! The server under load and under faults.
//!
//! Everything here drives the real `sayso` binary as a child process over loopback, as strangers would: receipts signed
//! beforehand ([`receipt`]), posted over connections that are kept alive ([`http`], [`load`], [`bearer`]). [`disk`] is a
//! filesystem that forgets what was not synced and fails when told to. What was promised ([`acknowledged`]) is held
//! against what the server left behind, read through the ledger's own trait ([`kept`]). [`fault`] tells the stories,
//! [`mod@bench`] takes the figures.

#![cfg(target_os = "linux")]

pub mod acknowledged;
pub mod bearer;
pub mod bench;
pub mod dice;
pub mod disk;
pub mod fault;
pub mod http;
pub mod kept;
pub mod load;
pub mod receipt;
pub mod server;
pub mod site;
pub mod wait;
