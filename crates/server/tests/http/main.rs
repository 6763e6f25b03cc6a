//! The real router in process, on a real ledger: a clock that stands still, repeatable randomness, real signatures.

mod address;
mod admin;
mod asset;
mod call;
mod checkpoint;
mod client;
mod connection;
mod disk;
mod erasure;
mod header;
mod ingest;
mod limit;
mod log;
mod mail;
mod marketing;
mod openapi;
mod page;
mod receipt;
mod renewal;
mod retention;
mod rotation;
mod site;
mod tile;
mod visitor;
mod witnessed;
mod world;
