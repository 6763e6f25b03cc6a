//! Checks receipts in a browser: the WebAssembly behind the page `/verify`.
//!
//! Everything is `sayso_core::verify`, the same code as `sayso verify`. Only the signatures are another's work: a browser
//! checks them by WebCrypto, which takes its time, and core's verifier does not wait. So a check is asked for again and
//! again: it answers either with the signatures it wants to know of, or, once it knows them all, with what it found.
//!
//! **Invariant:** texts in, texts out; this touches neither page nor network. What is chosen or dropped there is handed
//! in here and goes nowhere else.

mod ask;
mod evidence;
mod file;
mod found;

#[cfg(target_arch = "wasm32")]
mod export;

pub use ask::Answers;
pub use evidence::evidence;
pub use file::open;
pub use found::receipt;

/// The code of keys that cannot be read, as `sayso verify` exits with it.
pub const KEYS_UNUSABLE: u8 = 20;
