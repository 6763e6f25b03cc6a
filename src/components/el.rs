//! Elements made by a call instead of by `html!`, where there are many of a kind: what the macro writes out at every
//! place, these do once. Measured, they take a third off the module's drawing code.

use std::rc::Rc;

use yew::prelude::*;
use yew::virtual_dom::{VTag, VText};

use crate::link;

/// An element with a class (or none) around its children.
#[inline(never)]
pub fn el(tag: &'static str, class: &'static str, children: Vec<Html>) -> Html {
    let mut element = VTag::new(tag);
    if !class.is_empty() {
        element.add_attribute("class", class);
    }
    element.add_children(children);
    element.into()
}

/// A text.
#[inline(never)]
pub fn t(text: &str) -> Html {
    VText::new(text.to_owned()).into()
}

/// An element with a class (or none) around a text.
#[inline(never)]
pub fn text(tag: &'static str, class: &'static str, content: &str) -> Html {
    el(tag, class, vec![t(content)])
}

/// The same element with one more attribute. Not for one that `html!` wrote with literal attributes alone: Yew would drop
/// those.
#[inline(never)]
pub fn with(mut node: Html, key: &'static str, value: &str) -> Html {
    if let Html::VTag(element) = &mut node {
        Rc::make_mut(element).add_attribute(key, value.to_owned());
    }
    node
}

/// A checkbox that is ticked or not. Yew writes this property where it changes, and nowhere else; what `html!` makes of
/// `checked` it writes at every drawing, and one that comes between a click and its telling would take the click back.
pub fn ticked(mut node: Html, on: bool) -> Html {
    if let Html::VTag(element) = &mut node {
        let element = Rc::make_mut(element);
        // Natively there are no properties, and nobody clicks.
        #[cfg(target_arch = "wasm32")]
        element.add_property("checked", on);
        #[cfg(not(target_arch = "wasm32"))]
        element.set_checked(on);
    }
    node
}

/// The same element, told apart from others in its place.
pub fn keyed(mut node: Html, key: &'static str) -> Html {
    if let Html::VTag(element) = &mut node {
        Rc::make_mut(element).key = Some(key.into());
    }
    node
}

/// A button.
#[inline(never)]
pub fn button(class: &'static str, label: &str, onclick: Callback<MouseEvent>) -> Html {
    html! { <button type="button" {class} {onclick}>{ t(label) }</button> }
}

/// A link, or the bare text where the address may not be one.
#[inline(never)]
pub fn link(href: &str, label: &str) -> Html {
    match link::safe(href) {
        Some(href) => with(text("a", "", label), "href", href),
        None => t(label),
    }
}

/// A link that leaves the site, or the bare text where the address may not be one.
#[inline(never)]
pub fn away(href: &str, label: &str) -> Html {
    with(
        with(link(href, label), "target", "_blank"),
        "rel",
        "noopener noreferrer",
    )
}

/// A blank and a link, or nothing where there is no address.
#[inline(never)]
pub fn and_link(href: &str, label: &str) -> Html {
    if link::safe(href).is_none() {
        return Html::default();
    }
    fragment(vec![t(" "), link(href, label)])
}

/// Nodes without an element around them.
#[inline(never)]
pub fn fragment(children: Vec<Html>) -> Html {
    children.into_iter().collect()
}

/// `name value`, as a row of a description list.
#[inline(never)]
pub fn fact(name: &str, value: Html) -> Html {
    el(
        "div",
        "",
        vec![text("dt", "", name), el("dd", "", vec![value])],
    )
}
