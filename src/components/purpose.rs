//! One purpose: what it is for, its switch, and its services to unfold.

use sayso_core::view::{PurposeView, View};
use yew::prelude::*;

use crate::components::service::{recipients, service};
use crate::components::switch::choice;
use crate::components::word;
use crate::state::{Standing, Switches, Wish};
use crate::text::say_with;

/// A purpose with its switch, or, if it is necessary, with the reason why it has none.
pub fn purpose(
    view: &View,
    purpose: &PurposeView,
    draft: &Switches,
    standing: &Standing,
    to: &Callback<Wish>,
) -> Html {
    let id = purpose.id.as_str();
    let (title, text) = (format!("p-{id}"), format!("p-{id}-text"));
    let on = draft.is_on(id);
    let toggle = if purpose.necessary {
        html! { <span class="always">{ view.text("always-on") }</span> }
    } else {
        choice(&title, &text, on, &allowed(view, purpose, draft), to, id)
    };
    let gpc = (standing.gpc && purpose.gpc && !purpose.necessary)
        .then(|| html! { <p class="signal">{ view.text(if on { "gpc-lifted" } else { "gpc-note" }) }</p> });
    html! {
        <section class="purpose" aria-labelledby={title.clone()}>
            <div class="row">
                <h3 id={title}>{ &purpose.title }</h3>
                { toggle }
            </div>
            <div id={text}>
                <p>{ &purpose.description }</p>
                if purpose.necessary { <p class="quiet">{ view.text("necessary-note") }</p> }
                { gpc.unwrap_or_default() }
            </div>
            <details>
                <summary aria-label={say_with(view, "details-of", &[("purpose", &purpose.title)])}>{ view.text("details") }</summary>
                <dl class="facts"><div><dt>{ view.text("basis") }</dt><dd>{ view.text(word::basis(purpose.basis)) }</dd></div></dl>
                if !purpose.recipients.is_empty() { { recipients(view, &purpose.recipients) } }
                { for purpose.services.iter().map(|one| {
                    let switchable = !purpose.necessary || one.switchable;
                    service(view, one, switchable.then(|| draft.is_on(one.id.as_str())), to)
                }) }
            </details>
        </section>
    }
}

/// The word beside a purpose's switch: what of it is allowed.
fn allowed(view: &View, purpose: &PurposeView, draft: &Switches) -> String {
    let all = purpose.services.len();
    let on = purpose
        .services
        .iter()
        .filter(|service| draft.is_on(service.id.as_str()))
        .count();
    let purpose_on = draft.is_on(purpose.id.as_str());
    if on == if purpose_on { all } else { 0 } {
        return view
            .text(if purpose_on {
                "switch-on"
            } else {
                "switch-off"
            })
            .to_owned();
    }
    say_with(
        view,
        "some-services",
        &[("on", &on.to_string()), ("all", &all.to_string())],
    )
}
