//! Constructed style sheets: what a strict policy for styles lets pass without a nonce.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;
use web_sys::CssStyleSheet;

/// Adds a sheet to what a document or a shadow tree has adopted. Before it is added it is filled, so nothing is drawn bare.
pub(super) fn adopt(tree: &JsValue, css: &str) -> Option<()> {
    let sheet = CssStyleSheet::new().ok()?;
    sheet.replace_sync(css).ok()?;
    let key = JsValue::from_str("adoptedStyleSheets");
    let adopted = Array::from(&Reflect::get(tree, &key).ok()?);
    adopted.push(&sheet);
    Reflect::set(tree, &key, &adopted).ok()?.then_some(())
}
