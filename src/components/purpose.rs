//! One purpose: what it is for, its switch, and its services to unfold.

use sayso_core::view::{PurposeView, View};
use yew::prelude::*;

use crate::components::el::{el, fact, t, text, with};
use crate::components::service::{named, service};
use crate::components::switch::choice;
use crate::components::word;
use crate::state::{Standing, Switches, Wish};
use crate::text::say_with;

/// A purpose with its switch, or, if it is necessary, with the reason why it has none.
pub fn purpose(
    view: &View,
    purpose: &PurposeView,
    draft: &Switches,
    standing: &Standing,
    to: &Callback<Wish>,
) -> Html {
    let id = purpose.id.as_str();
    let (title, describe) = (format!("p-{id}"), format!("p-{id}-text"));
    let on = draft.is_on(id);
    let toggle = if purpose.necessary {
        text("span", "always", view.text("always-on"))
    } else {
        choice(
            &title,
            &describe,
            on,
            &allowed(view, purpose, draft),
            to,
            id,
        )
    };
    let mut words = vec![text("p", "", &purpose.description)];
    if purpose.necessary {
        words.push(text("p", "quiet", view.text("necessary-note")));
    } else if standing.gpc && purpose.gpc {
        words.push(text(
            "p",
            "signal",
            view.text(if on { "gpc-lifted" } else { "gpc-note" }),
        ));
    }
    let mut facts = vec![fact(
        view.text("basis"),
        t(view.text(word::basis(purpose.basis))),
    )];
    if !purpose.recipients.is_empty() {
        facts.push(named(view, "recipients", &purpose.recipients));
    }
    let summary = text("summary", "", view.text("details"));
    let label = say_with(view, "details-of", &[("purpose", &purpose.title)]);
    let mut details = vec![
        with(summary, "aria-label", &label),
        el("dl", "facts", facts),
    ];
    for one in &purpose.services {
        let switchable = !purpose.necessary || one.switchable;
        details.push(service(
            view,
            one,
            switchable.then(|| draft.is_on(one.id.as_str())),
            to,
        ));
    }
    let children = vec![
        el(
            "div",
            "row",
            vec![with(text("h3", "", &purpose.title), "id", &title), toggle],
        ),
        with(el("div", "", words), "id", &describe),
        el("details", "", details),
    ];
    with(
        el("section", "purpose", children),
        "aria-labelledby",
        &title,
    )
}

/// The word beside a purpose's switch: what of it is allowed.
fn allowed(view: &View, purpose: &PurposeView, draft: &Switches) -> String {
    let all = purpose.services.len();
    let on = purpose
        .services
        .iter()
        .filter(|service| draft.is_on(service.id.as_str()))
        .count();
    let purpose_on = draft.is_on(purpose.id.as_str());
    if on == if purpose_on { all } else { 0 } {
        return view
            .text(if purpose_on {
                "switch-on"
            } else {
                "switch-off"
            })
            .to_owned();
    }
    say_with(
        view,
        "some-services",
        &[("on", &on.to_string()), ("all", &all.to_string())],
    )
}
