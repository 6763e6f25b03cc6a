//! The preference centre: every purpose with its switch, and three answers that look the same.

use sayso_core::policy::{Channel, Model};
use sayso_core::view::View;
use yew::prelude::*;

use crate::components::el::{and_link, away, button, el, fragment, t, text, with};
use crate::components::purpose::purpose;
use crate::state::{Press, Said, State, Wish};
use crate::text::{around, say, say_with};

/// The purposes of this browser. The actions stand apart, in [`actions`], so that they stay in view.
pub fn preference_centre(state: &State, to: &Callback<Wish>) -> Html {
    let view = &*state.view;
    let intro = match view.model {
        Model::OptIn => "centre-intro",
        Model::OptOut | Model::NoticeOnly => "centre-intro-opt-out",
    };
    let lead = vec![
        t(&say(view, intro)),
        t(" "),
        t(&say(view, "centre-controller")),
        and_link(&view.policy_page, view.text("centre-policy")),
    ];
    let mut children = vec![el("p", "lead", lead)];
    for one in view
        .purposes
        .iter()
        .filter(|purpose| purpose.channel == Channel::Device)
    {
        children.push(purpose(view, one, &state.draft, &state.standing, to));
    }
    children.push(small_print(view));
    fragment(children)
}

/// The three answers and what came of the last one. They come out of one loop: same element, same class.
pub fn actions(state: &State, node: NodeRef, to: &Callback<Wish>, dialog: bool) -> Html {
    let view = &*state.view;
    let answer = |press: Press| {
        let to = to.clone();
        let onclick = Callback::from(move |event: MouseEvent| {
            // The second click of a double click is no second answer. A key pressed counts none.
            if event.detail() < 2 {
                to.emit(Wish::Press(press));
            }
        });
        with(
            button("button", view.text(press.name()), onclick),
            "data-sayso-press",
            press.name(),
        )
    };
    let words = match &state.said {
        Some(Said::Done(press)) => view.text(press.said()).to_owned(),
        Some(Said::Failed(failure)) => say_with(
            view,
            "status-failed",
            &[("reason", &failure.sentence(view))],
        ),
        None if state.is_dirty() => view.text("centre-unsaved").to_owned(),
        None | Some(Said::Erased) => String::new(),
    };
    let mut said = vec![with(text("span", "", &words), "role", "status")];
    if dialog && matches!(state.said, Some(Said::Done(_))) {
        let leave = text("button", "link", &say(view, "back-to-site"));
        said.push(with(el("form", "", vec![leave]), "method", "dialog"));
    }
    html! {
        <div class="actions">
            { el("div", "said", said) }
            <div class="answers" ref={node}>{ fragment(Press::ALL.map(answer).into()) }</div>
        </div>
    }
}

fn small_print(view: &View) -> Html {
    let (given, refused) = (view.days.given.to_string(), view.days.refused.to_string());
    let mut words = vec![t(&say_with(
        view,
        "days-kept",
        &[("given", &given), ("refused", &refused)],
    ))];
    if let Some(authority) = &view.authority {
        // The name becomes a link where it stands in the sentence, wherever this language puts it.
        let (before, after) = around(view.text("authority"));
        words.extend([
            t(" "),
            t(before),
            away(&authority.url, &authority.name),
            t(after),
        ]);
    }
    let controller = &view.controller;
    let mut address = format!("{}, {}", controller.name, controller.address);
    for more in [&controller.email, &controller.officer] {
        if !more.is_empty() {
            address.push_str(" · ");
            address.push_str(more);
        }
    }
    el(
        "div",
        "small",
        vec![el("p", "", words), text("address", "", &address)],
    )
}
