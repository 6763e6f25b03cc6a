//! One service: what it does, who runs it, who gets the data, what it keeps, and its own switch.

use sayso_core::view::{ServiceView, View};
use yew::prelude::*;

use crate::components::cookie_table::cookie_table;
use crate::components::switch::choice;
use crate::link;
use crate::state::Wish;
use crate::text::{list, say_with};

/// A service. `on` is its switch; `None` where there is nothing to switch.
pub fn service(view: &View, service: &ServiceView, on: Option<bool>, to: &Callback<Wish>) -> Html {
    let id = service.id.as_str();
    let (title, text) = (format!("s-{id}"), format!("s-{id}-text"));
    let toggle = on.map(|on| {
        let word = view.text(if on { "switch-on" } else { "switch-off" });
        choice(&title, &text, on, word, to, id)
    });
    html! {
        <section class="service" aria-labelledby={title.clone()}>
            <div class="row">
                <h4 id={title}>{ &service.name }</h4>
                { toggle.unwrap_or_default() }
            </div>
            <div id={text}>
                <p>{ &service.description }</p>
                if !service.without.is_empty() {
                    <p class="without">{ say_with(view, "without", &[("what", &service.without)]) }</p>
                }
            </div>
            { facts(view, service) }
            { cookie_table(view, &service.name, &service.cookies) }
        </section>
    }
}

fn facts(view: &View, service: &ServiceView) -> Html {
    let fact =
        |key: &str, value: Html| html! { <div><dt>{ view.text(key) }</dt><dd>{ value }</dd></div> };
    let names = |names: &[String]| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Html::from(list(view, &names))
    };
    let policy = link::safe(&service.provider_policy).map(|href| {
        let label = say_with(view, "provider-policy", &[("provider", &service.provider)]);
        html! { <>{ " · " }<a href={href.to_owned()} target="_blank" rel="noopener noreferrer">{ label }</a></> }
    });
    html! {
        <dl class="facts">
            { fact("provider", html! { <>{ &service.provider }{ policy.unwrap_or_default() }</> }) }
            if !service.recipients.is_empty() { { fact("recipients", names(&service.recipients)) } }
            if !service.hosts.is_empty() { { fact("hosts", names(&service.hosts)) } }
            if !service.location.is_empty() { { fact("location", Html::from(service.location.clone())) } }
        </dl>
    }
}

/// Who else gets the data of a purpose, where no service says so.
pub fn recipients(view: &View, names: &[String]) -> Html {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    html! { <dl class="facts"><div><dt>{ view.text("recipients") }</dt><dd>{ list(view, &names) }</dd></div></dl> }
}
