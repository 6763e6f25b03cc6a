//! One GET below the gate's base address.

use sayso_browser::web::Port;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestCredentials, RequestInit, Response};

use crate::failure::Failure;

/// How long an answer may take, in milliseconds.
const PATIENCE: u32 = 15_000;

/// The text of a file of the service.
#[expect(
    clippy::disallowed_methods,
    reason = "asking for what is drawn is a port"
)]
pub(super) async fn text(port: &Port, file: &str) -> Result<String, Failure> {
    let window = web_sys::window().ok_or(Failure::Reach)?;
    let init = RequestInit::new();
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
