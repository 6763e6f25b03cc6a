//! The only code that touches browser storage, keys, fetch and tabs; built as the settle module.
//!
//! In reading order: plain data with its rules, compiled and tested everywhere, then the thin [`web`] that only exists in
//! a browser.

pub mod json;
pub mod word;

pub mod local;
pub mod pending;
pub mod signing;

pub mod answer;
pub mod countersigned;
pub mod outbox;
pub mod shelf;

pub mod address;
pub mod history;

#[cfg(target_arch = "wasm32")]
pub mod web;
