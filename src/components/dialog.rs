//! The modal window: the browser's own `<dialog>`, which keeps focus inside and makes the page behind it inert.

use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

/// What the window needs.
#[derive(Clone, PartialEq, Properties)]
pub struct DialogProps {
    /// Id of the heading that names it and takes the focus when it opens.
    pub title: AttrValue,
    /// Called once when it was closed, by button, Esc or from outside. Closing decides nothing.
    pub on_close: Callback<()>,
    /// What stands in it.
    pub children: Html,
}

/// The cross in the corner. The form closes the window by itself, so the focus goes back to where it came from.
pub fn close_button(label: &str) -> Html {
    html! { <form method="dialog"><button class="close" aria-label={label.to_owned()}></button></form> }
}

/// The modal window, open as long as it is drawn.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    {
        let (node, title) = (node.clone(), props.title.clone());
        use_effect_with((), move |()| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                // Only fails where it is open already or not connected; then there is nothing to mend.
                let _ = dialog.show_modal();
                // The title, not the first button: a long text is read from its beginning, and no answer is at hand
                // by accident.
                let selector = format!("#{title}");
                if let Some(heading) = dialog.query_selector(&selector).ok().flatten() {
                    let _ = wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(heading).focus();
                }
            }
        });
    }
    let onclose = props.on_close.reform(|_: Event| ());
    html! {
        <dialog ref={node} class="sheet" aria-labelledby={props.title.clone()} {onclose}>{ props.children.clone() }</dialog>
    }
}
