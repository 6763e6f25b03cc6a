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
pub(crate) mod read;

use std::future::Future;
use std::pin::Pin;

pub use sayso_browser::history::History;
use sayso_core::view::View;
use yew::{Callback, NodeRef};

use crate::failure::Failure;
use crate::shared::Shared;
use crate::state::{Arrival, Choices, Press, Standing, Submission};

#[cfg(target_arch = "wasm32")]
pub(crate) use gate::{asks, decide};
#[cfg(target_arch = "wasm32")]
pub(crate) use look::in_view;
#[cfg(target_arch = "wasm32")]
pub(crate) use read::{Settings, settings};

/// Something that takes a while and may fail.
pub type Task<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// What the surfaces need from the world.
pub struct Ports {
    /// Fetches what is shown.
    pub view: Callback<(), Task<Shared<View>>>,
    /// What is in force now.
    pub standing: Callback<(), Standing>,
    /// Makes an answer count, at once.
    pub decide: Callback<Decide>,
    /// Signs and sends what is waiting.
    pub settle: Callback<(), Task<()>>,
    /// Sends a decision about an address.
    pub submit: Callback<Submission, Task<Arrival>>,
    /// The visitor's decisions.
    pub history: Callback<(), Task<History>>,
    /// Turns "keep my receipts" on or off.
    pub keep: Callback<bool, Task<()>>,
    /// Forgets an address in this browser; what the site has of it stays with the site.
    pub forget: Callback<String, Task<()>>,
    /// Has the site erase the receipts of this browser's key.
    pub erase: Callback<(), Task<()>>,
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
