//! The development shell's entry, in debug builds alone: every surface over the sample site, with ports in memory.

use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::platform::spawn_local;
use yew::{AppHandle, Callback, Renderer};

use std::cell::RefCell;

use crate::components::banner::Answer;
use crate::mount::shadow;
use crate::pages::centre::Place;
use crate::pages::surface::{Surface, SurfaceProps, Wanted};
use crate::plain::Plain;
use crate::ports::{Decide, Ports};
use crate::sample;
use crate::shared::Shared;
use crate::state::{Press, Section, Standing, State};
use crate::style;

/// What lies over the page, and whether it is the banner.
type Drawn = (AppHandle<Surface>, Element, bool);

thread_local! {
    static DRAWN: RefCell<Vec<Drawn>> = const { RefCell::new(Vec::new()) };
}

/// Draws a surface of the sample site: `banner`, or a section, in `host` or in a window.
///
/// # Errors
/// Where the name is no surface's, or the page has no body.
#[wasm_bindgen]
pub fn develop(language: &str, surface: &str, host: Option<Element>) -> Result<(), JsError> {
    let ports = world(language);
    let wanted = match (Section::parse(surface), &host) {
        (Some(section), Some(_)) => Wanted::Centre(section, Place::of(section)),
        (Some(section), None) => Wanted::Centre(section, Place::Dialog),
        (None, _) if surface == Wanted::Banner.name() => Wanted::Banner,
        (None, _) => return Err(JsError::new("no such surface")),
    };
    let place = match (&host, wanted) {
        (_, Wanted::Banner) => shadow::first(style::FIRST_LAYER),
        (Some(host), _) => shadow::inside(host).map(|root| (host.clone(), root)),
        (None, _) => shadow::at_end(),
    };
    let (outer, root) = place.ok_or_else(|| JsError::new("the page has no body"))?;
    let on_answer = Callback::from({
        let (ports, language) = (ports.clone(), language.to_owned());
        move |(answer, _)| answered(&ports, &language, answer)
    });
    let props = SurfaceProps {
        ports,
        wanted,
        plain: Plain::of(language),
        on_close: Callback::from(|()| clear(false)),
        on_ready: Callback::noop(),
        on_answer: Some(on_answer),
    };
    let app = Renderer::<Surface>::with_root_and_props(root, props).render();
    if host.is_none() {
        DRAWN.with_borrow_mut(|drawn| drawn.push((app, outer, wanted == Wanted::Banner)));
    }
    Ok(())
}

/// One world for every surface, so that what one decides the others show.
fn world(language: &str) -> Shared<Ports> {
    thread_local! {
        static WORLD: RefCell<Option<Shared<Ports>>> = const { RefCell::new(None) };
    }
    WORLD.with_borrow_mut(|world| {
        let make = || {
            Shared::new(Ports::in_memory(
                Shared::new(sample::view(language)),
                js_sys::Date::now() as u64,
            ))
        };
        world.get_or_insert_with(make).clone()
    })
}

fn answered(ports: &Ports, language: &str, answer: Answer) {
    let press = match answer {
        Answer::GiveAll => Press::GiveAll,
        Answer::RefuseAll => Press::RefuseAll,
        Answer::Preferences => {
            // Cannot fail here: the name is right, and the banner stands in the body.
            let _ = develop(language, Section::Preferences.name(), None);
            return;
        }
    };
    let view = Shared::new(sample::view(language));
    let choices = State::new(view, Section::Preferences, Standing::default()).choices(press);
    ports.decide.emit(Decide {
        press,
        choices,
        in_view: true,
    });
    clear(true);
}

/// Takes the windows away, or the banner, after the event that led here has run its course.
fn clear(banner: bool) {
    spawn_local(async move {
        let (gone, stays) = DRAWN
            .take()
            .into_iter()
            .partition::<Vec<Drawn>, _>(|drawn| drawn.2 == banner);
        DRAWN.set(stays);
        for (app, outer, _) in gone {
            app.destroy();
            outer.remove();
        }
    });
}
