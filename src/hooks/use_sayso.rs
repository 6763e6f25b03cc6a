//! The state of the surfaces and the verbs that change it: the reducer joined to the ports.

use std::rc::Rc;

use sayso_core::view::View;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::ports::{Decide, Ports, Task};
use crate::state::{
    Action, Fields, Phase, Press, Section, State, Submission, Verb, check_newsletter,
    check_objection, reduce,
};

/// The state as Yew's reducer keeps it.
#[derive(Clone, PartialEq)]
pub struct Kept(State);

impl Reducible for Kept {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(Self(reduce(&self.0, action)))
    }
}

/// The state, and what can be done.
#[derive(Clone, PartialEq)]
pub struct Sayso {
    state: UseReducerHandle<Kept>,
    ports: Ports,
}

/// Reads what is in force, follows what changes elsewhere, and hands out the verbs.
#[hook]
pub fn use_sayso(ports: &Ports, view: &Rc<View>, section: Section) -> Sayso {
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

    /// An answer: it counts at once; signing and sending follow.
    pub fn press(&self, press: Press, answers: NodeRef) {
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
    pub fn submit(&self, verb: Verb) {
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
        let fields: Fields = form.fields.clone();
        self.dispatch(Action::Went(verb, Phase::Sending));
        let sayso = self.clone();
        spawn_local(async move {
            let phase = match sayso.ports.submit.emit(Submission { verb, fields }).await {
                Ok(()) => Phase::Sent,
                Err(failure) => Phase::Failed(failure),
            };
            sayso.dispatch(Action::Went(verb, phase));
            sayso.remember();
        });
    }

    /// Switches "keep my receipts".
    pub fn keep(&self, on: bool) {
        self.then_remember(self.ports.keep.emit(on));
    }

    /// Hands out a receipt as a file, or all of them.
    pub fn download(&self, id: Option<String>) {
        self.then_remember(self.ports.download.emit(id));
    }

    /// A moment in words.
    pub fn date(&self) -> Callback<u64, String> {
        self.ports.date.clone()
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
