//! `localStorage`, or memory where it is blocked, full or gone. Nothing here throws.

use std::cell::RefCell;
use std::collections::BTreeMap;

use gloo_storage::{LocalStorage, Storage as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::json;

thread_local! {
    /// What could not be stored, or must not be, for as long as this page is open. It is newer than what is stored.
    static MEMORY: RefCell<BTreeMap<&'static str, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// Asks first: gloo's `LocalStorage` throws where storage is blocked.
fn store() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()??;
    Some(LocalStorage::raw())
}

/// What is kept under a key; nothing, or something unreadable, is the default.
pub(super) fn read<T: DeserializeOwned + Default>(key: &'static str) -> T {
    let held = MEMORY.with_borrow(|m| m.get(key).cloned());
    let text = held.or_else(|| store()?.get_item(key).ok()?);
    text.and_then(|t| json::parse(&t)).unwrap_or_default()
}

/// Keeps a value: in storage, or where that fails, for this page view. Returns whether it will be there after this page.
pub(super) fn write<T: Serialize>(key: &'static str, value: &T) -> bool {
    let text = json::write(value);
    let stored = store().is_some_and(|s| s.set_item(key, &text).is_ok());
    MEMORY.with_borrow_mut(|m| if stored { m.remove(key) } else { m.insert(key, text) });
    stored
}

/// Keeps a value for this page view only; nothing of it is stored.
pub(super) fn hold<T: Serialize>(key: &'static str, value: &T) {
    clear(key);
    MEMORY.with_borrow_mut(|m| m.insert(key, json::write(value)));
}

/// Forgets a key everywhere.
pub(super) fn clear(key: &'static str) {
    MEMORY.with_borrow_mut(|m| m.remove(key));
    if let Some(store) = store() {
        let _ = store.remove_item(key);
    }
}
