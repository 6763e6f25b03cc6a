//! The switches of the preference centre: what they show, and what saving them says.

use sayso_core::cookie::{Cookie, Letter};
use sayso_core::policy::{Channel, LegalBasis, Policy};
use sayso_core::prompt;
use sayso_core::view::{PurposeView, View};

use super::ids::Ids;

/// A button of the preference centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Yes to everything asked.
    GiveAll,
    /// No to everything asked.
    RefuseAll,
    /// What the switches show.
    Save,
}

impl Press {
    /// The three, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::GiveAll, Self::RefuseAll, Self::Save];

    /// The decision's action, and the key of the label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GiveAll => "give-all",
            Self::RefuseAll => "refuse-all",
            Self::Save => "save",
        }
    }

    /// The key of what is said afterwards.
    pub const fn said(self) -> &'static str {
        match self {
            Self::GiveAll => "status-given",
            Self::RefuseAll => "status-refused",
            Self::Save => "status-saved",
        }
    }
}

/// The ids of the purposes and services whose switch is on. One name space: no id names both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches(Ids);

impl Switches {
    /// Whether this purpose or service is on.
    pub fn is_on(&self, id: &str) -> bool {
        self.0.has(id)
    }

    /// Moves a switch. A purpose takes its services with it; a service moves alone.
    pub fn set(&mut self, view: &View, id: &str, on: bool) {
        self.0.put(id, on);
        if let Some(purpose) = view.purpose(id) {
            for service in &purpose.services {
                self.0.put(service.id.as_str(), on);
            }
        }
    }

    /// Takes over what changed elsewhere, but for the switches that stand otherwise than before: those were moved here.
    pub(super) fn follow(&mut self, before: &Self, now: &Self) {
        for id in before.0.as_slice().iter().chain(now.0.as_slice()) {
            if self.is_on(id) == before.is_on(id) {
                self.0.put(id, now.is_on(id));
            }
        }
    }
}

/// What is in force in this browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What may run.
    pub open: Switches,
    /// Purposes that only the browser's signal keeps shut.
    pub signalled: Ids,
    /// Whether the browser sends Global Privacy Control.
    pub gpc: bool,
}

impl Standing {
    /// Reads what is in force. A cookie that cannot be read is no cookie. `now` is in seconds since 1970.
    pub fn read(policy: &Policy, cookie: &str, gpc: bool, now: u64) -> Self {
        let cookie = Cookie::parse(cookie).ok();
        let prompt = prompt::evaluate(policy, cookie.as_ref(), gpc, now);
        let mut standing = Self {
            gpc,
            ..Self::default()
        };
        for purpose in &policy.purposes {
            let id = purpose.id.as_str();
            standing.open.0.put(id, prompt.allows(id));
            for service in &purpose.services {
                standing
                    .open
                    .0
                    .put(service.id.as_str(), prompt.allows(service.id.as_str()));
            }
            let letter = cookie
                .as_ref()
                .and_then(|cookie| cookie.choices.get(&purpose.id))
                .map(|choice| choice.letter);
            let by_signal = match letter {
                Some(letter) => letter == Letter::Signalled,
                None => gpc && purpose.gpc,
            };
            standing.signalled.put(id, by_signal);
        }
        standing
    }
}

/// A decision about the purposes of this browser, as the gate takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// By purpose: the letter of the answer.
    pub purposes: Vec<(String, char)>,
    /// By purpose: the services that were answered by switches of their own.
    pub services: Vec<(String, Vec<(String, bool)>)>,
}

impl Choices {
    /// What pressing a button says, purpose by purpose.
    pub(super) fn new(view: &View, standing: &Standing, draft: &Switches, press: Press) -> Self {
        let mut choices = Self::default();
        for purpose in view
            .purposes
            .iter()
            .filter(|purpose| purpose.channel == Channel::Device)
        {
            let id = purpose.id.as_str();
            choices.purposes.push((
                id.to_owned(),
                letter(purpose, standing, draft.is_on(id), press),
            ));
            // *All* means every service too; saving says each one's own. What is necessary has its own switches either way.
            let apart: Vec<(String, bool)> = purpose
                .services
                .iter()
                .filter(|service| {
                    if purpose.necessary {
                        service.switchable
                    } else {
                        press == Press::Save
                    }
                })
                .map(|service| {
                    (
                        service.id.as_str().to_owned(),
                        draft.is_on(service.id.as_str()),
                    )
                })
                .collect();
            if !apart.is_empty() {
                choices.services.push((id.to_owned(), apart));
            }
        }
        choices
    }
}

/// The letter of the answer. The gate makes a `w` of an `r` after a yes, and keeps an `s` an `s`.
fn letter(purpose: &PurposeView, standing: &Standing, on: bool, press: Press) -> char {
    if purpose.necessary {
        return 'n';
    }
    let signalled = standing.signalled.has(purpose.id.as_str());
    let yes = match press {
        // A signal's objection is lifted by the purpose's own switch alone.
        Press::GiveAll => !signalled,
        Press::RefuseAll => false,
        Press::Save => on,
    };
    match purpose.basis {
        _ if yes => 'g',
        LegalBasis::Consent => 'r',
        // What does not rest on consent cannot be refused, only objected to.
        _ => 'o',
    }
}
