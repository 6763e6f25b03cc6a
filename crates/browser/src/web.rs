//! The browser itself: each file here touches one of its features, and none panics where that feature is missing.

pub mod port;

mod env;
mod key;
mod lock;
mod post;
mod storage;

mod desk;
mod settle;

pub use port::Port;
pub use settle::settle;
