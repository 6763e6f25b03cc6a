//! `localStorage`, or memory where it is blocked, full or gone. Nothing here throws.

use std::cell::RefCell;

use crate::json::{self, Stored, Value};
use gloo_storage::{LocalStorage, Storage as _};

thread_local! {
    /// What could not be stored, or must not be, for as long as this page is open. It is newer than what is stored.
    static MEMORY: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) };
}

/// Asks first: gloo's `LocalStorage` throws where storage is blocked.
fn store() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()??;
    Some(LocalStorage::raw())
}

/// What is kept under a key; nothing, or something unreadable, is the default.
pub(super) fn read<T: Stored>(key: &'static str) -> T {
    T::read(&value(key).unwrap_or(Value::Null))
}

fn value(key: &'static str) -> Option<Value> {
    let held = MEMORY.with_borrow(|m| {
        m.iter()
            .find(|(k, _)| *k == key)
            .map(|(_, text)| text.clone())
    });
    json::parse(&held.or_else(|| store()?.get_item(key).ok()?)?)
}

/// Keeps a value: in storage, or where that fails, for this page view. Returns whether it will be there after this page.
pub(super) fn write(key: &'static str, text: String) -> bool {
    let stored = store().is_some_and(|s| s.set_item(key, &text).is_ok());
    hold_text(key, (!stored).then_some(text));
    stored
}

/// Keeps a value for this page view only; nothing of it is stored.
pub(super) fn hold(key: &'static str, text: String) {
    clear(key);
    hold_text(key, Some(text));
}

/// Forgets a key everywhere.
pub(super) fn clear(key: &'static str) {
    hold_text(key, None);
    if let Some(store) = store() {
        let _ = store.remove_item(key);
    }
}

fn hold_text(key: &'static str, text: Option<String>) {
    MEMORY.with_borrow_mut(|m| {
        m.retain(|(k, _)| *k != key);
        m.extend(text.map(|text| (key, text)));
    });
}
