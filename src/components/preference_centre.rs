//! The preference centre: every purpose with its switch, and three answers that look the same.

use sayso_core::policy::{Channel, Model};
use sayso_core::view::View;
use yew::prelude::*;

use crate::components::purpose::purpose;
use crate::link;
use crate::state::{Press, Said, State, Wish};
use crate::text::{say, say_with};

/// The purposes of this browser. The actions stand apart, in [`actions`], so that they stay in view.
pub fn preference_centre(state: &State, to: &Callback<Wish>) -> Html {
    let view = &*state.view;
    let intro = match view.model {
        Model::OptIn => "centre-intro",
        Model::OptOut | Model::NoticeOnly => "centre-intro-opt-out",
    };
    let purposes = view
        .purposes
        .iter()
        .filter(|purpose| purpose.channel == Channel::Device);
    html! {
        <>
            <p class="lead">
                { say(view, intro) }{ " " }{ say(view, "centre-controller") }
                if let Some(href) = link::safe(&view.policy_page) {
                    { " " }<a href={href.to_owned()}>{ view.text("centre-policy") }</a>
                }
            </p>
            { for purposes.map(|one| purpose(view, one, &state.draft, &state.standing, to)) }
            { small_print(view) }
        </>
    }
}

/// The three answers and what came of the last one. They come out of one loop: same element, same class.
pub fn actions(state: &State, node: NodeRef, to: &Callback<Wish>, dialog: bool) -> Html {
    let view = &*state.view;
    let button = |press: Press| {
        let onclick = to.reform(move |_: MouseEvent| Wish::Press(press));
        html! { <button type="button" class="button" data-sayso-press={press.name()} {onclick}>{ view.text(press.name()) }</button> }
    };
    let said = match &state.said {
        Some(Said::Done(press)) => view.text(press.said()).to_owned(),
        Some(Said::Failed(failure)) => say_with(
            view,
            "status-failed",
            &[("reason", &failure.sentence(view))],
        ),
        None if state.is_dirty() => view.text("centre-unsaved").to_owned(),
        None => String::new(),
    };
    let leave = (dialog && matches!(state.said, Some(Said::Done(_))))
        .then(|| html! { <form method="dialog"><button class="link">{ say(view, "back-to-site") }</button></form> });
    html! {
        <div class="actions">
            <div class="said"><span role="status">{ said }</span>{ leave.unwrap_or_default() }</div>
            <div class="answers" ref={node}>{ for Press::ALL.map(button) }</div>
        </div>
    }
}

fn small_print(view: &View) -> Html {
    let (given, refused) = (view.days.given.to_string(), view.days.refused.to_string());
    let complaint = view.authority.as_ref().map(|authority| {
        // The name becomes a link where it stands in the sentence, wherever this language puts it.
        let (before, after) = view.text("authority").split_once("{authority}").unwrap_or((view.text("authority"), ""));
        let name = match link::safe(&authority.url) {
            Some(href) => html! { <a href={href.to_owned()} target="_blank" rel="noopener noreferrer">{ &authority.name }</a> },
            None => html! { { &authority.name } },
        };
        html! { <>{ " " }{ before }{ name }{ after }</> }
    });
    html! {
        <div class="small">
            <p>
                { say_with(view, "days-kept", &[("given", &given), ("refused", &refused)]) }
                { complaint.unwrap_or_default() }
            </p>
            <address>
                { &view.controller.name }{ ", " }{ &view.controller.address }
                if !view.controller.email.is_empty() { { " · " }{ &view.controller.email } }
                if !view.controller.officer.is_empty() { { " · " }{ &view.controller.officer } }
            </address>
        </div>
    }
}
