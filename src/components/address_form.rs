//! What both forms for an address share: the frame, the summary of errors, the button, and what is said when it is sent.

use sayso_core::view::View;
use yew::prelude::*;

use crate::components::field::summary;
use crate::state::{Field, Form, Phase, Verb};
use crate::text::say_with;

/// What a form calls back.
#[derive(Clone, PartialEq)]
pub struct FormEvents {
    /// A text field changed.
    pub on_input: Callback<(Field, String)>,
    /// A box was ticked or unticked.
    pub on_tick: Callback<(Field, bool)>,
    /// It is to be sent.
    pub on_submit: Callback<()>,
    /// Another address is to be entered.
    pub on_again: Callback<()>,
}

/// A form around its fields. `action` is where it goes where there is no JavaScript.
pub fn address_form(
    view: &View,
    verb: Verb,
    form: &Form,
    events: &FormEvents,
    action: &str,
    fields: Html,
) -> Html {
    let prefix = prefix(verb);
    if form.phase == Phase::Sent {
        return sent(view, prefix, form, events);
    }
    let sending = form.phase == Phase::Sending;
    let onsubmit = events
        .on_submit
        .reform(|event: SubmitEvent| event.prevent_default());
    let problem = match &form.phase {
        Phase::Wanting(errors) => summary(view, prefix, errors),
        Phase::Failed(failure) => {
            html! { <div class="errors" role="alert"><p>{ failure.sentence(view) }</p></div> }
        }
        _ => Html::default(),
    };
    let send = view.text(if sending {
        "newsletter-sending"
    } else {
        label(verb)
    });
    html! {
        <form class="form" method="post" action={action.to_owned()} novalidate=true {onsubmit}>
            { problem }
            { fields }
            <div class="answers"><button type="submit" class="button" disabled={sending}>{ send }</button></div>
        </form>
    }
}

/// Ids of a form's fields begin with this.
pub const fn prefix(verb: Verb) -> &'static str {
    match verb {
        Verb::Subscribe => "newsletter",
        Verb::Object => "marketing",
    }
}

const fn label(verb: Verb) -> &'static str {
    match verb {
        Verb::Subscribe => "newsletter-send",
        Verb::Object => "marketing-send",
    }
}

fn sent(view: &View, prefix: &str, form: &Form, events: &FormEvents) -> Html {
    let key = |part: &str| format!("{prefix}-{part}");
    html! {
        <div class="sent" role="status">
            <h4>{ view.text(&key("sent-title")) }</h4>
            <p>{ say_with(view, &key("sent"), &[("email", form.fields.email.trim())]) }</p>
            <button type="button" class="link" onclick={events.on_again.reform(|_: MouseEvent| ())}>{ view.text(&key("again")) }</button>
        </div>
    }
}
