//! The pure heart of Sayso.
//!
//! What a site asks ([`policy`]), what it shows ([`notice`], [`view`]), what a visitor answered ([`decision`]), what is
//! in force ([`record`], [`cookie`], [`prompt`]), and the proof of it ([`receipt`], [`witness`], [`countersignature`],
//! [`verify`]) and of its place ([`log`]), and how it is taken back ([`erasure`]).
//!
//! **Invariant:** nothing here touches the world. No I/O, no clock, no randomness, no globals, no async: time and random
//! bytes are arguments, and signatures are checked by whoever implements [`crypto::Verifier`]. The same code runs in the
//! browser, on the server and in the offline verifier.
//!
//! The modules, in reading order:

pub mod policy;

#[cfg(feature = "config")]
pub mod config;

pub mod notice;
pub mod view;

pub mod gate;

pub mod cookie;
pub mod prompt;

pub mod decision;
pub mod record;

pub mod jws;
mod own_key;
pub mod receipt;
pub mod witness;

pub mod commitment;
pub mod countersignature;
pub mod erasure;
pub mod log;
pub mod verify;

pub mod address;
pub mod wire;

pub mod crypto;
pub mod digest;
pub mod id;
pub mod json;
pub mod map;
