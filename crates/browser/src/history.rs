//! The visitor's own history: what was done, and how far each receipt has come.

use sayso_core::record::{Event, Record};
use sayso_core::verify::Countersigned;

use crate::answer::Refusal;
use crate::outbox::Outbox;
use crate::shelf::Shelf;

/// One thing the visitor did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What was done, where and when.
    pub event: Event,
    /// How far its receipt has come.
    pub state: ReceiptState,
}

/// How far a receipt has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptState {
    /// In this browser, not with the server yet.
    Waiting,
    /// The server has it; nothing of it is kept here.
    Sent,
    /// The server has it and countersigned it: this is the file to keep.
    Countersigned(Countersigned),
    /// The server refused it for good.
    Refused(Refusal),
}

/// The history, newest first.
pub fn items(record: &Record, pending: &[u64], outbox: &Outbox, shelf: &Shelf) -> Vec<Item> {
    let state = |time: u64| {
        if pending.contains(&time) || outbox.0.iter().any(|w| w.time == time) {
            return ReceiptState::Waiting;
        }
        match shelf.0.iter().rev().find(|k| k.time == time) {
            Some(kept) => match (&kept.file, &kept.refusal) {
                (Some(file), _) => ReceiptState::Countersigned(file.clone()),
                (None, Some(refusal)) => ReceiptState::Refused(refusal.clone()),
                (None, None) => ReceiptState::Sent,
            },
            None => ReceiptState::Sent,
        }
    };
    record.history.iter().rev().map(|event| Item { event: event.clone(), state: state(event.time) }).collect()
}
