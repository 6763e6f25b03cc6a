//! What must hold of every reader of a stranger's bytes, whatever the bytes: each check takes any, and panics where
//! something does not hold.
//!
//! `cargo fuzz` drives these with a nightly compiler (`cargo xtask nightly`), and `crates/core/tests/fuzz.rs` with
//! generated data in the ordinary tests, so that they are exercised where there is no nightly compiler.

pub mod claims;
pub mod config;
pub mod cookie;
pub mod file;
pub mod jws;
pub mod note;
pub mod proof;
