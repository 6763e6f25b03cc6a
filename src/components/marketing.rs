//! Objections to marketing for an address, and the messages that nobody can object to.

use sayso_browser::address::Remembered;
use sayso_core::record::Status;
use sayso_core::view::{PurposeView, View};
use yew::prelude::*;

use crate::components::address_form::address_form;
use crate::components::el::{button, el, fragment, t, text, with};
use crate::components::field::{Kind, text_field, tick};
use crate::components::word;
use crate::state::{Field, Form, Verb, Wish};
use crate::text::{objectable, say, say_with, status};

/// The objection form, what already stands, and what is always sent.
pub fn marketing(
    view: &View,
    form: &Form,
    known: &[Remembered],
    date: &Callback<u64, String>,
    to: &Callback<Wish>,
) -> Html {
    let verb = Verb::Object;
    let choices = objectable(view).map(|purpose| {
        let label = vec![
            text("strong", "", &purpose.title),
            el("br", "", vec![]),
            t(&purpose.description),
        ];
        tick(
            view,
            verb,
            form,
            Field::Choice(purpose.id.as_str().to_owned()),
            fragment(label),
            to,
        )
    });
    let choices = vec![
        text("legend", "", view.text("marketing-choose")),
        el("div", "ticks wide", choices.collect()),
    ];
    let email = text_field(view, verb, form, Field::Email, &Kind::EMAIL, to);
    let fields = vec![
        el("fieldset", "", choices),
        el("div", "fields", vec![email]),
    ];
    let mut children = vec![
        text("p", "lead", &say(view, "marketing-intro")),
        standing(view, known, date, to),
        address_form(view, verb, form, to, fields),
    ];
    if !view.service_messages.is_empty() {
        let messages = view
            .service_messages
            .iter()
            .map(|message| text("li", "", message));
        let always = vec![
            text("h3", "", view.text("marketing-always-title")),
            text("p", "", view.text("marketing-always")),
            el("ul", "", messages.collect()),
        ];
        children.push(el("section", "always-sent", always));
    }
    fragment(children)
}

/// What already stands, address by address.
fn standing(
    view: &View,
    known: &[Remembered],
    date: &Callback<u64, String>,
    to: &Callback<Wish>,
) -> Html {
    let mut addresses = Vec::new();
    for address in known {
        let purpose =
            |purpose: &PurposeView| Some(stands(view, purpose, status(address, purpose)?));
        let purposes: Vec<Html> = objectable(view).filter_map(purpose).collect();
        if !purposes.is_empty() {
            let since = say_with(
                view,
                "marketing-since",
                &[("date", &date.emit(address.time))],
            );
            let email = address.email.clone();
            let forget = to.reform(move |_: MouseEvent| Wish::Forget(email.clone()));
            let label = say_with(view, "marketing-forget-of", &[("email", &address.email)]);
            let button = button("link", view.text("marketing-forget"), forget);
            let children = vec![
                text("bdi", "who", &address.email),
                t(" "),
                text("span", "note", &since),
                el("ul", "", purposes),
                with(button, "aria-label", &label),
            ];
            addresses.push(el("li", "", children));
        }
    }
    if addresses.is_empty() {
        return Html::default();
    }
    let title = text("h3", "", view.text("marketing-standing"));
    el("section", "standing", vec![title, el("ul", "", addresses)])
}

fn stands(view: &View, purpose: &PurposeView, status: Status) -> Html {
    let key = if status == Status::Objected {
        "marketing-objected"
    } else {
        "marketing-not-objected"
    };
    let children = vec![
        t(&purpose.title),
        t(": "),
        text("strong", "", view.text(key)),
    ];
    let item = with(el("li", "", children), "data-purpose", purpose.id.as_str());
    with(item, "data-status", word::status(status))
}
