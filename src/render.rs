//! Rendering on the server: the same components as text, escaped by Yew.

use std::rc::Rc;

use futures::executor::block_on;
use sayso_core::view::View;
use yew::LocalServerRenderer;
use yew::html::BaseComponent;

use crate::components::banner::{Banner, BannerProps};

/// The first layer of a site in one language: what the gate makes when a visitor has not answered yet.
pub fn first_layer_html(view: &View) -> String {
    component::<Banner>(BannerProps {
        view: Rc::new(view.clone()),
        on_answer: None,
    })
}

/// A component as HTML. Nothing here waits: effects do not run on the server and no component suspends.
fn component<C: BaseComponent>(props: C::Properties) -> String {
    block_on(
        LocalServerRenderer::<C>::with_props(props)
            .hydratable(false)
            .render(),
    )
}
