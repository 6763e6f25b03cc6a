//! One request below the gate's base address.

use sayso_browser::web::Port;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestCredentials, RequestInit, Response};

use crate::failure::Failure;

/// How long an answer may take, in milliseconds.
const PATIENCE: u32 = 15_000;

/// The text of a file of the service.
pub(super) async fn text(port: &Port, file: &str) -> Result<String, Failure> {
    send(port, file, None).await
}

/// Posts a text, which is sent as `text/plain` and asks no other origin for permission first.
pub(super) async fn post(port: &Port, file: &str, body: &str) -> Result<String, Failure> {
    send(port, file, Some(body)).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "asking for what is drawn is a port"
)]
async fn send(port: &Port, file: &str, body: Option<&str>) -> Result<String, Failure> {
    let window = web_sys::window().ok_or(Failure::Reach)?;
    let init = RequestInit::new();
    if let Some(body) = body {
        init.set_method("POST");
        init.set_body(&body.into());
    }
    init.set_credentials(if port.same_origin() {
        RequestCredentials::SameOrigin
    } else {
        RequestCredentials::Omit
    });
    // Not every browser has it; without, the browser's own patience is all there is.
    if let Some(signal) = patience() {
        init.set_signal(Some(&signal));
    }
    let asked = window.fetch_with_str_and_init(&format!("{}{file}", port.base()), &init);
    let unreachable = |_| {
        if window.navigator().on_line() {
            Failure::Reach
        } else {
            Failure::Offline
        }
    };
    let response: Response = JsFuture::from(asked)
        .await
        .map_err(unreachable)?
        .unchecked_into();
    if !response.ok() {
        return Err(Failure::Server(response.status()));
    }
    let body = response.text().map_err(unreachable)?;
    JsFuture::from(body)
        .await
        .map_err(unreachable)?
        .as_string()
        .ok_or(Failure::Reach)
}

/// Ends a request after a while.
fn patience() -> Option<AbortSignal> {
    let maker = js_sys::Reflect::get(&js_sys::global(), &"AbortSignal".into()).ok()?;
    let timeout = js_sys::Reflect::get(&maker, &"timeout".into()).ok()?;
    let signal = timeout
        .dyn_into::<js_sys::Function>()
        .ok()?
        .call1(&maker, &PATIENCE.into());
    signal.ok()?.dyn_into().ok()
}
