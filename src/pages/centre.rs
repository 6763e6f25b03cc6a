//! Everything the visitor can decide, as tabs of a window or of a page, or one of them alone in place.

use yew::prelude::*;

use crate::components::dialog::{close_button, dialog};
use crate::components::history_list::history_list;
use crate::components::marketing::marketing;
use crate::components::message;
use crate::components::newsletter::newsletter;
use crate::components::preference_centre::{actions, preference_centre};
use crate::failure::Failure;
use crate::plain::Plain;
use crate::ports::History;
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

/// What holds a surface: where it stands, and the elements that are looked at from outside.
#[derive(Clone)]
pub struct Frame {
    /// Where it stands.
    pub place: Place,
    /// The window.
    pub window: NodeRef,
    /// What holds the buttons that must all be in view.
    pub answers: NodeRef,
    /// The window was closed, by button, Esc or from outside. Closing decides nothing.
    pub on_close: Callback<()>,
}

/// The id of the heading that names the surface, and takes the focus when a window opens.
pub const TITLE: &str = "sayso-centre";

/// Everything the visitor can decide.
pub fn centre(
    state: &State,
    frame: &Frame,
    date: &Callback<u64, String>,
    to: &Callback<Wish>,
) -> Html {
    let view = &*state.view;
    let words = Words {
        language: view.language.clone().into(),
        direction: view.direction.clone().into(),
        title: view.text("centre-title").to_owned().into(),
        close: view.text("close").to_owned().into(),
    };
    let dialog = frame.place == Place::Dialog;
    let foot = match state.section {
        Section::Preferences => actions(state, frame.answers.clone(), to, dialog),
        _ => Html::default(),
    };
    shell(
        frame,
        words,
        tabs(state, to),
        section(state, date, to),
        foot,
    )
}

/// What stands there before there is anything to show: a word of patience, or what went wrong.
pub fn unready(
    plain: &Plain,
    failure: Option<&Failure>,
    frame: &Frame,
    to: &Callback<Wish>,
) -> Html {
    let words = Words {
        language: plain.language.into(),
        direction: plain.direction.into(),
        title: plain.heading.into(),
        close: plain.close.into(),
    };
    let body = match failure {
        Some(failure) => message::failure(plain.title, &plain.sentence(failure), plain.retry, to),
        None => html! { <p class="waiting" role="status">{ plain.loading }</p> },
    };
    shell(frame, words, Html::default(), body, Html::default())
}

struct Words {
    language: AttrValue,
    direction: AttrValue,
    title: AttrValue,
    close: AttrValue,
}

/// The same elements in the same places, ready or not, so that what has the focus keeps it.
fn shell(frame: &Frame, words: Words, tabs: Html, body: Html, foot: Html) -> Html {
    let window = frame.place == Place::Dialog;
    let inside = html! {
        <>
            if frame.place != Place::Inline {
                <header class="head">
                    <h2 id={TITLE} tabindex="-1">{ words.title }</h2>
                    if window { { close_button(words.close) } }
                </header>
                { tabs }
            }
            <div class="body">{ body }</div>
            { foot }
        </>
    };
    html! {
        <div class="sayso" lang={words.language} dir={words.direction}>
            if window {
                { dialog(frame.window.clone(), TITLE, &frame.on_close, inside) }
            } else {
                <div class={if frame.place == Place::Inline { "panel inline" } else { "panel" }}>{ inside }</div>
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
    let none = History::default();
    let history = state.history.as_deref().unwrap_or(&none);
    let body = match state.section {
        Section::Preferences => preference_centre(state, to),
        Section::Newsletter => match &view.newsletter {
            Some(form) => newsletter(view, form, &state.newsletter, to),
            None => Html::default(),
        },
        Section::Marketing => marketing(view, &state.objection, &history.addresses, date, to),
        Section::History => {
            let failure = match &state.said {
                Some(Said::Failed(failure)) => failure.sentence(view),
                _ => String::new(),
            };
            html! {
                <>
                    <p class="error" role="alert">{ failure }</p>
                    { history_list(view, history, date, to) }
                </>
            }
        }
    };
    // A section of its own: nothing of one is taken over into another.
    html! { <div class="section" key={state.section.name()} data-section={state.section.name()}>{ body }</div> }
}
