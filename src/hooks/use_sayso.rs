//! The state of the surfaces and the verbs that change it: the reducer joined to the ports.

use std::rc::Rc;

use sayso_core::view::View;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::ports::{Decide, Ports, Task};
use crate::shared::Shared;
use crate::state::{
    Action, Arrival, Phase, Press, Section, State, Submission, Verb, Wish, check_newsletter,
    check_objection, reduce,
};

/// The state as Yew's reducer keeps it.
pub struct Kept(State);

impl Reducible for Kept {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(Self(reduce(&self.0, action)))
    }
}

/// The state, and what can be done.
#[derive(Clone)]
pub struct Sayso {
    state: UseReducerHandle<Kept>,
    ports: Shared<Ports>,
}

/// Reads what is in force, follows what changes elsewhere, and hands out the verbs.
#[hook]
pub fn use_sayso(ports: &Shared<Ports>, view: &Shared<View>, section: Section) -> Sayso {
    let state = use_reducer(|| Kept(State::new(view.clone(), section, ports.standing.emit(()))));
    let sayso = Sayso {
        state,
        ports: ports.clone(),
    };
    {
        let sayso = sayso.clone();
        use_effect_with(section, move |section| {
            sayso.dispatch(Action::Show(*section))
        });
    }
    {
        let sayso = sayso.clone();
        use_effect_with((), move |()| {
            sayso.remember();
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
    /// The state to draw.
    pub fn state(&self) -> &State {
        &self.state.0
    }

    /// Something happened that concerns the app alone.
    pub fn dispatch(&self, action: Action) {
        self.state.dispatch(action);
    }

    /// Does what the visitor wants. `answers` holds the buttons that were to be seen.
    pub fn fulfil(&self, wish: Wish, answers: &NodeRef) {
        match wish {
            Wish::Act(action) => self.dispatch(action),
            Wish::Press(press) => self.press(press, answers.clone()),
            Wish::Submit(verb) => self.submit(verb),
            Wish::Keep(on) => self.then_remember(self.ports.keep.emit(on)),
            Wish::Download(id) => self.then_remember(self.ports.download.emit(id)),
        }
    }

    /// A moment in words.
    pub fn date(&self) -> &Callback<u64, String> {
        &self.ports.date
    }

    /// An answer: it counts at once; signing and sending follow.
    fn press(&self, press: Press, answers: NodeRef) {
        let choices = self.state().choices(press);
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
        let form = self.state().form(verb);
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

    fn remember(&self) {
        let sayso = self.clone();
        spawn_local(async move {
            // Without storage there is no history to show; the list then says that it is empty.
            if let Ok(history) = sayso.ports.history.emit(()).await {
                sayso.dispatch(Action::Remembered(history));
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
