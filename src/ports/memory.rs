//! Ports without a world: answers stay in memory, nothing is sent. For tests and for rendering natively.

use std::cell::RefCell;
use std::future::ready;
use std::rc::Rc;

use sayso_browser::address::Remembered;
use sayso_browser::history::{Item, ReceiptState};
use sayso_core::cookie::Letter;
use sayso_core::decision::{Action, Surface};
use sayso_core::policy::PurposeId;
use sayso_core::record::Status;
use sayso_core::view::View;
use yew::Callback;

use super::{Decide, History, Ports, Task, Watch};
use crate::failure::Failure;
use crate::shared::Shared;
use crate::state::{Arrival, Press, Standing, Submission, Switches, Verb};
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
        let statuses = decide.choices.purposes.iter().filter_map(|(id, letter)| {
            Some((PurposeId::new(id).ok()?, Letter::from_char(*letter)?.into()))
        });
        let item = Item {
            decision: time.to_string(),
            time,
            surface: Surface::Preferences,
            action: match decide.press {
                Press::GiveAll => Action::GiveAll,
                Press::RefuseAll => Action::RefuseAll,
                Press::Save => Action::Save,
            },
            statuses: statuses.collect(),
            about: String::new(),
            state: ReceiptState::Waiting,
        };
        self.history.items.insert(0, item);
    }

    fn submit(&mut self, view: &View, submission: &Submission) {
        let time = self.tick();
        let email = submission.fields.email.trim().to_owned();
        let id = |id: &PurposeId| id.as_str().to_owned();
        let answered: Vec<(String, Status)> = match submission.verb {
            Verb::Subscribe => view
                .newsletter
                .iter()
                .map(|newsletter| (id(&newsletter.purpose), Status::Requested))
                .collect(),
            Verb::Object => objectable(view)
                .map(|purpose| {
                    let objected = submission.fields.chosen.has(purpose.id.as_str());
                    (
                        id(&purpose.id),
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
            Remembered {
                email,
                salt: String::new(),
                time,
                statuses,
            },
        );
    }
}

impl Ports {
    /// Ports that show `view` and remember answers for as long as they live. `now` is in milliseconds since 1970.
    pub fn in_memory(view: Shared<View>, now: u64) -> Self {
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
                    done(Arrival::Sent)
                }
            }),
            history: Callback::from({
                let world = world.clone();
                move |()| done(world.borrow().history.clone())
            }),
            forget: Callback::from({
                let world = world.clone();
                move |email: String| {
                    let known = &mut world.borrow_mut().history.addresses;
                    known.retain(|address| address.email != email);
                    done(())
                }
            }),
            keep: Callback::from(move |on| {
                world.borrow_mut().history.keep = on;
                done(())
            }),
            erase: Callback::from(|()| done(())),
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
