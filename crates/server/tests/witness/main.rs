//! Witnesses: the service that cosigns, the client that asks, and both against logs that were tampered with.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test that cannot do its first steps has to stop"
)]

mod support;
// A service with one site and a visitor of it, as the tests of the HTTP interface have them.
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../http/visitor.rs"]
mod visitor;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../http/world.rs"]
mod world;

mod add;
mod ask;
mod memory;
mod oracle;
mod rewritten;
mod tls;
