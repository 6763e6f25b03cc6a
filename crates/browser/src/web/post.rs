//! One request to the service: a POST with a body, a GET without one.

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCredentials, RequestInit, RequestRedirect, Response};

use super::{env, port::Port, timer};
use crate::answer::Reply;

/// After this many milliseconds without an answer the request counts as failed.
const PATIENCE: u64 = 20_000;

/// Posts a body, or asks without one; `None` if nothing answered.
pub(super) async fn post(port: &Port, path: &str, body: Option<&str>) -> Option<Reply> {
    let init = RequestInit::new();
    if let Some(body) = body {
        init.set_method("POST");
        // A text is sent as text/plain;charset=UTF-8, which asks no other origin for permission first.
        init.set_body(&body.into());
    }
    init.set_credentials(if port.same_origin() {
        RequestCredentials::SameOrigin
    } else {
        RequestCredentials::Omit
    });
    init.set_redirect(RequestRedirect::Error);
    // The request outlives the page if the visitor leaves now.
    let _ = Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE);
    if let Ok(abort) = AbortController::new() {
        init.set_signal(Some(&abort.signal()));
        if let Ok(stop) =
            Reflect::get(&abort, &"abort".into()).and_then(|f| f.dyn_into::<Function>())
        {
            timer::later(&stop.bind0(&abort), PATIENCE);
        }
    }
    let url = format!("{}{path}", port.base());
    let fetching = web_sys::window()?.fetch_with_str_and_init(&url, &init);
    let response: Response = JsFuture::from(fetching).await.ok()?.dyn_into().ok()?;
    let retry_after = response.headers().get("Retry-After").ok().flatten();
    let body = JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()?;
    Some(Reply {
        status: response.status(),
        retry_after: retry_after.and_then(|t| seconds(&t)),
        body,
    })
}

/// `Retry-After`: a number of seconds, or a date.
fn seconds(text: &str) -> Option<u64> {
    text.trim().parse().ok().or_else(|| {
        let at = js_sys::Date::parse(text);
        at.is_finite()
            .then(|| (at as u64).saturating_sub(env::now()) / 1000)
    })
}
