//! What the settle module offers to JavaScript: `settle(port)` and `errand(port, name, json)`.

#![allow(unreachable_pub, reason = "reached from JavaScript")]

use wasm_bindgen::prelude::*;

use super::client::Client;
use super::port::Port;
use super::settle;
use crate::address::Prepared;
use crate::errand::{Errand, write_sent};
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
        Some(Errand::Read) => client.snapshot().write(),
        Some(Errand::Submit) => match Prepared::read(&json) {
            Some(prepared) => write_sent(&client.submit(prepared).await),
            None => String::new(),
        },
        Some(Errand::Keep) => {
            client.keep(asked.flag("on")).await;
            String::new()
        }
        Some(Errand::Forget) => {
            client.forget(&asked).await;
            String::new()
        }
        Some(Errand::Look) => {
            client.look(&asked).await;
            String::new()
        }
        Some(Errand::Request) => client.request().await.unwrap_or_default(),
        None => String::new(),
    }
}
