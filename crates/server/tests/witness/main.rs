//! Witnesses: the service that cosigns, the client that asks, and both against logs that were tampered with.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test that cannot do its first steps has to stop"
)]

mod support;

mod add;
mod ask;
mod memory;
mod oracle;
mod tls;
