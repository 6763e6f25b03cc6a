//! The harness of the end-to-end tests: one world per test, with a browser of any engine, the demo site and the real `sayso`.

mod browser;
mod download;
mod elsewhere;
mod engine;
mod ledger;
mod locale;
mod mail;
mod privacy;
mod process;
mod server;
mod tls;
mod wait;
mod world;

pub use browser::Browser;
pub use elsewhere::Elsewhere;
pub use engine::Engine;
pub use ledger::{Entry, payload};
pub use locale::text;
pub use mail::Mail;
pub use server::{Server, workspace};
pub use wait::{until, until_within};
pub use world::{Setup, World, choice_in, results, run};

/// What a scenario gives back: nothing, or why it could not go on.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;
