//! What the settle module offers to JavaScript: `settle(port)`, `errand(port, name, json)` and `receipts()`.

#![allow(unreachable_pub, reason = "reached from JavaScript")]

use js_sys::JSON;
use wasm_bindgen::prelude::*;

use super::client::Client;
use super::port::Port;
use super::settle;
use crate::errand::{Errand, Request, write_history, write_sent};
use crate::json;

/// Settles what the gate has pending and posts what waits. Resolves after the first attempt; further ones go on in the
/// background for as long as the page is open.
#[wasm_bindgen(js_name = settle)]
pub async fn settle_pending(port: Port) {
    settle::settle(port).await;
}

/// Does what the app asks; see [`crate::errand`]. An errand that is not known is answered by an empty text.
#[wasm_bindgen]
pub async fn errand(port: Port, name: String, json: String) -> String {
    let client = Client::new(port);
    let asked = json::parse(&json).unwrap_or(json::Value::Null);
    match Errand::read(&name) {
        Some(Errand::History) => write_history(&client.history()),
        Some(Errand::Submit) => match Request::read(&json) {
            Some(Request { form, shown }) => {
                write_sent(&client.decide_for_address(form, &shown).await)
            }
            None => String::new(),
        },
        Some(Errand::Keep) => {
            client.keep(asked.flag("on")).await;
            String::new()
        }
        Some(Errand::Forget) => {
            client.forget(asked.text("email")).await;
            String::new()
        }
        Some(Errand::Receipt) => client.receipt(asked.text("decision")).unwrap_or_default(),
        Some(Errand::Receipts) => json::list(&client.receipts(), String::clone),
        None => String::new(),
    }
}

/// The countersigned receipts that this browser keeps, oldest first.
#[wasm_bindgen]
pub fn receipts() -> JsValue {
    JSON::parse(&json::list(&Client::kept(), String::clone)).unwrap_or(JsValue::NULL)
}
