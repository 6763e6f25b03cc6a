//! The banner drawn by the app itself: where a site says `first_layer = "app"`, and in the development shell.
//!
//! The same rules as in the gate: a yes counts only from a person and not before it could be read; a no from anyone.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use sayso_browser::web::Port;
use web_sys::{Element, MouseEvent};
use yew::platform::spawn_local;
use yew::{AppHandle, Callback, Renderer};

use super::shadow;
use crate::components::banner::{Answer, ROOT};
use crate::pages::surface::{Surface, SurfaceProps, Wanted};
use crate::plain::Plain;
use crate::ports::{Ports, Settings, Watch, asks, decide, in_view};
use crate::shared::Shared;
use crate::state::{Choices, Section};
use crate::style;

/// How long it must have been in view before a yes counts, in milliseconds.
const PATIENCE: f64 = 300.0;

struct Shown {
    app: AppHandle<Surface>,
    host: Element,
    /// Ends the watching for answers given elsewhere.
    _watch: Watch,
}

thread_local! {
    static SHOWN: RefCell<Option<Shown>> = const { RefCell::new(None) };
}

/// Draws the banner first in the page, unless it stands there.
pub(super) fn mount(port: Port, config: &Settings) -> Option<()> {
    if SHOWN.with_borrow(Option::is_some) {
        return Some(());
    }
    let (host, root) = shadow::first(style::FIRST_LAYER)?;
    let config = Rc::new(config.clone());
    let ports = Shared::new(Ports::gate(port.clone(), &config));
    let watch = ports.watch.emit(Callback::from({
        let (port, config) = (port.clone(), config.clone());
        move |()| {
            if !asks(&port, &config) {
                hide();
            }
        }
    }));
    let shown = Rc::new(Cell::new(f64::INFINITY));
    let on_ready = Callback::from({
        let shown = shown.clone();
        move |()| shown.set(now())
    });
    let plain = Plain::of(&config.language);
    let on_answer = Callback::from({
        let host = host.clone();
        move |(answer, event): (Answer, MouseEvent)| {
            let deliberate = event.is_trusted() && event.time_stamp() - shown.get() >= PATIENCE;
            match answer {
                Answer::Preferences => {
                    // Nothing to mend where the page has no body: then no banner was pressed either.
                    let _ = super::window(port.clone(), &config, Section::Preferences);
                }
                Answer::GiveAll if !deliberate => {}
                Answer::GiveAll => take(&port, &config, &host, Answer::GiveAll, 'g'),
                // A no may come from a script: robots refuse for people.
                Answer::RefuseAll => take(&port, &config, &host, Answer::RefuseAll, 'r'),
            }
        }
    });
    let wanted = Wanted::Banner;
    let props = SurfaceProps {
        ports,
        wanted,
        plain,
        on_close: Callback::noop(),
        on_ready,
        on_answer: Some(on_answer),
    };
    let app = Renderer::<Surface>::with_root_and_props(root, props).render();
    SHOWN.set(Some(Shown {
        app,
        host,
        _watch: watch,
    }));
    Some(())
}

/// The same answer for every purpose; the gate does with it what it does with a click on its own first layer.
fn take(port: &Port, config: &Settings, host: &Element, answer: Answer, letter: char) {
    let choices = Choices {
        purposes: config
            .policy
            .purposes
            .iter()
            .map(|purpose| (purpose.id.as_str().to_owned(), letter))
            .collect(),
        services: Vec::new(),
    };
    let answers = host
        .query_selector(&format!("#{ROOT} > div"))
        .ok()
        .flatten();
    let in_view = answers.is_some_and(|answers| in_view(&answers));
    decide(
        port,
        Wanted::Banner.name(),
        answer.name(),
        &choices,
        in_view,
        None,
    );
    hide();
}

/// Takes the banner away, after the event that led here has run its course.
fn hide() {
    spawn_local(async {
        if let Some(Shown { app, host, .. }) = SHOWN.take() {
            app.destroy();
            host.remove();
        }
    });
}

/// The moment, on the clock that events carry.
#[expect(
    clippy::disallowed_methods,
    reason = "mounting is where the app meets the page"
)]
fn now() -> f64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0.0, |clock| clock.now())
}
