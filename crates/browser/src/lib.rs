//! The only code that touches browser storage, keys, fetch and tabs; built as the settle module.
//!
//! In reading order: plain data with its rules, compiled and tested everywhere, then `web`, thin, that exists only in a
//! browser. With the feature `module` it exports `settle(port)` and `errand(port, name, json)` to JavaScript; without it
//! the app links what it needs to prepare an [`errand`] and to read the answer.
//!
//! # What is kept, and where
//!
//! | `localStorage` key | What |
//! |---|---|
//! | `sayso.record` | [`local::Local`]: history, *keep my receipts*, where the key's chain stands |
//! | `sayso.outbox` | [`outbox::Outbox`]: what waits to be posted; not there when nothing does |
//! | `sayso.receipts` | [`shelf::Shelf`]: countersigned receipts, and what was refused for good |
//! | `sayso.log` | [`log::Log`]: the newest checkpoint of the site's log, and any that did not extend it |
//! | `sayso.addresses` | [`address::Addresses`]: what was decided for addresses in this browser |
//!
//! The key lies in the IndexedDB database `sayso`, not extractable, from the first yes until the last yes ends. Who has
//! only said no keeps no key, no id and no receipt once the server has the answer: the record then holds what was
//! answered and when, as the cookie does, and the receipts stay in memory while the page is open. Where storage is
//! blocked or full, all of it stays in memory, and the gate keeps its decisions until the server has them.
//!
//! **Invariant:** an answer is noted before it is signed, in the outbox before the gate forgets it, and countersigned
//! receipts are on the shelf before the outbox forgets them.
//!
//! Tabs share two Web Locks. What one tab stored can reach another a little later than the lock does, so a lock is
//! followed by a short wait; should that not be enough, a decision is signed twice, and the server counts decisions. A
//! page that was left can keep a lock for ever: after five seconds it is taken from it.
//!
//! # Why JSON is read and written by hand
//!
//! The module may weigh 50 kB (kB = 1000 bytes), wasm and minified glue, brotli 11. Measured on this crate:
//!
//! | Codec | wasm, raw | wasm | glue | total |
//! |---|---|---|---|---|
//! | serde_json | 250.2 | 86.1 | 3.8 | 90.0 kB |
//! | serde-wasm-bindgen over the browser's own parser | 230.1 | 81.4 | 4.7 | 86.0 kB |
//! | by hand, payload by core's serde types | 143.2 | 53.4 | 3.7 | 57.2 kB |
//! | by hand, payload by core's `Draft` | 113.5 | 43.0 | 3.8 | **46.8 kB** |
//!
//! All by fat LTO, `opt-level = "z"`, no wasm-opt, and before the app's errands were the module's to do: with them it
//! weighs 47.7 kB, 2.3 kB less than under the names that wasm-bindgen gives to imports. The first row without link-time
//! optimisation, which cargo leaves out where a library is also an rlib, weighs 102.4 kB: build with
//! `cargo rustc --crate-type cdylib`.

pub mod json;
pub mod word;

pub mod local;
pub mod pending;
pub mod signing;

pub mod answer;
pub mod countersigned;
pub mod log;
pub mod outbox;
pub mod proof;
pub mod shelf;

pub mod address;
pub mod errand;
pub mod history;

#[cfg(target_arch = "wasm32")]
pub mod web;

/// The standard library's allocator would take a tenth of the module.
#[cfg(all(target_arch = "wasm32", feature = "module"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
