//! Everything the visitor can decide, as tabs of a window or of a page, or one of them alone in place.

use sayso_core::view::View;
use yew::prelude::*;

use crate::components::dialog::{Dialog, close_button};
use crate::components::history_list::history_list;
use crate::components::marketing::marketing;
use crate::components::newsletter::newsletter;
use crate::components::preference_centre::{actions, preference_centre};
use crate::hooks::use_sayso::use_sayso;
use crate::ports::{History, Ports};
use crate::shared::Shared;
use crate::state::{Action, Said, Section, State, Wish};

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
    pub ports: Shared<Ports>,
    /// What is shown.
    pub view: Shared<View>,
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
    let to = Callback::from({
        let (sayso, answers) = (sayso.clone(), answers.clone());
        move |wish| sayso.fulfil(wish, &answers)
    });
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
                { tabs(state, &to) }
            </>
        }
    });
    let foot =
        (state.section == Section::Preferences).then(|| actions(state, answers, &to, dialog));
    let body = html! {
        <>
            { head.unwrap_or_default() }
            <div class="body" key={state.section.name()}>{ section(state, sayso.date(), &to) }</div>
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
fn tabs(state: &State, to: &Callback<Wish>) -> Html {
    let view = &*state.view;
    let tab = |section: Section| {
        let onclick = to.reform(move |_: MouseEvent| Wish::Act(Action::Show(section)));
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
fn section(state: &State, date: &Callback<u64, String>, to: &Callback<Wish>) -> Html {
    let view = &*state.view;
    match state.section {
        Section::Preferences => preference_centre(state, to),
        Section::Newsletter => match &view.newsletter {
            Some(form) => newsletter(view, form, &state.newsletter, to),
            None => Html::default(),
        },
        Section::Marketing => {
            let known = state
                .history
                .as_ref()
                .map(|history| history.addresses.as_slice())
                .unwrap_or_default();
            marketing(view, &state.objection, known, date, to)
        }
        Section::History => {
            let failure = match &state.said {
                Some(Said::Failed(failure)) => failure.sentence(view),
                _ => String::new(),
            };
            let none = History::default();
            html! {
                <>
                    <p class="error" role="alert">{ failure }</p>
                    { history_list(view, state.history.as_deref().unwrap_or(&none), date, to) }
                </>
            }
        }
    }
}
