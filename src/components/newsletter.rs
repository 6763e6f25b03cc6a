//! The newsletter form: an address, what may be told besides, topics, and a box that says yes.

use sayso_core::view::{Newsletter, View};
use yew::prelude::*;

use crate::components::address_form::address_form;
use crate::components::el::{and_link, el, fragment, t, text};
use crate::components::field::{Kind, text_field, tick};
use crate::state::{Field, Form, Verb, Wish};
use crate::text::say;

/// The newsletter form.
pub fn newsletter(view: &View, newsletter: &Newsletter, form: &Form, to: &Callback<Wish>) -> Html {
    let verb = Verb::Subscribe;
    let kinds = [
        (Field::Email, Kind::EMAIL),
        (Field::FirstName, Kind::optional("given-name")),
        (Field::LastName, Kind::optional("family-name")),
        (Field::Company, Kind::optional("organization")),
    ];
    let texts = kinds
        .into_iter()
        .map(|(field, kind)| text_field(view, verb, form, field, &kind, to));
    let mut fields = vec![el("div", "fields", texts.collect())];
    if !newsletter.topics.is_empty() {
        let topics = newsletter.topics.iter().map(|topic| {
            tick(
                view,
                verb,
                form,
                Field::Choice(topic.id.clone()),
                t(&topic.title),
                to,
            )
        });
        let legend = vec![
            t(view.text("topics")),
            t(" "),
            text("span", "note", view.text("optional")),
        ];
        let children = vec![
            el("legend", "", legend),
            text("p", "quiet", view.text("topics-hint")),
            el("div", "ticks", topics.collect()),
        ];
        fields.push(el("fieldset", "", children));
    }
    let consent = vec![
        t(&newsletter.consent),
        and_link(&view.policy_page, view.text("newsletter-policy")),
    ];
    fields.push(tick(
        view,
        verb,
        form,
        Field::Consent,
        fragment(consent),
        to,
    ));
    let lead = text("p", "lead", &say(view, "newsletter-intro"));
    fragment(vec![lead, address_form(view, verb, form, to, fields)])
}
