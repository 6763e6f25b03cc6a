//! Everything the visitor can decide, as tabs of a window or of a page, or one of them alone in place.

use yew::prelude::*;

use crate::components::dialog::{close_button, dialog};
use crate::components::el::{button, el, fragment, keyed, text, with};
use crate::components::history_list::history_list;
use crate::components::marketing::marketing;
use crate::components::message;
use crate::components::newsletter::newsletter;
use crate::components::preference_centre::{actions, preference_centre};
use crate::failure::Failure;
use crate::plain::Plain;
use crate::ports::History;
use crate::state::{Action, Said, Section, State, Wish};
use crate::text::say;

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
        language: &view.language,
        direction: &view.direction,
        title: view.text("centre-title"),
        close: view.text("close"),
    };
    let dialog = frame.place == Place::Dialog;
    let foot = match state.section {
        Section::Preferences => actions(state, frame.answers.clone(), to, dialog),
        _ => Html::default(),
    };
    shell(
        frame,
        &words,
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
        language: plain.language,
        direction: plain.direction,
        title: plain.heading,
        close: plain.close,
    };
    let body = match failure {
        Some(failure) => message::failure(plain.title, &plain.sentence(failure), plain.retry, to),
        None => with(text("p", "waiting", plain.loading), "role", "status"),
    };
    shell(
        frame,
        &words,
        Html::default(),
        el("div", "body", vec![body]),
        Html::default(),
    )
}

struct Words<'a> {
    language: &'a str,
    direction: &'a str,
    title: &'a str,
    close: &'a str,
}

/// The same elements in the same places, ready or not, so that what has the focus keeps it.
fn shell(frame: &Frame, words: &Words, tabs: Html, body: Html, foot: Html) -> Html {
    let window = frame.place == Place::Dialog;
    let mut inside = Vec::new();
    if frame.place != Place::Inline {
        let title = with(
            with(text("h2", "", words.title), "id", TITLE),
            "tabindex",
            "-1",
        );
        let mut head = vec![title];
        if window {
            head.push(close_button(words.close));
        }
        inside.extend([el("header", "head", head), tabs]);
    }
    inside.extend([body, foot]);
    let holder = match frame.place {
        Place::Dialog => dialog(
            frame.window.clone(),
            TITLE,
            &frame.on_close,
            fragment(inside),
        ),
        Place::Page => el("div", "panel", inside),
        Place::Inline => el("div", "panel inline", inside),
    };
    with(
        with(el("div", "sayso", vec![holder]), "lang", words.language),
        "dir",
        words.direction,
    )
}

/// The sections this site has, as a list of buttons: plain navigation needs no roving focus.
fn tabs(state: &State, to: &Callback<Wish>) -> Html {
    let view = &*state.view;
    let mut tabs = Vec::new();
    for section in Section::ALL
        .into_iter()
        .filter(|section| section.is_offered(view))
    {
        let onclick = to.reform(move |_: MouseEvent| Wish::Act(Action::Show(section)));
        let tab = button(
            "tab",
            view.text(&format!("section-{}", section.name())),
            onclick,
        );
        let tab = with(tab, "data-sayso-section", section.name());
        tabs.push(if section == state.section {
            with(tab, "aria-current", "page")
        } else {
            tab
        });
    }
    with(el("nav", "tabs", tabs), "aria-label", view.text("sections"))
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
            let done = match &state.said {
                Some(Said::Erased) => say(view, "erase-done"),
                _ => String::new(),
            };
            let alert = with(text("p", "error", &failure), "role", "alert");
            let status = with(text("p", "done", &done), "role", "status");
            // Not read yet is not empty.
            let list = match &state.history {
                Some(history) => history_list(view, history, date, to),
                None => text("p", "waiting", view.text("loading")),
            };
            fragment(vec![alert, status, list])
        }
    };
    // Another element for another section: it begins at its top, and nothing of one is taken over into the next.
    let name = state.section.name();
    keyed(
        with(
            el("div", "body", vec![el("div", "section", vec![body])]),
            "data-section",
            name,
        ),
        name,
    )
}
