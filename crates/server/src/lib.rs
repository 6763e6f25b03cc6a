//! The HTTP service: what `sayso serve`, `sayso build` and `sayso snippet` do.
//!
//! A request finds its site in [`service`], is answered in [`handler`], and what it brings passes through [`admit`] or
//! [`subscription`] into the site's ledger. **Invariant:** the server renews and never decides: a `Set-Cookie` repeats
//! what the page sent ([`renewal`]); a decision is recorded as it was made.
//!
//! The modules, in reading order:

pub mod build;
pub mod load;
pub mod serve;
pub mod site;

pub mod admin;
pub mod clearing;
pub mod client;
pub mod connection;
pub mod disk;
pub mod edge;
pub mod guard;
pub mod handler;
pub mod health;
pub mod limit;
pub mod metrics;
pub mod openapi;
pub mod origin;
pub mod problem;
pub mod renewal;
pub mod secure;
pub mod service;

pub mod cosign;
pub mod witness;

pub mod admit;
pub mod checkpoint;
pub mod mail;
pub mod retention;
pub mod rotation;
pub mod shown;
pub mod subscription;

pub mod asset;
pub mod bundle;
pub mod locale;
pub mod page;
pub mod piece;
pub mod snippet;
pub mod text;

pub mod clock;
pub mod crypto;
pub mod error;
pub mod log;
pub mod random;
mod seed;
pub mod signer;

pub use build::{SnippetOptions, build, snippet};
pub use error::StartError;
pub use serve::{ServeOptions, asked_to_stop, serve};
