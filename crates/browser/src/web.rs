//! The browser itself: each file here touches one of its features, and none panics where that feature is missing.

#![allow(
    clippy::disallowed_methods,
    reason = "this is where the browser is touched"
)]

pub mod port;

mod env;
mod key;
mod lock;
mod post;
mod storage;

mod desk;
mod settle;

pub mod client;
pub mod download;

pub use client::Client;
pub use port::Port;
pub use settle::{receipts, settle};
