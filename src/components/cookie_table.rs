//! What a service keeps in the browser, as a table that becomes a list on narrow screens.

use sayso_core::policy::{Party, StorageKind};
use sayso_core::view::{CookieView, View};
use yew::prelude::*;

use crate::components::el::{el, text, with};
use crate::text::say_with;

/// The cookies of one service.
pub fn cookie_table(view: &View, service: &str, cookies: &[CookieView]) -> Html {
    if cookies.is_empty() {
        return text("p", "quiet", view.text("cookies-none"));
    }
    let columns = [
        "cookie-name",
        "cookie-purpose",
        "cookie-kind",
        "cookie-party",
        "cookie-duration",
    ];
    let row = |cookie: &CookieView| {
        let cells = [
            cookie.purpose.as_str(),
            view.text(kind(cookie.kind)),
            view.text(party(cookie.party)),
            cookie.duration.as_str(),
        ];
        let name = el("th", "", vec![text("code", "", &cookie.name)]);
        let mut row = vec![with(name, "scope", "row")];
        for (key, cell) in columns.into_iter().skip(1).zip(cells) {
            row.push(with(text("td", "", cell), "data-label", view.text(key)));
        }
        el("tr", "", row)
    };
    let heads = columns
        .into_iter()
        .map(|key| with(text("th", "", view.text(key)), "scope", "col"));
    el(
        "table",
        "cookies",
        vec![
            text(
                "caption",
                "",
                &say_with(view, "cookies-of", &[("service", service)]),
            ),
            el("thead", "", vec![el("tr", "", heads.collect())]),
            el("tbody", "", cookies.iter().map(row).collect()),
        ],
    )
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
