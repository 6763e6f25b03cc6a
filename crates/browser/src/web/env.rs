//! Clock and waiting.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::random;
use super::timer::later;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = addEventListener, catch)]
    fn add_event_listener(name: &str, callback: &Function) -> Result<(), JsValue>;
    #[wasm_bindgen(js_name = removeEventListener, catch)]
    fn remove_event_listener(name: &str, callback: &Function) -> Result<(), JsValue>;
}

/// Milliseconds since 1970, by the visitor's clock.
pub(super) fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// A random fraction, for spreading retries.
pub(super) fn jitter() -> f64 {
    random::bytes::<1>().map_or(0.5, |[byte]| f64::from(byte) / 255.0)
}

/// Waits a while.
pub(super) async fn wait(ms: u64) {
    let _ = JsFuture::from(Promise::new(&mut |resolve, _| later(&resolve, ms))).await;
}

/// Waits for a promise of something, but not for longer than a while; says whether it was settled.
pub(super) async fn within(ms: u64, promise: &Promise) -> bool {
    let late = Promise::new(&mut |resolve, _| later(&resolve, ms));
    let first = Promise::race(&js_sys::Array::of2(promise, &late));
    // A timer resolves with nothing.
    JsFuture::from(first).await != Ok(JsValue::UNDEFINED)
}

/// Waits a while; returns early, and says so, when the browser comes back online.
pub(super) async fn wait_or_online(ms: u64) -> bool {
    let mut online = None;
    let woken = Promise::new(&mut |resolve, _| {
        later(&resolve, ms);
        if add_event_listener("online", &resolve).is_ok() {
            online = Some(resolve);
        }
    });
    let by = JsFuture::from(woken).await;
    if let Some(listener) = online {
        let _ = remove_event_listener("online", &listener);
    }
    // The timer resolves with nothing, the event with itself.
    by.is_ok_and(|event| event.is_object())
}
