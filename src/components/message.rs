//! Something did not work, and what can be done about it.

use yew::prelude::*;

use crate::state::Wish;

/// A failure in the visitor's words, with a way to try again.
pub fn failure(title: &'static str, text: &str, retry: &'static str, to: &Callback<Wish>) -> Html {
    html! {
        <div class="message" role="alert">
            <h3>{ title }</h3>
            <p>{ text }</p>
            <button type="button" class="button" onclick={to.reform(|_: MouseEvent| Wish::Retry)}>{ retry }</button>
        </div>
    }
}
