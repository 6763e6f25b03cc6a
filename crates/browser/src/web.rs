//! The browser itself: each file here touches one of its features, and none panics where that feature is missing.

#![allow(
    clippy::disallowed_methods,
    reason = "this is where the browser is touched"
)]

pub mod port;

pub mod download;
pub mod random;
mod timer;

#[cfg(feature = "module")]
mod env;
#[cfg(feature = "module")]
mod key;
#[cfg(feature = "module")]
mod lock;
#[cfg(feature = "module")]
mod post;
#[cfg(feature = "module")]
mod storage;

#[cfg(feature = "module")]
mod desk;
#[cfg(feature = "module")]
mod settle;
#[cfg(feature = "module")]
mod watch;

#[cfg(feature = "module")]
mod client;
#[cfg(feature = "module")]
mod export;

pub use port::Port;
