//! Rendering on the server: the same components as text, escaped by Yew.

use futures::executor::block_on;
use sayso_core::view::View;
use yew::LocalServerRenderer;
use yew::html::BaseComponent;
use yew::prelude::*;

use crate::components::banner::banner;
use crate::link;
use crate::pages::centre::{Frame, Place, centre};
use crate::pages::checking::{Checker, Checking};
use crate::pages::served::{Page, Served};
use crate::ports::Ports;
use crate::shared::Shared;
use crate::state::{Section, State};

/// The first layer of a site in one language: what the gate makes when a visitor has not answered yet.
pub fn first_layer_html(view: &View) -> String {
    component::<First>(FirstProps {
        view: Shared::new(view.clone()),
    })
}

#[derive(Clone, PartialEq, Properties)]
struct FirstProps {
    view: Shared<View>,
}

#[component]
fn First(props: &FirstProps) -> Html {
    banner(&props.view, None)
}

/// A section as it is first drawn, with what these ports say is in force: for looking at and for tests.
pub fn centre_html(ports: Ports, view: Shared<View>, section: Section, place: Place) -> String {
    component::<Centre>(CentreProps {
        ports: Shared::new(ports),
        view,
        section,
        place,
    })
}

#[derive(Clone, PartialEq, Properties)]
struct CentreProps {
    ports: Shared<Ports>,
    view: Shared<View>,
    section: Section,
    place: Place,
}

#[component]
fn Centre(props: &CentreProps) -> Html {
    let state = State::new(
        props.view.clone(),
        props.section,
        props.ports.standing.emit(()),
    );
    let frame = Frame {
        place: props.place,
        window: NodeRef::default(),
        answers: NodeRef::default(),
        on_close: Callback::noop(),
    };
    centre(&state, &frame, &props.ports.date, &Callback::noop())
}

/// What a page links to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The style sheet: [`crate::style::APP`] and [`crate::style::PAGE`], served under one address.
    pub style: String,
    /// The gate, on pages that mount the app; empty for none.
    pub script: String,
    /// The site's own start page.
    pub home: String,
}

/// A whole page of the server.
pub fn page_html(view: &View, page: &Page, linked: &Linked) -> String {
    let props = DocumentProps {
        view: Shared::new(view.clone()),
        page: page.clone(),
        linked: linked.clone(),
    };
    format!("<!doctype html>{}", component::<Document>(props))
}

#[derive(Clone, PartialEq, Properties)]
struct DocumentProps {
    view: Shared<View>,
    page: Page,
    linked: Linked,
}

#[component]
fn Document(props: &DocumentProps) -> Html {
    let DocumentProps { view, page, linked } = props;
    let tall = matches!(page, Page::Preferences).then_some("tall");
    let script = link::safe(&linked.script)
        .map(|src| html! { <script src={src.to_owned()} async=true></script> });
    let head = html! {
        <>
            if let Some(href) = link::safe(&linked.style) { <link rel="stylesheet" href={href.to_owned()} /> }
            { script.unwrap_or_default() }
        </>
    };
    let body =
        html! { <Served view={view.clone()} page={page.clone()} home={linked.home.clone()} /> };
    document(
        view,
        view.text(page.title()),
        classes!("sayso", tall),
        head,
        body,
    )
}

fn document(view: &View, title: &str, class: Classes, head: Html, body: Html) -> Html {
    html! {
        <html lang={view.language.clone()} dir={view.direction.clone()}>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="robots" content="noindex" />
                <title>{ format!("{title} · {}", view.name) }</title>
                { head }
            </head>
            <body {class}>{ body }</body>
        </html>
    }
}

/// The page that checks receipts. `style` is the address of the same sheet that [`Linked`] names.
pub fn checking_html(view: &View, checker: &Checker, style: &str) -> String {
    let props = CheckerProps {
        view: Shared::new(view.clone()),
        checker: checker.clone(),
        style: style.to_owned(),
    };
    format!("<!doctype html>{}", component::<CheckerDocument>(props))
}

#[derive(Clone, PartialEq, Properties)]
struct CheckerProps {
    view: Shared<View>,
    checker: Checker,
    style: String,
}

#[component]
fn CheckerDocument(props: &CheckerProps) -> Html {
    let CheckerProps {
        view,
        checker,
        style,
    } = props;
    let head = html! {
        <>
            if let Some(href) = link::safe(style) { <link rel="stylesheet" href={href.to_owned()} /> }
            if let Some(src) = link::safe(&checker.page) { <script src={src.to_owned()} type="module"></script> }
        </>
    };
    let body = html! { <Checking view={view.clone()} checker={checker.clone()} home="/" /> };
    document(
        view,
        view.text("verify-title"),
        classes!("sayso", "tall"),
        head,
        body,
    )
}

/// A component as HTML. Nothing here waits: effects do not run on the server and no component suspends.
pub fn component<C: BaseComponent>(props: C::Properties) -> String {
    block_on(
        LocalServerRenderer::<C>::with_props(props)
            .hydratable(false)
            .render(),
    )
}
