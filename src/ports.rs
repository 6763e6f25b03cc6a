//! What the surfaces need from the world, as a plain struct of callbacks.
//!
//! The browser supplies one made of the gate's port; tests and native rendering use [`Ports::in_memory`].

#[cfg(target_arch = "wasm32")]
mod fetch;
#[cfg(target_arch = "wasm32")]
mod gate;
#[cfg(target_arch = "wasm32")]
mod look;
mod memory;
#[cfg(any(test, target_arch = "wasm32"))]
mod read;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use sayso_core::decision::{Action, Surface};
use sayso_core::policy::PurposeId;
use sayso_core::record::Status;
use sayso_core::view::View;
use yew::{Callback, NodeRef};

use crate::failure::Failure;
use crate::state::{Choices, Press, Standing, Submission};

#[cfg(target_arch = "wasm32")]
pub(crate) use gate::{asks, decide};
#[cfg(target_arch = "wasm32")]
pub(crate) use look::in_view;
#[cfg(target_arch = "wasm32")]
pub(crate) use read::{Settings, settings};

/// Something that takes a while and may fail.
pub type Task<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// What the surfaces need from the world.
#[derive(Clone, PartialEq)]
pub struct Ports {
    /// Fetches what is shown.
    pub view: Callback<(), Task<Rc<View>>>,
    /// What is in force now.
    pub standing: Callback<(), Standing>,
    /// Makes an answer count, at once.
    pub decide: Callback<Decide>,
    /// Signs and sends what is waiting.
    pub settle: Callback<(), Task<()>>,
    /// Sends a decision about an address.
    pub submit: Callback<Submission, Task<()>>,
    /// The visitor's decisions.
    pub history: Callback<(), Task<History>>,
    /// Turns "keep my receipts" on or off.
    pub keep: Callback<bool, Task<()>>,
    /// Hands a receipt (by its decision's id) to the visitor as a file, or all of them.
    pub download: Callback<Option<String>, Task<()>>,
    /// A moment (milliseconds since 1970) in words of the view's language.
    pub date: Callback<u64, String>,
    /// Whether everything inside an element can be seen by the visitor and nothing lies over it.
    pub in_view: Callback<NodeRef, bool>,
    /// Calls back whenever something changed outside: another tab, a countersignature, a placeholder. Ends when dropped.
    pub watch: Callback<Callback<()>, Watch>,
}

/// An answer about this browser, for the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decide {
    /// Which button was pressed.
    pub press: Press,
    /// What it says.
    pub choices: Choices,
    /// Whether all answers could be seen when one was pressed.
    pub in_view: bool,
}

/// The visitor's own decisions, as far as this browser kept them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// What was decided for addresses, newest first.
    pub addresses: Vec<Address>,
    /// Whether receipts are kept even after a refusal.
    pub keep: bool,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The decision's id.
    pub id: String,
    /// Milliseconds since 1970, by the visitor's clock.
    pub time: u64,
    /// Milliseconds since 1970, by the server's clock, once it was received.
    pub received: Option<u64>,
    /// Where.
    pub surface: Surface,
    /// What was done.
    pub action: Action,
    /// The statuses it set.
    pub statuses: Vec<(PurposeId, Status)>,
    /// How far its proof has come.
    pub proof: Proof,
    /// Whether there is a file to hand out.
    pub has_file: bool,
}

/// How far the proof of a decision has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Not delivered yet.
    Waiting,
    /// Delivered; no countersignature yet.
    Sent,
    /// Countersigned by the site.
    Countersigned,
    /// Recorded by the site, not signed here.
    Witnessed,
    /// Refused for good, with the site's reason.
    Refused(String),
}

impl Proof {
    /// Its name: the key of its texts and the class of its badge.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Countersigned => "countersigned",
            Self::Witnessed => "witnessed",
            Self::Refused(_) => "refused",
        }
    }
}

/// What was decided for an address in this browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub email: String,
    /// Milliseconds since 1970 of the newest decision about it.
    pub time: u64,
    /// What stands, as this browser last asked for it.
    pub statuses: Vec<(PurposeId, Status)>,
}

impl Address {
    /// What stands for a purpose, if it was decided.
    pub fn status(&self, purpose: &PurposeId) -> Option<Status> {
        self.statuses
            .iter()
            .find(|(id, _)| id == purpose)
            .map(|(_, status)| *status)
    }
}

/// Something being watched; dropping it ends the watching.
pub struct Watch(
    #[allow(dead_code, reason = "held for its destructor")] Option<Box<dyn std::any::Any>>,
);

impl Watch {
    /// Holds what must live as long as the watching does.
    pub fn new(held: impl std::any::Any) -> Self {
        Self(Some(Box::new(held)))
    }

    /// Watches nothing.
    pub const fn nothing() -> Self {
        Self(None)
    }
}
