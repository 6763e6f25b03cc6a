//! Something did not work, and what can be done about it.

use yew::prelude::*;

/// A failure in the visitor's words, with a way to try again.
pub fn failure(title: &str, text: &str, retry: &str, on_retry: Callback<()>) -> Html {
    html! {
        <div class="message" role="alert">
            <h3>{ title }</h3>
            <p>{ text }</p>
            <button type="button" class="button" onclick={on_retry.reform(|_: MouseEvent| ())}>{ retry }</button>
        </div>
    }
}
