//! Doing something after a while.

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: i32) -> JsValue;
}

/// Calls back after a while, given in milliseconds.
pub(super) fn later(callback: &Function, ms: u64) {
    set_timeout(callback, i32::try_from(ms).unwrap_or(i32::MAX));
}

/// Does something after a while, given in milliseconds.
pub(super) fn after(ms: u64, act: impl FnOnce() + 'static) {
    later(Closure::once_into_js(act).unchecked_ref(), ms);
}
