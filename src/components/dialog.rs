//! The modal window: the browser's own `<dialog>`, which keeps focus inside and makes the page behind it inert.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use crate::components::el::{el, with};

/// The cross in the corner. The form closes the window by itself, so the focus goes back to where it came from.
pub fn close_button(label: &str) -> Html {
    let button = with(el("button", "close", vec![]), "aria-label", label);
    with(el("form", "", vec![button]), "method", "dialog")
}

/// The window, named by the heading `title`; closed until [`open`] is called.
pub fn dialog(node: NodeRef, title: &'static str, on_close: &Callback<()>, inside: Html) -> Html {
    let onclose = on_close.reform(|_: Event| ());
    html! { <dialog ref={node} class="sheet" aria-labelledby={title} {onclose}>{ inside }</dialog> }
}

/// Opens the window, if there is one, and puts the focus on its title: not on the first button, so that a long text is
/// read from its beginning and no answer is at hand by accident.
pub fn open(node: &NodeRef, title: &str) {
    let Some(dialog) = node.cast::<HtmlDialogElement>() else {
        return;
    };
    // Only fails where it is open already or not connected; then there is nothing to mend.
    let _ = dialog.show_modal();
    if let Some(heading) = dialog.query_selector(&format!("#{title}")).ok().flatten() {
        let _ = heading.unchecked_into::<HtmlElement>().focus();
    }
}
