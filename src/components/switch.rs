//! A switch: a checkbox that says so, named by the heading beside it.

use web_sys::HtmlInputElement;
use yew::prelude::*;

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
    html! {
        <label class="switch">
            <span class="word" aria-hidden="true">{ word }</span>
            <input
                type="checkbox"
                role="switch"
                aria-labelledby={label.to_owned()}
                aria-describedby={describe.to_owned()}
                checked={on}
                {onchange}
            />
            <span class="track" aria-hidden="true"></span>
        </label>
    }
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
