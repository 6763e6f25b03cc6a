//! The visitor's own history: what was done, and how far each receipt has come.

use sayso_core::cookie;
use sayso_core::decision::{Action, Surface};
use sayso_core::policy::PurposeId;
use sayso_core::record::Status;

use crate::address::Remembered;
use crate::answer::Refusal;
use crate::countersigned::part;
use crate::json;
use crate::local::{Event, Local};
use crate::log::Breach;
use crate::outbox::Outbox;
use crate::pending::Pending;
use crate::shelf::{Kept, Shelf};
use crate::word;

/// Everything the visitor did, as far as this browser kept it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// What was done, newest first.
    pub items: Vec<Item>,
    /// What was decided for addresses, newest first.
    pub addresses: Vec<Remembered>,
    /// Whether receipts are kept even where only a no was said.
    pub keep: bool,
    /// Checkpoints of the site's log that did not extend the one seen before, oldest first.
    pub breaches: Vec<Breach>,
    /// Whether this browser has a key, by which its receipts can be asked to be erased.
    pub erasable: bool,
}

/// One thing the visitor did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The decision's id; empty where only a no was ever said, and so no id was kept.
    pub decision: String,
    /// Milliseconds since 1970, by the visitor's clock.
    pub time: u64,
    /// Where.
    pub surface: Surface,
    /// What.
    pub action: Action,
    /// The statuses it set.
    pub statuses: Vec<(PurposeId, Status)>,
    /// The address it is about; empty for this browser.
    pub about: String,
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
    /// The server has it and countersigned it.
    Countersigned {
        /// Signed by the server alone, since nothing here could sign.
        witnessed: bool,
        /// Milliseconds since 1970, by the server's clock, when it had it.
        received: u64,
    },
    /// The server had it and has erased it since.
    Erased,
    /// The server refused it for good.
    Refused(Refusal),
}

/// The history, newest first; `pending` is what the gate has not handed over yet.
pub fn items(local: &Local, pending: &[Pending], outbox: &Outbox, shelf: &Shelf) -> Vec<Item> {
    let known = local
        .history
        .iter()
        .cloned()
        .filter_map(|e| item(e, outbox, shelf));
    let fresh = pending
        .iter()
        .filter(|p| !local.history.iter().any(|e| e.time == p.time));
    let fresh = fresh.filter_map(|p| {
        Some(Item {
            state: ReceiptState::Waiting,
            ..item(p.event(""), outbox, shelf)?
        })
    });
    let mut items: Vec<Item> = known.chain(fresh).collect();
    items.sort_by_key(|i| std::cmp::Reverse(i.time));
    items
}

/// The countersigned receipts kept, oldest first, each as JSON; of one decision, or of all.
pub fn files<'a>(shelf: &'a Shelf, decision: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    shelf
        .0
        .iter()
        .filter(move |k| decision.is_none_or(|id| k.decision == id))
        .filter_map(|k| k.file.as_deref())
}

fn item(event: Event, outbox: &Outbox, shelf: &Shelf) -> Option<Item> {
    let status = |letter, about: &str| match Status::from(letter) {
        Status::Given if !about.is_empty() => Status::Requested,
        status => status,
    };
    let choices = cookie::parse_choices(&event.choices).ok()?;
    // By time: the history of who has only said no has no ids.
    let waiting = outbox.0.iter().find(|w| w.time == event.time);
    let kept = shelf.0.iter().rev().find(|k| k.time == event.time);
    let decision = waiting
        .map(|w| &w.decision)
        .or(kept.map(|k| &k.decision))
        .unwrap_or(&event.decision)
        .clone();
    let state = match (waiting, kept) {
        (Some(_), _) => ReceiptState::Waiting,
        (None, Some(kept)) => state(kept),
        (None, None) => ReceiptState::Sent,
    };
    Some(Item {
        time: event.time,
        surface: word::read(&event.surface)?,
        action: word::read(&event.action)?,
        statuses: choices
            .into_iter()
            .map(|(id, c)| (id, status(c.letter, &event.about)))
            .collect(),
        decision,
        about: event.about,
        state,
    })
}

fn state(kept: &Kept) -> ReceiptState {
    match (&kept.file, &kept.refusal) {
        (Some(file), _) => countersigned(file).unwrap_or(ReceiptState::Sent),
        (None, Some(refusal)) if refusal.is_erased() => ReceiptState::Erased,
        (None, Some(refusal)) => ReceiptState::Refused(refusal.clone()),
        (None, None) => ReceiptState::Sent,
    }
}

fn countersigned(file: &str) -> Option<ReceiptState> {
    let file = json::parse(file)?;
    let header = part(file.text("receipt"), 0)?;
    let statement = part(file.text("countersignature"), 1)?;
    Some(ReceiptState::Countersigned {
        witnessed: header.text("typ") == sayso_core::witness::TYP,
        received: statement.number("received"),
    })
}
