//! The fields of a form: each with its label, whether it is needed, and its error beside it.

use sayso_core::view::View;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::state::{Action, Field, Form, MAX_NAME, Verb, Wish};
use crate::text::say_with;

/// How a text field behaves: its key's suffix, its type, and what the browser may fill in.
pub struct Kind {
    /// The HTML input type.
    pub input: &'static str,
    /// The autocomplete token.
    pub autocomplete: &'static str,
    /// Whether it must be filled in.
    pub required: bool,
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
    let label = format!("field-{}", field.name());
    let oninput = {
        let field = field.clone();
        to.reform(move |event: InputEvent| {
            let text = event.target_unchecked_into::<HtmlInputElement>().value();
            Wish::Act(Action::Typed(verb, field.clone(), text))
        })
    };
    html! {
        <div class="field">
            <label for={id.clone()}>{ view.text(&label) }{ " " }<span class="note">{ note }</span></label>
            <input
                type={kind.input}
                id={id.clone()}
                name={field.name().to_owned()}
                autocomplete={kind.autocomplete}
                dir={(kind.input == "email").then_some("ltr")}
                required={kind.required}
                aria-invalid={error.map(|_| "true")}
                aria-describedby={error.map(|_| format!("{id}-error"))}
                {value}
                {oninput}
            />
            { error_note(view, &id, error) }
        </div>
    }
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
    let checked = match &field {
        Field::Consent => form.fields.consent,
        Field::Choice(choice) => form.fields.chosen.has(choice),
        _ => false,
    };
    let (name, value) = match &field {
        Field::Choice(choice) => ("topic", choice.clone()),
        field => (field.name(), "yes".to_owned()),
    };
    let name = name.to_owned();
    let required = field == Field::Consent;
    let onchange = to.reform(move |event: Event| {
        let on = event.target_unchecked_into::<HtmlInputElement>().checked();
        Wish::Act(Action::Ticked(verb, field.clone(), on))
    });
    html! {
        <div class="tick">
            <label for={id.clone()}>
                <input
                    type="checkbox"
                    id={id.clone()}
                    {name}
                    {value}
                    {checked}
                    {required}
                    aria-invalid={error.map(|_| "true")}
                    aria-describedby={error.map(|_| format!("{id}-error"))}
                    {onchange}
                />
                <span>{ label }</span>
            </label>
            { error_note(view, &id, error) }
        </div>
    }
}

fn error_note(view: &View, id: &str, error: Option<&str>) -> Html {
    match error {
        Some(key) => {
            html! { <p class="error" id={format!("{id}-error")}>{ sentence(view, key) }</p> }
        }
        None => Html::default(),
    }
}

/// The errors of a form in one place, each leading to its field.
pub fn summary(view: &View, verb: Verb, errors: &[(Field, &'static str)]) -> Html {
    html! {
        <div class="errors" role="alert">
            <h4>{ view.text("errors-title") }</h4>
            <ul>
                { for errors.iter().map(|(field, key)| html! {
                    <li><a href={format!("#{}-{}", verb.name(), field.name())}>{ sentence(view, key) }</a></li>
                }) }
            </ul>
        </div>
    }
}

fn sentence(view: &View, key: &str) -> String {
    say_with(view, key, &[("max", &MAX_NAME.to_string())])
}
