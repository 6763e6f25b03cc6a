//! A surface from its first moment: fetching what it shows, saying so when that fails, then the banner or the centre.

use sayso_core::view::View;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::components::banner::{Answer, Banner};
use crate::components::dialog::{Dialog, close_button};
use crate::components::message;
use crate::failure::Failure;
use crate::pages::centre::{Centre, Place};
use crate::plain::Plain;
use crate::ports::Ports;
use crate::shared::Shared;
use crate::state::Section;

/// What is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The first layer.
    Banner,
    /// A section of the centre.
    Centre(Section, Place),
}

impl Wanted {
    /// The name the gate knows it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Centre(section, _) => section.name(),
        }
    }
}

/// What a surface needs.
#[derive(Clone, PartialEq, Properties)]
pub struct SurfaceProps {
    /// The world.
    pub ports: Shared<Ports>,
    /// What is to be drawn.
    pub wanted: Wanted,
    /// The few words needed before anything could be fetched.
    pub plain: Plain,
    /// The visitor closed it.
    pub on_close: Callback<()>,
    /// It is drawn.
    #[prop_or_default]
    pub on_ready: Callback<()>,
    /// A button of the banner was pressed.
    #[prop_or_default]
    pub on_answer: Option<Callback<(Answer, MouseEvent)>>,
}

/// How far the fetching has come.
#[derive(Clone, PartialEq)]
enum Load {
    Waiting,
    Failed(Failure),
    Ready(Shared<View>),
}

/// A surface.
#[component]
pub fn Surface(props: &SurfaceProps) -> Html {
    let load = use_state(|| Load::Waiting);
    let attempt = use_state(|| 0_u32);
    {
        let (load, task) = (load.clone(), props.ports.view.clone());
        use_effect_with(*attempt, move |_| {
            spawn_local(async move {
                load.set(match task.emit(()).await {
                    Ok(view) => Load::Ready(view),
                    Err(failure) => Load::Failed(failure),
                });
            });
        });
    }
    {
        let on_ready = props.on_ready.clone();
        use_effect_with(matches!(*load, Load::Ready(_)), move |ready| {
            if *ready {
                on_ready.emit(());
            }
        });
    }
    match (&*load, props.wanted) {
        (Load::Ready(view), Wanted::Banner) => {
            html! { <Banner view={view.clone()} on_answer={props.on_answer.clone()} /> }
        }
        (Load::Ready(view), Wanted::Centre(section, place)) => {
            let (ports, view) = (props.ports.clone(), view.clone());
            html! { <Centre {ports} {view} {section} {place} on_close={props.on_close.clone()} /> }
        }
        // Where the banner cannot be drawn, nothing is: nothing was opened, and the next page view asks.
        (_, Wanted::Banner) => Html::default(),
        (state, Wanted::Centre(_, place)) => {
            let retry = Callback::from({
                let (load, attempt) = (load.clone(), attempt.clone());
                move |()| {
                    load.set(Load::Waiting);
                    attempt.set(*attempt + 1);
                }
            });
            let failure = match state {
                Load::Failed(failure) => Some(failure),
                _ => None,
            };
            unready(&props.plain, place, failure, retry, props.on_close.clone())
        }
    }
}

/// What stands there before there is anything to show.
fn unready(
    plain: &Plain,
    place: Place,
    failure: Option<&Failure>,
    retry: Callback<()>,
    on_close: Callback<()>,
) -> Html {
    let body = match failure {
        Some(failure) => {
            message::failure(plain.title, &plain.sentence(failure), plain.retry, retry)
        }
        None => html! { <p class="waiting" role="status">{ plain.loading }</p> },
    };
    html! {
        <div class="sayso" lang={plain.language} dir={plain.direction}>
            if place == Place::Dialog {
                <Dialog title="sayso-unready" {on_close}>
                    <header class="head">
                        <h2 id="sayso-unready" tabindex="-1">{ plain.heading }</h2>
                        { close_button(plain.close) }
                    </header>
                    <div class="body">{ body }</div>
                </Dialog>
            } else {
                <div class="panel inline"><div class="body">{ body }</div></div>
            }
        </div>
    }
}
