//! The port: the object that the gate hands to the wasm modules. Whatever the page made of it, a call never throws here.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::errand::Errand;

#[wasm_bindgen]
extern "C" {
    /// The gate's side of the bargain.
    #[derive(Clone, Debug)]
    pub type Port;

    #[wasm_bindgen(method, getter, catch, js_name = config)]
    fn get_config(this: &Port) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = base)]
    fn get_base(this: &Port) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = credentials)]
    fn get_credentials(this: &Port) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = state)]
    fn call_state(this: &Port) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = pending)]
    fn call_pending(this: &Port) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = settled)]
    fn call_settled(this: &Port, ids: Vec<String>) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = decide)]
    fn call_decide(this: &Port, json: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = heal)]
    fn call_heal(this: &Port) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = emit)]
    fn call_emit(this: &Port, name: &str, json: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = signals)]
    fn call_signals(this: &Port) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = errand)]
    fn call_errand(this: &Port, name: &str, json: &str) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = settle)]
    fn call_settle(this: &Port) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = close)]
    fn call_close(this: &Port, surface: &str) -> Result<JsValue, JsValue>;
}

fn text(value: Result<JsValue, JsValue>) -> String {
    value.ok().and_then(|v| v.as_string()).unwrap_or_default()
}

impl Port {
    /// The gate's configuration, as JSON.
    pub fn config(&self) -> String {
        text(self.get_config())
    }

    /// The absolute base address, ending in a slash.
    pub fn base(&self) -> String {
        text(self.get_base())
    }

    /// Whether requests go to the page's own origin, with its cookies.
    pub fn same_origin(&self) -> bool {
        text(self.get_credentials()) == "same-origin"
    }

    /// The cookie's value, or an empty text.
    pub fn state(&self) -> String {
        text(self.call_state())
    }

    /// The decisions not settled yet, as a JSON list.
    pub fn pending(&self) -> String {
        text(self.call_pending())
    }

    /// These decisions are safe in the outbox: the gate drops them.
    pub fn settled(&self, ids: Vec<String>) {
        if !ids.is_empty() {
            let _ = self.call_settled(ids);
        }
    }

    /// Makes a decision about device purposes, exactly as a click on the first layer does; returns its id.
    pub fn decide(&self, json: &str) -> String {
        text(self.call_decide(json))
    }

    /// A server's answer may have renewed the cookie: the gate compares and keeps the later state.
    pub fn heal(&self) {
        let _ = self.call_heal();
    }

    /// Dispatches `sayso:<name>` on the page.
    pub fn emit(&self, name: &str, json: &str) {
        let _ = self.call_emit(name, json);
    }

    /// The signals the browser sends, such as `gpc`.
    pub fn signals(&self) -> Vec<String> {
        let Ok(list) = self.call_signals() else {
            return Vec::new();
        };
        if !js_sys::Array::is_array(&list) {
            return Vec::new();
        }
        js_sys::Array::from(&list)
            .iter()
            .filter_map(|s| s.as_string())
            .collect()
    }

    /// Has the settle module do something; see [`crate::errand`]. `None` where the module cannot be loaded.
    pub async fn errand(&self, errand: Errand, json: &str) -> Option<String> {
        let promise = self.call_errand(errand.name(), json).ok()?;
        JsFuture::from(promise).await.ok()?.as_string()
    }

    /// Has the settle module sign what is pending and post what waits.
    pub async fn settle(&self) {
        if let Ok(promise) = self.call_settle() {
            let _ = JsFuture::from(promise).await;
        }
    }

    /// A surface of the app was closed.
    pub fn close(&self, surface: &str) {
        let _ = self.call_close(surface);
    }
}
