//! The state of the surfaces and the verbs that change it: the reducer joined to the ports.

use std::rc::Rc;

use sayso_core::view::View;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::failure::Failure;
use crate::ports::{Decide, Ports, Task};
use crate::shared::Shared;
use crate::state::{
    Action, Arrival, Phase, Press, Section, Standing, State, Submission, Verb, Wish,
    check_newsletter, check_objection, reduce,
};

/// How far a surface has come.
#[allow(
    clippy::large_enum_variant,
    reason = "one for each surface; a box would only cost code"
)]
pub enum Load {
    /// What it shows is being fetched.
    Waiting,
    /// It could not be fetched.
    Failed(Failure),
    /// It is there.
    Ready(State),
}

/// The state as Yew's reducer keeps it.
pub struct Kept(Load);

/// What happens to a surface.
pub enum Step {
    /// It is fetched once more.
    Again,
    /// What it shows arrived, or did not; the section to begin with, and what is in force.
    Loaded(Result<Shared<View>, Failure>, Section, Standing),
    /// Something happened in it.
    Act(Action),
}

impl Reducible for Kept {
    type Action = Step;

    fn reduce(self: Rc<Self>, step: Step) -> Rc<Self> {
        let next = match (&self.0, step) {
            (Load::Ready(state), Step::Act(action)) => Load::Ready(reduce(state, action)),
            // Asked for again with another section: what was typed and moved stays.
            (Load::Ready(state), Step::Loaded(_, section, _)) => {
                Load::Ready(reduce(state, Action::Show(section)))
            }
            (Load::Ready(_), Step::Again) | (_, Step::Act(_)) => return self,
            (_, Step::Again) => Load::Waiting,
            (_, Step::Loaded(Ok(view), section, standing)) => {
                Load::Ready(State::new(view, section, standing))
            }
            (_, Step::Loaded(Err(failure), ..)) => Load::Failed(failure),
        };
        Rc::new(Self(next))
    }
}

/// The state, and what can be done.
#[derive(Clone)]
pub struct Sayso {
    kept: UseReducerHandle<Kept>,
    ports: Shared<Ports>,
    section: Section,
}

/// Fetches what is shown, follows what changes elsewhere, and hands out the verbs.
#[hook]
pub fn use_sayso(ports: &Shared<Ports>, section: Section, on_ready: &Callback<()>) -> Sayso {
    let kept = use_reducer(|| Kept(Load::Waiting));
    let sayso = Sayso {
        kept,
        ports: ports.clone(),
        section,
    };
    {
        let (sayso, on_ready) = (sayso.clone(), on_ready.clone());
        // A window asked for again gets other ports: then its section comes to the front once more.
        use_effect_with((section, ports.clone()), move |_| {
            sayso.fetch(on_ready);
            let watch = sayso.ports.watch.emit(Callback::from({
                let sayso = sayso.clone();
                move |()| {
                    sayso.dispatch(Action::Stands(sayso.ports.standing.emit(())));
                    sayso.remember();
                }
            }));
            move || drop(watch)
        });
    }
    sayso
}

impl Sayso {
    /// How far the surface has come.
    pub fn load(&self) -> &Load {
        &self.kept.0
    }

    fn fetch(&self, on_ready: Callback<()>) {
        let sayso = self.clone();
        spawn_local(async move {
            let view = sayso.ports.view.emit(()).await;
            let standing = sayso.ports.standing.emit(());
            sayso
                .kept
                .dispatch(Step::Loaded(view, sayso.section, standing));
            sayso.remember();
            on_ready.emit(());
        });
    }

    /// Something happened that concerns the app alone.
    fn dispatch(&self, action: Action) {
        self.kept.dispatch(Step::Act(action));
    }

    /// Does what the visitor wants. `answers` holds the buttons that were to be seen.
    pub fn fulfil(&self, wish: Wish, answers: &NodeRef) {
        match wish {
            Wish::Act(action) => self.dispatch(action),
            Wish::Press(press) => self.press(press, answers.clone()),
            Wish::Submit(verb) => self.submit(verb),
            Wish::Keep(on) => self.keep(on),
            Wish::Forget(email) => self.then_remember(self.ports.forget.emit(email)),
            Wish::Erase => self.erase(),
            Wish::Retry => {
                self.kept.dispatch(Step::Again);
                self.fetch(Callback::noop());
            }
            Wish::Download(id) => self.then_remember(self.ports.download.emit(id)),
        }
    }

    /// A moment in words.
    pub fn date(&self) -> &Callback<u64, String> {
        &self.ports.date
    }

    /// An answer: it counts at once; signing and sending follow.
    fn press(&self, press: Press, answers: NodeRef) {
        let Load::Ready(state) = self.load() else {
            return;
        };
        let choices = state.choices(press);
        let in_view = self.ports.in_view.emit(answers);
        self.ports.decide.emit(Decide {
            press,
            choices,
            in_view,
        });
        self.dispatch(Action::Answered(press, self.ports.standing.emit(())));
        let sayso = self.clone();
        spawn_local(async move {
            // Not settled now is settled later: the answer counts all the same, so nothing is said about it here.
            let _ = sayso.ports.settle.emit(()).await;
            sayso.remember();
        });
    }

    /// Sends a form, or says what is missing.
    fn submit(&self, verb: Verb) {
        let Load::Ready(state) = self.load() else {
            return;
        };
        let form = state.form(verb);
        if form.phase == Phase::Sending {
            return;
        }
        let wrong = match verb {
            Verb::Subscribe => check_newsletter(&form.fields),
            Verb::Object => check_objection(&form.fields),
        };
        if !wrong.is_empty() {
            return self.dispatch(Action::Went(verb, Phase::Wanting(wrong)));
        }
        let task = self.ports.submit.emit(Submission {
            verb,
            fields: form.fields.clone(),
        });
        self.dispatch(Action::Went(verb, Phase::Sending));
        let sayso = self.clone();
        spawn_local(async move {
            let phase = match task.await {
                Ok(Arrival::Sent) => Phase::Sent,
                Ok(Arrival::Waiting) => Phase::Waiting,
                Err(failure) => Phase::Failed(failure),
            };
            sayso.dispatch(Action::Went(verb, phase));
            sayso.remember();
        });
    }

    /// "Keep my receipts": the switch stands where it was put unless that could not be done.
    fn keep(&self, on: bool) {
        let task = self.ports.keep.emit(on);
        self.dispatch(Action::Keep(on));
        let sayso = self.clone();
        self.then_remember(Box::pin(async move {
            task.await
                .inspect_err(|_| sayso.dispatch(Action::Keep(!on)))
        }));
    }

    /// Has the site erase this browser's receipts, once, and says what came of it: a second request finds no key.
    fn erase(&self) {
        let Load::Ready(State { erasing: false, .. }) = self.load() else {
            return;
        };
        self.dispatch(Action::Erasing(true));
        let task = self.ports.erase.emit(());
        let sayso = self.clone();
        spawn_local(async move {
            sayso.dispatch(match task.await {
                Ok(()) => Action::Erased,
                Err(failure) => Action::Failed(failure),
            });
            sayso.dispatch(Action::Erasing(false));
            sayso.remember();
        });
    }

    fn remember(&self) {
        let sayso = self.clone();
        spawn_local(async move {
            let history = sayso.ports.history.emit(()).await;
            let unread = matches!(sayso.load(), Load::Ready(State { history: None, .. }));
            // Without storage there is no history to show; the list then says that it is empty.
            if history.is_ok() || unread {
                sayso.dispatch(Action::Remembered(history.unwrap_or_default()));
            }
        });
    }

    fn then_remember(&self, task: Task<()>) {
        let sayso = self.clone();
        spawn_local(async move {
            if let Err(failure) = task.await {
                sayso.dispatch(Action::Failed(failure));
            }
            sayso.remember();
        });
    }
}
