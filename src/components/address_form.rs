//! What both forms for an address share: the frame, the summary of errors, the button, and what is said when it is sent.

use sayso_core::view::View;
use yew::prelude::*;

use crate::components::field::summary;
use crate::state::{Action, Form, Phase, Verb, Wish};
use crate::text::say_with;

/// A form around its fields. `action` is where it goes where there is no JavaScript.
pub fn address_form(
    view: &View,
    verb: Verb,
    form: &Form,
    to: &Callback<Wish>,
    action: &str,
    fields: Html,
) -> Html {
    let problem = match &form.phase {
        Phase::Sent => return sent(view, verb, form, "sent", to),
        Phase::Waiting => return sent(view, verb, form, "waiting", to),
        Phase::Wanting(errors) => summary(view, verb, errors),
        Phase::Failed(failure) => {
            html! { <div class="errors" role="alert"><p>{ failure.sentence(view) }</p></div> }
        }
        Phase::Editing | Phase::Sending => Html::default(),
    };
    let onsubmit = to.reform(move |event: SubmitEvent| {
        event.prevent_default();
        Wish::Submit(verb)
    });
    let sending = form.phase == Phase::Sending;
    let send = if sending {
        "newsletter-sending".to_owned()
    } else {
        key(verb, "send")
    };
    html! {
        <form class="form" method="post" action={action.to_owned()} novalidate=true {onsubmit}>
            { problem }
            { fields }
            <div class="answers"><button type="submit" class="button" disabled={sending}>{ view.text(&send) }</button></div>
        </form>
    }
}

fn key(verb: Verb, part: &str) -> String {
    format!("{}-{part}", verb.name())
}

fn sent(view: &View, verb: Verb, form: &Form, how: &str, to: &Callback<Wish>) -> Html {
    let title = match how {
        "sent" => key(verb, "sent-title"),
        _ => "form-waiting-title".to_owned(),
    };
    let text = match how {
        "sent" => key(verb, "sent"),
        _ => "form-waiting".to_owned(),
    };
    let again = to.reform(move |_: MouseEvent| Wish::Act(Action::Went(verb, Phase::Editing)));
    html! {
        <div class={classes!("sent", how.to_owned())} role="status">
            <h4>{ view.text(&title) }</h4>
            <p>{ say_with(view, &text, &[("email", form.fields.email.trim())]) }</p>
            <button type="button" class="link" onclick={again}>{ view.text(&key(verb, "again")) }</button>
        </div>
    }
}
