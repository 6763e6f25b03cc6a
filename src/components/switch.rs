//! A switch: a checkbox that says so, named by the heading beside it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::el::{el, text, ticked, with};
use crate::state::{Action, Wish};

/// A switch named by the element `label` and described by the element `describe`.
///
/// Its name never changes with its state (assistive technology says the state); the word beside it is for the eye.
pub fn switch(
    label: &str,
    describe: &str,
    on: bool,
    word: &str,
    to: &Callback<Wish>,
    wish: impl Fn(bool) -> Wish + 'static,
) -> Html {
    let onchange = to.reform(move |event: Event| {
        wish(event.target_unchecked_into::<HtmlInputElement>().checked())
    });
    let (label, describe) = (label.to_owned(), describe.to_owned());
    let input = html! {
        <input type="checkbox" role="switch" aria-labelledby={label} aria-describedby={describe} {onchange} />
    };
    let input = ticked(input, on);
    let unseen = |node| with(node, "aria-hidden", "true");
    el(
        "label",
        "switch",
        vec![
            unseen(text("span", "word", word)),
            input,
            unseen(el("span", "track", vec![])),
        ],
    )
}

/// The switch of a purpose or a service.
pub fn choice(
    label: &str,
    describe: &str,
    on: bool,
    word: &str,
    to: &Callback<Wish>,
    id: &str,
) -> Html {
    let id = id.to_owned();
    switch(label, describe, on, word, to, move |on| {
        Wish::Act(Action::Switch(id.clone(), on))
    })
}
