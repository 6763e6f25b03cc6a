//! The first layer: who asks, for what, and three answers that look the same.

use sayso_core::view::View;
use yew::prelude::*;

use crate::components::el::{and_link, el, t, text, with};
use crate::text::banner_text;

/// The first layer's root id, which its style sheet is scoped to.
pub const ROOT: &str = "sayso";

/// What a button of the first layer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes to every purpose asked.
    GiveAll,
    /// No to every purpose asked.
    RefuseAll,
    /// Open the preference centre; not an answer yet.
    Preferences,
}

impl Answer {
    /// The three, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::GiveAll, Self::RefuseAll, Self::Preferences];

    /// Its name: the `data-sayso-action` that the gate listens for, and the key of its label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GiveAll => "give-all",
            Self::RefuseAll => "refuse-all",
            Self::Preferences => "preferences",
        }
    }
}

/// The first layer.
///
/// `on_answer` is called when a button is pressed, with the click, since a yes counts only from a person; without it the
/// buttons rely on whoever listens for `data-sayso-action`. The buttons come out of one loop: same element, same
/// attributes, same class-less style. Neither answer can be drawn as the lesser one without changing the other.
pub fn banner(view: &View, on_answer: Option<&Callback<(Answer, MouseEvent)>>) -> Html {
    let button = |answer: Answer| {
        let onclick =
            on_answer.map(|callback| callback.reform(move |event: MouseEvent| (answer, event)));
        let label = t(view.text(answer.name()));
        // As the first in a page it stands in no form, which it may where a site mounts it.
        let kind = on_answer.map(|_| "button");
        html! { <button type={kind} data-sayso-action={answer.name()} {onclick}>{ label }</button> }
    };
    let words = vec![
        t(&banner_text(view)),
        and_link(&view.policy_page, view.text("banner-policy")),
    ];
    let children = vec![
        with(
            text("h2", "", view.text("banner-title")),
            "id",
            "sayso-title",
        ),
        el("p", "", words),
        el("div", "", Answer::ALL.map(button).into()),
    ];
    let mut section = el("section", "", children);
    let attributes = [
        ("id", ROOT),
        ("aria-labelledby", "sayso-title"),
        ("lang", &view.language),
        ("dir", &view.direction),
        ("data-nosnippet", ""),
    ];
    for (key, value) in attributes {
        section = with(section, key, value);
    }
    section
}
