//! What the app knows and how it changes: a value and one pure function, [`reduce`].
//!
//! The draft (what the switches show) and what is saved are kept apart, so that closing without saving is representable
//! and changes nothing.

mod form;
mod ids;
mod switches;

use sayso_core::view::View;

pub use form::{
    Arrival, Field, Fields, Form, MAX_NAME, Phase, Submission, Verb, check_newsletter,
    check_objection,
};
pub use ids::Ids;
pub use switches::{Choices, Press, Standing, Switches};

use crate::failure::Failure;
use crate::ports::History;
use crate::shared::Shared;

/// One thing the visitor can decide about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Section {
    /// Purposes and services of this browser.
    #[default]
    Preferences,
    /// The newsletter.
    Newsletter,
    /// Objections for an address.
    Marketing,
    /// The visitor's own decisions and their receipts.
    History,
}

impl Section {
    /// All of them, in the order of the tabs.
    pub const ALL: [Self; 4] = [
        Self::Preferences,
        Self::Newsletter,
        Self::Marketing,
        Self::History,
    ];

    /// Its name in `data-sayso-open` and `data-sayso-mount`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preferences => "preferences",
            Self::Newsletter => "newsletter",
            Self::Marketing => "marketing",
            Self::History => "history",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }

    /// Whether this site has it.
    pub fn is_offered(self, view: &View) -> bool {
        match self {
            Self::Preferences | Self::History => true,
            Self::Newsletter => view.newsletter.is_some(),
            Self::Marketing => {
                crate::text::objectable(view).next().is_some() || !view.service_messages.is_empty()
            }
        }
    }
}

/// What the app knows.
#[derive(Clone, Debug)]
pub struct State {
    /// What is shown.
    pub view: Shared<View>,
    /// The section in front.
    pub section: Section,
    /// What is in force.
    pub standing: Standing,
    /// What the switches show.
    pub draft: Switches,
    /// What was just done, to be said aloud; `None` once something else happens.
    pub said: Option<Said>,
    /// The newsletter form.
    pub newsletter: Form,
    /// The objection form.
    pub objection: Form,
    /// The visitor's decisions, once read.
    pub history: Option<Shared<History>>,
    /// Whether the site is being asked to erase the receipts.
    pub erasing: bool,
}

/// What is said after something was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// An answer was taken.
    Done(Press),
    /// It did not work.
    Failed(Failure),
    /// The receipts were erased.
    Erased,
}

/// What the visitor wants done.
#[derive(Debug)]
pub enum Wish {
    /// Something that concerns the app alone.
    Act(Action),
    /// An answer about this browser.
    Press(Press),
    /// A form is to be sent.
    Submit(Verb),
    /// "Keep my receipts", on or off.
    Keep(bool),
    /// An address is to be forgotten in this browser.
    Forget(String),
    /// The receipts are to be erased at the site.
    Erase,
    /// What could not be fetched is to be tried again.
    Retry,
    /// A receipt as a file, by its decision; all of them without one.
    Download(Option<String>),
}

/// What can happen.
#[derive(Debug)]
pub enum Action {
    /// Another section was chosen.
    Show(Section),
    /// A purpose's or service's switch was moved.
    Switch(String, bool),
    /// What is in force was read, at the start or because another tab changed it.
    Stands(Standing),
    /// An answer was taken and this is in force now.
    Answered(Press, Standing),
    /// Something failed.
    Failed(Failure),
    /// The site is asked to erase the receipts, or was.
    Erasing(bool),
    /// The receipts were erased.
    Erased,
    /// "Keep my receipts" was switched.
    Keep(bool),
    /// A form changed.
    Typed(Verb, Field, String),
    /// A topic, purpose or consent box of a form was ticked or unticked.
    Ticked(Verb, Field, bool),
    /// A form was found wanting, is being sent, or was answered.
    Went(Verb, Phase),
    /// The decisions were read.
    Remembered(History),
}

impl State {
    /// A beginning: what is shown, and what is in force.
    pub fn new(view: Shared<View>, section: Section, standing: Standing) -> Self {
        let draft = standing.open.clone();
        Self {
            view,
            section,
            standing,
            draft,
            said: None,
            newsletter: Form::default(),
            objection: Form::default(),
            history: None,
            erasing: false,
        }
    }

    /// Whether a switch was moved since the last save.
    pub fn is_dirty(&self) -> bool {
        self.draft != self.standing.open
    }

    /// The choices that pressing a button would make.
    pub fn choices(&self, press: Press) -> Choices {
        Choices::new(&self.view, &self.standing, &self.draft, press)
    }

    /// A form.
    pub fn form(&self, verb: Verb) -> &Form {
        match verb {
            Verb::Subscribe => &self.newsletter,
            Verb::Object => &self.objection,
        }
    }

    fn form_mut(&mut self, verb: Verb) -> &mut Form {
        match verb {
            Verb::Subscribe => &mut self.newsletter,
            Verb::Object => &mut self.objection,
        }
    }
}

/// The next state.
pub fn reduce(state: &State, action: Action) -> State {
    let mut next = state.clone();
    match action {
        Action::Show(section) => {
            next.section = section;
            next.said = None;
        }
        Action::Switch(id, on) => {
            next.draft.set(&next.view, &id, on);
            next.said = None;
        }
        Action::Stands(standing) => {
            // Switches that were moved by hand and not saved stay where they are; the rest follow what is in force, so
            // that saving does not take back what another tab decided about them.
            next.draft.follow(&state.standing.open, &standing.open);
            next.standing = standing;
        }
        Action::Answered(press, standing) => {
            next.draft = standing.open.clone();
            next.standing = standing;
            next.said = Some(Said::Done(press));
        }
        Action::Failed(failure) => next.said = Some(Said::Failed(failure)),
        Action::Erasing(on) => next.erasing = on,
        Action::Erased => next.said = Some(Said::Erased),
        Action::Keep(keep) => {
            next.history = state.history.as_deref().map(|history| {
                let history = history.clone();
                Shared::new(History { keep, ..history })
            });
        }
        Action::Typed(verb, field, text) => next.form_mut(verb).fields.set_text(&field, text),
        Action::Ticked(verb, field, on) => next.form_mut(verb).fields.set_tick(&field, on),
        Action::Went(verb, phase) => next.form_mut(verb).go(phase),
        Action::Remembered(history) => {
            // An untouched form begins with what stands for the address used last, so that it can be seen and changed.
            // Only at the beginning: whoever emptied it has another address in mind.
            if state.history.is_none() && next.objection == Form::default() {
                next.objection.fields = Fields::standing(&next.view, &history);
            }
            next.history = Some(Shared::new(history));
        }
    }
    next
}

#[cfg(test)]
mod tests;
