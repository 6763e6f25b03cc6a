//! A surface in the browser: the one component with state, from fetching what it shows to the last button pressed.

use yew::prelude::*;

use crate::components::banner::{Answer, banner};
use crate::components::dialog::open;
use crate::hooks::use_sayso::{Load, use_sayso};
use crate::pages::centre::{Frame, Place, TITLE, centre, unready};
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
    /// What it shows was fetched, or could not be.
    #[prop_or_default]
    pub on_ready: Callback<()>,
    /// A button of the banner was pressed.
    #[prop_or_default]
    pub on_answer: Option<Callback<(Answer, MouseEvent)>>,
}

/// A surface.
#[component]
pub fn Surface(props: &SurfaceProps) -> Html {
    let (section, place) = match props.wanted {
        Wanted::Centre(section, place) => (section, place),
        Wanted::Banner => (Section::Preferences, Place::Inline),
    };
    let sayso = use_sayso(&props.ports, section, &props.on_ready);
    let (window, answers) = (use_node_ref(), use_node_ref());
    {
        let window = window.clone();
        // Once more when there is something to show: what had the focus, such as the button that tried again, is gone.
        use_effect_with(matches!(sayso.load(), Load::Ready(_)), move |_| {
            open(&window, TITLE);
        });
    }
    if props.wanted == Wanted::Banner {
        return match sayso.load() {
            Load::Ready(state) => banner(&state.view, props.on_answer.as_ref()),
            // Where the banner cannot be drawn, nothing is: nothing was opened, and the next page view asks.
            _ => Html::default(),
        };
    }
    let frame = Frame {
        place,
        window,
        answers,
        on_close: props.on_close.clone(),
    };
    let to = Callback::from({
        let (sayso, answers) = (sayso.clone(), frame.answers.clone());
        move |wish| sayso.fulfil(wish, &answers)
    });
    match sayso.load() {
        Load::Ready(state) => centre(state, &frame, sayso.date(), &to),
        Load::Failed(failure) => unready(&props.plain, Some(failure), &frame, &to),
        Load::Waiting => unready(&props.plain, None, &frame, &to),
    }
}
