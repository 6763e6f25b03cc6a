//! The fields of a form: each with its label, whether it is needed, and its error beside it.

use sayso_core::view::View;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::components::el::{el, t, text, ticked, with};
use crate::state::{Action, Field, Form, MAX_NAME, Verb, Wish};
use crate::text::say_with;

/// How a text field behaves: its type, what the browser may fill in, whether it must be filled in.
pub struct Kind {
    input: &'static str,
    autocomplete: &'static str,
    required: bool,
}

impl Kind {
    /// The address.
    pub const EMAIL: Self = Self {
        input: "email",
        autocomplete: "email",
        required: true,
    };

    /// A text that may be left out.
    pub const fn optional(autocomplete: &'static str) -> Self {
        Self {
            input: "text",
            autocomplete,
            required: false,
        }
    }
}

/// A text field.
pub fn text_field(
    view: &View,
    verb: Verb,
    form: &Form,
    field: Field,
    kind: &Kind,
    to: &Callback<Wish>,
) -> Html {
    let id = format!("{}-{}", verb.name(), field.name());
    let error = form.error(&field);
    let value = form.fields.text(&field).to_owned();
    let note = view.text(if kind.required {
        "required"
    } else {
        "optional"
    });
    let name = field.name().to_owned();
    let label = vec![
        t(view.text(&format!("field-{name}"))),
        t(" "),
        text("span", "note", note),
    ];
    let oninput = to.reform(move |event: InputEvent| {
        let text = event.target_unchecked_into::<HtmlInputElement>().value();
        Wish::Act(Action::Typed(verb, field.clone(), text))
    });
    let input = html! { <input type={kind.input} {name} autocomplete={kind.autocomplete} required={kind.required} {value} {oninput} /> };
    let input = if kind.input == "email" {
        with(input, "dir", "ltr")
    } else {
        input
    };
    let label = with(el("label", "", label), "for", &id);
    el(
        "div",
        "field",
        vec![
            label,
            marked(input, &id, error),
            error_note(view, &id, error),
        ],
    )
}

/// A box to tick. Never ticked to begin with.
pub fn tick(
    view: &View,
    verb: Verb,
    form: &Form,
    field: Field,
    label: Html,
    to: &Callback<Wish>,
) -> Html {
    let id = format!("{}-{}", verb.name(), field.name());
    let error = form.error(&field);
    let (name, value, checked) = match &field {
        Field::Choice(choice) => ("topic", choice.clone(), form.fields.chosen.has(choice)),
        _ => ("consent", "yes".to_owned(), form.fields.consent),
    };
    let required = field == Field::Consent;
    let onchange = to.reform(move |event: Event| {
        let on = event.target_unchecked_into::<HtmlInputElement>().checked();
        Wish::Act(Action::Ticked(verb, field.clone(), on))
    });
    let input = html! { <input type="checkbox" {name} {value} {required} {onchange} /> };
    let input = ticked(input, checked);
    let label = el(
        "label",
        "",
        vec![marked(input, &id, error), el("span", "", vec![label])],
    );
    el(
        "div",
        "tick",
        vec![with(label, "for", &id), error_note(view, &id, error)],
    )
}

/// The field with its id, and joined to its error if it has one.
fn marked(input: Html, id: &str, error: Option<&str>) -> Html {
    let input = with(input, "id", id);
    match error {
        Some(_) => with(
            with(input, "aria-invalid", "true"),
            "aria-describedby",
            &format!("{id}-error"),
        ),
        None => input,
    }
}

fn error_note(view: &View, id: &str, error: Option<&str>) -> Html {
    match error {
        Some(key) => with(
            text("p", "error", &sentence(view, key)),
            "id",
            &format!("{id}-error"),
        ),
        None => Html::default(),
    }
}

/// The errors of a form in one place, each leading to its field.
pub fn summary(view: &View, verb: Verb, errors: &[(Field, &'static str)]) -> Html {
    let item = |(field, key): &(Field, &'static str)| {
        let href = format!("#{}-{}", verb.name(), field.name());
        let onclick = Callback::from({
            let href = href.clone();
            move |event: MouseEvent| lead(&event, &href)
        });
        el(
            "li",
            "",
            vec![html! { <a {href} {onclick}>{ t(&sentence(view, key)) }</a> }],
        )
    };
    let children = vec![
        text("h4", "", view.text("errors-title")),
        el("ul", "", errors.iter().map(item).collect()),
    ];
    with(el("div", "errors", children), "role", "alert")
}

/// Puts the focus on the field: a fragment in an address does not reach into a shadow tree.
fn lead(event: &MouseEvent, field: &str) {
    let link: Element = event.target_unchecked_into();
    let form = link.closest("form").ok().flatten();
    let found = form.and_then(|form| form.query_selector(field).ok().flatten());
    if let Some(field) = found {
        event.prevent_default();
        // Fails only for what cannot take the focus.
        let _ = field.unchecked_into::<HtmlElement>().focus();
    }
}

fn sentence(view: &View, key: &str) -> String {
    say_with(view, key, &[("max", &MAX_NAME.to_string())])
}
