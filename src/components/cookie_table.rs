//! What a service keeps in the browser, as a table that becomes a list on narrow screens.

use sayso_core::policy::{Party, StorageKind};
use sayso_core::view::{CookieView, View};
use yew::prelude::*;

use crate::text::say_with;

/// The cookies of one service.
pub fn cookie_table(view: &View, service: &str, cookies: &[CookieView]) -> Html {
    if cookies.is_empty() {
        return html! { <p class="quiet">{ view.text("cookies-none") }</p> };
    }
    let columns = [
        "cookie-name",
        "cookie-purpose",
        "cookie-kind",
        "cookie-party",
        "cookie-duration",
    ];
    let row = |cookie: &CookieView| {
        let cell = |key: &str, text: &str| html! { <td data-label={view.text(key).to_owned()}>{ text }</td> };
        html! {
            <tr>
                <th scope="row"><code>{ &cookie.name }</code></th>
                { cell("cookie-purpose", &cookie.purpose) }
                { cell("cookie-kind", view.text(kind(cookie.kind))) }
                { cell("cookie-party", view.text(party(cookie.party))) }
                { cell("cookie-duration", &cookie.duration) }
            </tr>
        }
    };
    html! {
        <table class="cookies">
            <caption>{ say_with(view, "cookies-of", &[("service", service)]) }</caption>
            <thead><tr>{ for columns.map(|key| html! { <th scope="col">{ view.text(key) }</th> }) }</tr></thead>
            <tbody>{ for cookies.iter().map(row) }</tbody>
        </table>
    }
}

const fn kind(kind: StorageKind) -> &'static str {
    match kind {
        StorageKind::Cookie => "kind-cookie",
        StorageKind::LocalStorage => "kind-local-storage",
        StorageKind::SessionStorage => "kind-session-storage",
        StorageKind::Pixel => "kind-pixel",
    }
}

const fn party(party: Party) -> &'static str {
    match party {
        Party::First => "party-first",
        Party::Third => "party-third",
    }
}
