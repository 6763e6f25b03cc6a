//! The demo site: pages of a small company, a hit log, and a reverse proxy to sayso.
//!
//! It stands where a real site's web server would stand, and knows no more about Sayso than such a
//! server knows: it hands `/sayso/*` to the process behind it, and puts two texts made by that
//! process into its pages (the snippet and the cookie table). Everything that must not happen before
//! a visitor's choice (an analytics hit, a pixel, a frame) would end at this server, so its own log
//! is the witness that nothing happened.
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! let demo = sayso_demo::Demo::start(sayso_demo::Options::new("http://127.0.0.1:8788", "www/demo")).await?;
//! println!("{}", demo.origin());
//! assert!(demo.hits().is_empty());
//! # Ok(())
//! # }
//! ```

mod demo;
mod endpoint;
mod fault;
mod fragment;
mod hit;
mod page;
mod proxy;
mod site;
mod watch;

pub use demo::{Demo, Options};
pub use fault::{Faults, UpstreamFault, WasmFault};
pub use hit::{Hit, Kind, Seen};
pub use watch::Watch;
