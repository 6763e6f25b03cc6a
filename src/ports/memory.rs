//! Ports without a world: answers stay in memory, nothing is sent. For tests and for rendering natively.

use std::cell::RefCell;
use std::future::ready;
use std::rc::Rc;

use sayso_core::decision::{Action, Surface};
use sayso_core::policy::PurposeId;
use sayso_core::record::Status;
use sayso_core::view::View;
use yew::Callback;

use super::{Address, Decide, Entry, History, Ports, Proof, Task, Watch};
use crate::failure::Failure;
use crate::state::{Press, Standing, Submission, Switches, Verb};
use crate::text::objectable;

#[derive(Default)]
struct World {
    standing: Standing,
    history: History,
    clock: u64,
}

impl World {
    fn tick(&mut self) -> u64 {
        self.clock += 1000;
        self.clock
    }

    fn decide(&mut self, view: &View, decide: Decide) {
        let mut open = Switches::default();
        for (purpose, letter) in &decide.choices.purposes {
            open.set(view, purpose, matches!(letter, 'g' | 'n'));
        }
        for (service, on) in decide
            .choices
            .services
            .iter()
            .flat_map(|(_, services)| services)
        {
            open.set(view, service, *on);
        }
        self.standing.open = open;
        let time = self.tick();
        let statuses = decide
            .choices
            .purposes
            .iter()
            .filter_map(|(id, letter)| Some((PurposeId::new(id).ok()?, status(*letter)?)));
        let action = match decide.press {
            Press::GiveAll => Action::GiveAll,
            Press::RefuseAll => Action::RefuseAll,
            Press::Save => Action::Save,
        };
        let entry = Entry {
            id: time.to_string(),
            time,
            received: None,
            surface: Surface::Preferences,
            action,
            statuses: statuses.collect(),
            proof: Proof::Waiting,
            has_file: false,
        };
        self.history.entries.insert(0, entry);
    }

    fn submit(&mut self, view: &View, submission: &Submission) {
        let time = self.tick();
        let email = submission.fields.email.trim().to_owned();
        let answered: Vec<_> = match submission.verb {
            Verb::Subscribe => view
                .newsletter
                .iter()
                .map(|newsletter| (newsletter.purpose.clone(), Status::Requested))
                .collect(),
            Verb::Object => objectable(view)
                .map(|purpose| {
                    let objected = submission.fields.chosen.has(purpose.id.as_str());
                    (
                        purpose.id.clone(),
                        if objected {
                            Status::Objected
                        } else {
                            Status::Acknowledged
                        },
                    )
                })
                .collect(),
        };
        let known = self
            .history
            .addresses
            .iter()
            .position(|address| address.email == email);
        let mut statuses = known
            .map(|at| self.history.addresses.remove(at).statuses)
            .unwrap_or_default();
        statuses.retain(|(id, _)| answered.iter().all(|(answered, _)| answered != id));
        statuses.extend(answered);
        self.history.addresses.insert(
            0,
            Address {
                email,
                time,
                statuses,
            },
        );
    }
}

fn status(letter: char) -> Option<Status> {
    sayso_core::cookie::Letter::from_char(letter).map(Status::from)
}

impl Ports {
    /// Ports that show `view` and remember answers for as long as they live. `now` is in milliseconds since 1970.
    pub fn in_memory(view: Rc<View>, now: u64) -> Self {
        let mut world = World {
            clock: now,
            ..World::default()
        };
        for purpose in view.purposes.iter().filter(|purpose| purpose.necessary) {
            world.standing.open.set(&view, purpose.id.as_str(), true);
        }
        let world = Rc::new(RefCell::new(world));
        Self {
            view: Callback::from({
                let view = view.clone();
                move |()| done(view.clone())
            }),
            standing: Callback::from({
                let world = world.clone();
                move |()| world.borrow().standing.clone()
            }),
            decide: Callback::from({
                let (world, view) = (world.clone(), view.clone());
                move |decide| world.borrow_mut().decide(&view, decide)
            }),
            settle: Callback::from(|()| done(())),
            submit: Callback::from({
                let world = world.clone();
                move |submission| {
                    world.borrow_mut().submit(&view, &submission);
                    done(())
                }
            }),
            history: Callback::from({
                let world = world.clone();
                move |()| done(world.borrow().history.clone())
            }),
            keep: Callback::from(move |on| {
                world.borrow_mut().history.keep = on;
                done(())
            }),
            download: Callback::from(|_| done(())),
            date: Callback::from(|time: u64| format!("t+{}s", time / 1000)),
            in_view: Callback::from(|_| true),
            watch: Callback::from(|_| Watch::nothing()),
        }
    }
}

fn done<T: 'static>(value: T) -> Task<T> {
    Box::pin(ready(Ok::<_, Failure>(value)))
}
