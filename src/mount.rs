//! Where the app meets the page: `mount(port, surface, host?)`, as the gate calls it.

mod banner;
pub(crate) mod shadow;
mod sheet;

use std::cell::RefCell;

use sayso_browser::web::Port;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::platform::spawn_local;
use yew::{AppHandle, Callback, Renderer};

use crate::pages::centre::Place;
use crate::pages::surface::{Surface, SurfaceProps, Wanted};
use crate::plain::Plain;
use crate::ports::{Ports, Settings, settings};
use crate::shared::Shared;
use crate::state::Section;

struct Window {
    app: AppHandle<Surface>,
    host: Element,
    surface: &'static str,
}

thread_local! {
    /// The one window; a second request shows another section in it.
    static WINDOW: RefCell<Option<Window>> = const { RefCell::new(None) };
}

/// Draws a surface: `banner`, `preferences`, `newsletter`, `marketing` or `history`; in `host`, or in a window over the
/// page.
///
/// # Errors
/// Where the name is none of these, the configuration cannot be read, or the page has no body yet: then nothing is drawn,
/// and the caller leads the visitor to the page of the same name.
#[wasm_bindgen]
pub fn mount(port: Port, surface: &str, host: Option<Element>) -> Result<(), JsError> {
    let config = settings(&port.config())
        .ok_or_else(|| JsError::new("the gate's configuration cannot be read"))?;
    if surface == Wanted::Banner.name() {
        return banner::mount(port, &config).ok_or_else(no_page);
    }
    let section = Section::parse(surface).ok_or_else(|| {
        JsError::new("a surface is one of: banner, preferences, newsletter, marketing, history")
    })?;
    match host {
        Some(host) => in_place(port, &config, section, &host),
        None => window(port, &config, section),
    }
    .ok_or_else(no_page)
}

fn no_page() -> JsError {
    JsError::new("the page cannot take a surface here")
}

/// Draws a section in an element of the page, in the place of what stood there for visitors without JavaScript.
fn in_place(port: Port, config: &Settings, section: Section, host: &Element) -> Option<()> {
    if shadow::is_taken(host) {
        return Some(());
    }
    let root = shadow::inside(host)?;
    let props = props(
        port,
        config,
        Wanted::Centre(section, Place::of(section)),
        Callback::noop(),
    );
    Renderer::<Surface>::with_root_and_props(root, props).render();
    Some(())
}

/// Opens the window at a section, or brings that section to the front if it is open.
fn window(port: Port, config: &Settings, section: Section) -> Option<()> {
    let wanted = Wanted::Centre(section, Place::Dialog);
    let on_close = Callback::from({
        let port = port.clone();
        move |()| close(port.clone())
    });
    let props = props(port, config, wanted, on_close);
    WINDOW.with_borrow_mut(|open| {
        if let Some(window) = open {
            window.app.update(props);
            window.surface = section.name();
            return Some(());
        }
        let (host, root) = shadow::at_end()?;
        let app = Renderer::<Surface>::with_root_and_props(root, props).render();
        *open = Some(Window {
            app,
            host,
            surface: section.name(),
        });
        Some(())
    })
}

/// After the event that closed it has run its course: what is drawn is not taken away under its own feet.
fn close(port: Port) {
    spawn_local(async move {
        if let Some(Window { app, host, surface }) = WINDOW.take() {
            app.destroy();
            host.remove();
            port.close(surface);
        }
    });
}

fn props(port: Port, config: &Settings, wanted: Wanted, on_close: Callback<()>) -> SurfaceProps {
    let plain = Plain::of(&config.language);
    SurfaceProps {
        ports: Shared::new(Ports::gate(port, config)),
        wanted,
        plain,
        on_close,
        on_ready: Callback::noop(),
        on_answer: None,
    }
}
