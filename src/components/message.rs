//! Something did not work, and what can be done about it.

use yew::prelude::*;

use crate::components::el::{button, el, text, with};
use crate::state::Wish;

/// A failure in the visitor's words, with a way to try again.
pub fn failure(title: &str, words: &str, retry: &str, to: &Callback<Wish>) -> Html {
    let again = to.reform(|_: MouseEvent| Wish::Retry);
    let children = vec![
        text("h3", "", title),
        text("p", "", words),
        button("button", retry, again),
    ];
    with(el("div", "message", children), "role", "alert")
}
