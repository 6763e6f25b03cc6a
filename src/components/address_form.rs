//! What both forms for an address share: the frame, the summary of errors, the button, and what is said when it is sent.

use sayso_core::view::View;
use yew::prelude::*;

use crate::components::el::{button, el, fragment, text, with};
use crate::components::field::summary;
use crate::state::{Action, Form, Phase, Verb, Wish};
use crate::text::say_with;

/// A form around its fields. Where there is no JavaScript it goes to the page of its name.
pub fn address_form(
    view: &View,
    verb: Verb,
    form: &Form,
    to: &Callback<Wish>,
    mut fields: Vec<Html>,
) -> Html {
    match &form.phase {
        Phase::Sent => {
            let key = format!("{}-sent", verb.name());
            return said(vec![sent(view, verb, form, &key, to)], Html::default());
        }
        Phase::Waiting => {
            let words = vec![sent(view, verb, form, "form-waiting", to)];
            return said(words, Html::default());
        }
        Phase::Wanting(errors) => fields.insert(0, summary(view, verb, errors)),
        Phase::Failed(failure) => {
            let alert = el(
                "div",
                "errors",
                vec![text("p", "", &failure.sentence(view))],
            );
            fields.insert(0, with(alert, "role", "alert"));
        }
        Phase::Editing | Phase::Sending => {}
    }
    let onsubmit = to.reform(move |event: SubmitEvent| {
        event.prevent_default();
        Wish::Submit(verb)
    });
    let sending = form.phase == Phase::Sending;
    let send = if sending {
        "newsletter-sending".to_owned()
    } else {
        format!("{}-send", verb.name())
    };
    let action = format!("{}/{}", view.base, verb.name());
    let form = html! {
        <form class="form" method="post" {action} novalidate=true {onsubmit}>
            { fragment(fields) }
            <div class="answers"><button type="submit" class="button" disabled={sending}>{ view.text(&send) }</button></div>
        </form>
    };
    said(Vec::new(), form)
}

/// What is said of a form goes into an element that stands there before it: many screen readers pass over words that come
/// together with theirs.
fn said(words: Vec<Html>, form: Html) -> Html {
    fragment(vec![with(el("div", "", words), "role", "status"), form])
}

fn sent(view: &View, verb: Verb, form: &Form, key: &str, to: &Callback<Wish>) -> Html {
    let again = to.reform(move |_: MouseEvent| Wish::Act(Action::Went(verb, Phase::Editing)));
    let children = vec![
        text("h4", "", view.text(&format!("{key}-title"))),
        text(
            "p",
            "",
            &say_with(view, key, &[("email", form.fields.email.trim())]),
        ),
        button("link", view.text(&format!("{}-again", verb.name())), again),
    ];
    el("div", "sent", children)
}
