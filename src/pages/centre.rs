//! Everything the visitor can decide, as tabs of a window or of a page, or one of them alone in place.

use std::rc::Rc;

use sayso_core::view::View;
use yew::prelude::*;

use crate::components::address_form::FormEvents;
use crate::components::dialog::{Dialog, close_button};
use crate::components::history_list::{HistoryEvents, history_list};
use crate::components::marketing::marketing;
use crate::components::message;
use crate::components::newsletter::newsletter;
use crate::components::preference_centre::{actions, preference_centre};
use crate::hooks::use_sayso::{Sayso, use_sayso};
use crate::ports::{History, Ports};
use crate::state::{Action, Said, Section, State, Verb};

/// Where the sections stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a modal window over the page.
    Dialog,
    /// On a page of their own, all of them.
    Page,
    /// In the page's own text, one of them alone.
    Inline,
}

impl Place {
    /// Where a section mounted in place stands: the preference centre brings the others along.
    pub const fn of(section: Section) -> Self {
        match section {
            Section::Preferences => Self::Page,
            _ => Self::Inline,
        }
    }
}

/// What the sections need.
#[derive(Clone, PartialEq, Properties)]
pub struct CentreProps {
    /// The world.
    pub ports: Ports,
    /// What is shown.
    pub view: Rc<View>,
    /// The section in front.
    pub section: Section,
    /// Where it stands.
    pub place: Place,
    /// The window was closed.
    #[prop_or_default]
    pub on_close: Callback<()>,
}

/// The id of the heading that names the surface.
const TITLE: &str = "sayso-centre";

/// Everything the visitor can decide.
#[component]
pub fn Centre(props: &CentreProps) -> Html {
    let sayso = use_sayso(&props.ports, &props.view, props.section);
    let answers = use_node_ref();
    let dialog = props.place == Place::Dialog;
    let state = sayso.state();
    let view = &*props.view;
    let close = dialog.then(|| close_button(view.text("close")));
    let head = (props.place != Place::Inline).then(|| {
        html! {
            <>
                <header class="head">
                    <h2 id={TITLE} tabindex="-1">{ view.text("centre-title") }</h2>
                    { close.unwrap_or_default() }
                </header>
                { tabs(state, &sayso) }
            </>
        }
    });
    let foot = (state.section == Section::Preferences).then(|| {
        let on_press = Callback::from({
            let (sayso, answers) = (sayso.clone(), answers.clone());
            move |press| sayso.press(press, answers.clone())
        });
        actions(state, answers, &on_press, dialog)
    });
    let body = html! {
        <>
            { head.unwrap_or_default() }
            <div class="body" key={state.section.name()}>{ section(state, &sayso) }</div>
            { foot.unwrap_or_default() }
        </>
    };
    let (language, direction) = (view.language.clone(), view.direction.clone());
    html! {
        <div class="sayso" lang={language} dir={direction} data-section={state.section.name()}>
            if dialog {
                <Dialog title={TITLE} on_close={props.on_close.clone()}>{ body }</Dialog>
            } else {
                <div class={classes!("panel", (props.place == Place::Inline).then_some("inline"))}>{ body }</div>
            }
        </div>
    }
}

/// The sections this site has, as a list of buttons: plain navigation needs no roving focus.
fn tabs(state: &State, sayso: &Sayso) -> Html {
    let view = &*state.view;
    let tab = |section: Section| {
        let onclick = Callback::from({
            let sayso = sayso.clone();
            move |_: MouseEvent| sayso.dispatch(Action::Show(section))
        });
        let current = (section == state.section).then_some("page");
        let label = view.text(&format!("section-{}", section.name())).to_owned();
        html! { <button type="button" class="tab" aria-current={current} data-sayso-section={section.name()} {onclick}>{ label }</button> }
    };
    let offered = Section::ALL
        .into_iter()
        .filter(|section| section.is_offered(view));
    html! { <nav class="tabs" aria-label={view.text("sections").to_owned()}>{ for offered.map(tab) }</nav> }
}

/// The section in front.
fn section(state: &State, sayso: &Sayso) -> Html {
    let view = &*state.view;
    match state.section {
        Section::Preferences => {
            let on_switch = Callback::from({
                let sayso = sayso.clone();
                move |(id, on)| sayso.dispatch(Action::Switch(id, on))
            });
            preference_centre(state, &on_switch)
        }
        Section::Newsletter => match &view.newsletter {
            Some(form) => newsletter(
                view,
                form,
                &state.newsletter,
                &form_events(sayso, Verb::Subscribe),
            ),
            None => Html::default(),
        },
        Section::Marketing => {
            let known = state
                .history
                .as_ref()
                .map(|history| history.addresses.as_slice())
                .unwrap_or_default();
            marketing(
                view,
                &state.objection,
                known,
                &sayso.date(),
                &form_events(sayso, Verb::Object),
            )
        }
        Section::History => history(state, sayso),
    }
}

fn history(state: &State, sayso: &Sayso) -> Html {
    let view = &*state.view;
    let events = HistoryEvents {
        date: sayso.date(),
        on_download: Callback::from({
            let sayso = sayso.clone();
            move |id| sayso.download(id)
        }),
        on_keep: Callback::from({
            let sayso = sayso.clone();
            move |on| sayso.keep(on)
        }),
    };
    let failure = match &state.said {
        Some(Said::Failed(failure)) => {
            let retry = Callback::from({
                let sayso = sayso.clone();
                move |()| sayso.dispatch(Action::Show(Section::History))
            });
            message::failure(
                view.text("error-title"),
                &failure.sentence(view),
                view.text("close"),
                retry,
            )
        }
        _ => Html::default(),
    };
    let none = History::default();
    html! { <>{ failure }{ history_list(view, state.history.as_ref().unwrap_or(&none), &events) }</> }
}

fn form_events(sayso: &Sayso, verb: Verb) -> FormEvents {
    let with = |sayso: &Sayso| sayso.clone();
    FormEvents {
        on_input: Callback::from({
            let sayso = with(sayso);
            move |(field, text)| sayso.dispatch(Action::Typed(verb, field, text))
        }),
        on_tick: Callback::from({
            let sayso = with(sayso);
            move |(field, on)| sayso.dispatch(Action::Ticked(verb, field, on))
        }),
        on_submit: Callback::from({
            let sayso = with(sayso);
            move |()| sayso.submit(verb)
        }),
        on_again: Callback::from({
            let sayso = with(sayso);
            move |()| sayso.dispatch(Action::Went(verb, crate::state::Phase::Editing))
        }),
    }
}
