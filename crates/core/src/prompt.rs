//! What is open now and what must be asked: the rules over a policy, the cookie, the signals and the time.
//!
//! A yes covers the revision it was given for and no later one; a no covers every later revision until its day. What
//! cannot be decided stays shut. The gate follows the same rules in JavaScript; both are held to `vectors/cookie.json`.

use crate::map::Map;

use crate::cookie::{Choice, Cookie, Letter};
use crate::policy::{Days, Model, Policy, Purpose, PurposeId, ServiceId};

/// Seconds in a day.
pub const DAY: u64 = 86_400;

/// What is open and what must be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// By purpose: whether what is marked with the purpose itself may run.
    pub purposes: Map<PurposeId, Answer>,
    /// By service: whether what is marked with the service may run.
    pub services: Map<ServiceId, bool>,
}

/// The answer for one purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// It may run.
    pub open: bool,
    /// It must be asked for.
    pub ask: bool,
    /// It was answered for a revision this policy does not know yet: shut, and the policy should be fetched anew.
    pub newer: bool,
}

impl Prompt {
    /// Whether the first layer must be shown.
    pub fn ask(&self) -> bool {
        self.purposes.values().any(|answer| answer.ask)
    }

    /// Whether a purpose or a service of this id may run.
    pub fn allows(&self, id: &str) -> bool {
        self.purposes
            .get(id)
            .map(|answer| answer.open)
            .or_else(|| self.services.get(id).copied())
            .unwrap_or(false)
    }
}

/// Applies the rules. `now` is in seconds since 1970; `gpc` is whether the browser sends Global Privacy Control.
pub fn evaluate(policy: &Policy, cookie: Option<&Cookie>, gpc: bool, now: u64) -> Prompt {
    let mut prompt = Prompt::default();
    for purpose in &policy.purposes {
        let choice = cookie.and_then(|c| c.choices.get(&purpose.id));
        let lapsed = choice.is_some_and(|choice| lapsed(choice, policy.days, now));
        let answer = answer(purpose, choice, lapsed, policy.model, gpc);
        for service in &purpose.services {
            let covered = choice.is_some_and(|c| !lapsed && service.since <= c.revision);
            let open = match choice.and_then(|c| c.services.get(&service.id)) {
                _ if answer.newer => false,
                // A switch that was turned off stays off, whatever else has lapsed.
                Some(false) => purpose.necessary && !service.switchable,
                Some(true) => answer.open || covered,
                None => {
                    answer.open || (covered && choice.is_some_and(|c| c.letter == Letter::Given))
                }
            };
            prompt.services.insert(service.id.clone(), open);
        }
        prompt.purposes.insert(purpose.id.clone(), answer);
    }
    prompt
}

/// What opens expires: a yes without a day counts as lapsed. So does a day further off than an answer can last, since
/// some clock was wrong then.
fn lapsed(choice: &Choice, days: Days, now: u64) -> bool {
    let today = now / DAY;
    let longest = u64::from(days.given.max(days.refused));
    match choice.day.map(u64::from) {
        Some(day) => day <= today || day > today + longest,
        None => choice.letter == Letter::Given,
    }
}

fn answer(
    purpose: &Purpose,
    choice: Option<&Choice>,
    lapsed: bool,
    model: Model,
    gpc: bool,
) -> Answer {
    const SHUT: Answer = Answer {
        open: false,
        ask: false,
        newer: false,
    };
    if purpose.necessary {
        return Answer { open: true, ..SHUT };
    }
    let loose = model != Model::OptIn;
    let objected = gpc && purpose.gpc;
    let missing = Answer {
        open: loose && !objected,
        ask: !objected,
        newer: false,
    };
    let Some(choice) = choice else { return missing };
    if choice.revision > purpose.revision {
        return Answer {
            newer: true,
            ..SHUT
        };
    }
    let older = choice.revision < purpose.revision;
    match choice.letter {
        // A no that has lapsed is asked about again; time alone opens nothing.
        Letter::Refused | Letter::Withdrawn | Letter::Objected | Letter::Signalled => Answer {
            ask: lapsed,
            ..SHUT
        },
        _ if lapsed => missing,
        Letter::Given => Answer {
            open: loose || !older,
            ask: older,
            newer: false,
        },
        // Under a looser model a notice sufficed; where consent is required that is no answer.
        Letter::NotNeeded if !loose => missing,
        Letter::NotNeeded => Answer {
            open: true,
            ask: older,
            newer: false,
        },
        // Put off: nothing opens by it, and nothing shuts that was open without an answer.
        Letter::Deferred => Answer {
            open: loose,
            ..SHUT
        },
    }
}
