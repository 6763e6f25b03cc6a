//! One service: what it does, who runs it, who gets the data, what it keeps, and its own switch.

use sayso_core::view::{ServiceView, View};
use yew::prelude::*;

use crate::components::cookie_table::cookie_table;
use crate::components::el::{away, el, fact, fragment, t, text, with};
use crate::components::switch::choice;
use crate::link;
use crate::state::Wish;
use crate::text::{list, say_with};

/// A service. `on` is its switch; `None` where there is nothing to switch.
pub fn service(view: &View, service: &ServiceView, on: Option<bool>, to: &Callback<Wish>) -> Html {
    let id = service.id.as_str();
    let (title, describe) = (format!("s-{id}"), format!("s-{id}-text"));
    let mut row = vec![with(text("h4", "", &service.name), "id", &title)];
    if let Some(on) = on {
        row.push(choice(
            &title,
            &describe,
            on,
            view.text(if on { "switch-on" } else { "switch-off" }),
            to,
            id,
        ));
    }
    let mut words = vec![text("p", "", &service.description)];
    if !service.without.is_empty() {
        words.push(text(
            "p",
            "without",
            &say_with(view, "without", &[("what", &service.without)]),
        ));
    }
    let children = vec![
        el("div", "row", row),
        with(el("div", "", words), "id", &describe),
        facts(view, service),
        cookie_table(view, &service.name, &service.cookies),
    ];
    with(
        el("section", "service", children),
        "aria-labelledby",
        &title,
    )
}

fn facts(view: &View, service: &ServiceView) -> Html {
    let mut provider = vec![text("bdi", "", &service.provider)];
    if link::safe(&service.provider_policy).is_some() {
        let label = say_with(view, "provider-policy", &[("provider", &service.provider)]);
        provider.extend([t(" · "), away(&service.provider_policy, &label)]);
    }
    let mut facts = vec![fact(view.text("provider"), fragment(provider))];
    for (key, names) in [
        ("recipients", &service.recipients),
        ("hosts", &service.hosts),
    ] {
        if !names.is_empty() {
            facts.push(named(view, key, names));
        }
    }
    if !service.location.is_empty() {
        facts.push(fact(view.text("location"), t(&service.location)));
    }
    el("dl", "facts", facts)
}

/// A fact that is a list of names.
pub fn named(view: &View, key: &str, names: &[String]) -> Html {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    fact(view.text(key), text("bdi", "", &list(view, &names)))
}
