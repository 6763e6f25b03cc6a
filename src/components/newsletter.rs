//! The newsletter form: an address, what may be told besides, topics, and a box that says yes.

use sayso_core::view::{Newsletter, View};
use yew::prelude::*;

use crate::components::address_form::address_form;
use crate::components::field::{Kind, text_field, tick};
use crate::link;
use crate::state::{Field, Form, Verb, Wish};
use crate::text::say;

const EMAIL: Kind = Kind {
    input: "email",
    autocomplete: "email",
    required: true,
};

/// The text fields, in order.
const FIELDS: [(Field, Kind); 4] = [
    (Field::Email, EMAIL),
    (
        Field::FirstName,
        Kind {
            input: "text",
            autocomplete: "given-name",
            required: false,
        },
    ),
    (
        Field::LastName,
        Kind {
            input: "text",
            autocomplete: "family-name",
            required: false,
        },
    ),
    (
        Field::Company,
        Kind {
            input: "text",
            autocomplete: "organization",
            required: false,
        },
    ),
];

/// The newsletter form.
pub fn newsletter(view: &View, newsletter: &Newsletter, form: &Form, to: &Callback<Wish>) -> Html {
    let verb = Verb::Subscribe;
    let topic = |topic: &sayso_core::view::Topic| {
        tick(
            view,
            verb,
            form,
            Field::Choice(topic.id.clone()),
            Html::from(topic.title.clone()),
            to,
        )
    };
    let consent = html! {
        <>
            { &newsletter.consent }
            if let Some(href) = link::safe(&view.policy_page) {
                { " " }<a href={href.to_owned()}>{ view.text("newsletter-policy") }</a>
            }
        </>
    };
    let fields = html! {
        <>
            <div class="fields">
                { for FIELDS.iter().map(|(field, kind)| text_field(view, verb, form, field.clone(), kind, to)) }
            </div>
            if !newsletter.topics.is_empty() {
                <fieldset>
                    <legend>{ view.text("topics") }{ " " }<span class="note">{ view.text("optional") }</span></legend>
                    <p class="quiet">{ view.text("topics-hint") }</p>
                    <div class="ticks">{ for newsletter.topics.iter().map(topic) }</div>
                </fieldset>
            }
            { tick(view, verb, form, Field::Consent, consent, to) }
        </>
    };
    let action = format!("{}/newsletter", view.base);
    html! {
        <>
            <p class="lead">{ say(view, "newsletter-intro") }</p>
            { address_form(view, verb, form, to, &action, fields) }
        </>
    }
}
