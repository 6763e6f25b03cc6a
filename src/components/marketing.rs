//! Objections to marketing for an address, and the messages that nobody can object to.

use sayso_browser::address::Remembered;
use sayso_core::record::Status;
use sayso_core::view::{PurposeView, View};
use yew::prelude::*;

use crate::components::address_form::address_form;
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
    let choice = |purpose: &PurposeView| {
        let label =
            html! { <><strong>{ &purpose.title }</strong><br />{ &purpose.description }</> };
        tick(
            view,
            verb,
            form,
            Field::Choice(purpose.id.as_str().to_owned()),
            label,
            to,
        )
    };
    let email = Kind {
        input: "email",
        autocomplete: "email",
        required: true,
    };
    let fields = html! {
        <>
            <fieldset>
                <legend>{ view.text("marketing-choose") }</legend>
                <div class="ticks wide">{ for objectable(view).map(choice) }</div>
            </fieldset>
            <div class="fields">{ text_field(view, verb, form, Field::Email, &email, to) }</div>
        </>
    };
    html! {
        <>
            <p class="lead">{ say(view, "marketing-intro") }</p>
            { standing(view, known, date) }
            { address_form(view, verb, form, to, &format!("{}/marketing", view.base), fields) }
            if !view.service_messages.is_empty() {
                <section class="always-sent">
                    <h3>{ view.text("marketing-always-title") }</h3>
                    <p>{ view.text("marketing-always") }</p>
                    <ul>{ for view.service_messages.iter().map(|message| html! { <li>{ message }</li> }) }</ul>
                </section>
            }
        </>
    }
}

/// What already stands, address by address.
fn standing(view: &View, known: &[Remembered], date: &Callback<u64, String>) -> Html {
    let address = |address: &Remembered| {
        let purposes: Vec<_> = objectable(view)
            .filter_map(|purpose| Some((purpose, status(address, purpose)?)))
            .collect();
        let purpose = |(purpose, status): &(&PurposeView, Status)| {
            let key = if *status == Status::Objected {
                "marketing-objected"
            } else {
                "marketing-not-objected"
            };
            html! {
                <li data-purpose={purpose.id.as_str().to_owned()} data-status={word::status(*status)}>
                    { &purpose.title }{ ": " }<strong>{ view.text(key) }</strong>
                </li>
            }
        };
        (!purposes.is_empty()).then(|| {
            html! {
                <li>
                    <bdi class="who">{ &address.email }</bdi>{ " " }
                    <span class="note">{ say_with(view, "marketing-since", &[("date", &date.emit(address.time))]) }</span>
                    <ul>{ for purposes.iter().map(purpose) }</ul>
                </li>
            }
        })
    };
    let addresses: Vec<Html> = known.iter().filter_map(address).collect();
    if addresses.is_empty() {
        return Html::default();
    }
    html! {
        <section class="standing">
            <h3>{ view.text("marketing-standing") }</h3>
            <ul>{ for addresses }</ul>
        </section>
    }
}
