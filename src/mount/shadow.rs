//! A shadow tree of our own: the page's style sheets do not reach in, its custom properties do.

use std::cell::Cell;

use web_sys::{Document, Element, ShadowRootInit, ShadowRootMode};

use crate::style;

/// Marks what we put into the page.
const MARK: &str = "data-sayso-app";

/// The page.
#[expect(
    clippy::disallowed_methods,
    reason = "mounting is where the app meets the page"
)]
pub(crate) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Whether something of ours stands in the element already.
pub(crate) fn is_taken(host: &Element) -> bool {
    host.query_selector(&format!(":scope > [{MARK}]"))
        .ok()
        .flatten()
        .is_some()
}

/// A root inside an element, in the place of what stood there.
pub(crate) fn inside(host: &Element) -> Option<Element> {
    let outer = outer()?;
    host.set_text_content(None);
    host.append_child(&outer).ok()?;
    root(&outer)
}

/// A root at the end of the page; first what stands in the page, then the root in it.
pub(crate) fn at_end() -> Option<(Element, Element)> {
    let outer = outer()?;
    document()?.body()?.append_child(&outer).ok()?;
    let root = root(&outer)?;
    Some((outer, root))
}

/// A root at the beginning of the page, in the page's own tree and with a sheet of its own: robots, the site's rules and
/// screen readers must see the first layer. Twice the root, to be like [`at_end`].
pub(crate) fn first(css: &'static str) -> Option<(Element, Element)> {
    thread_local! {
        // However often the banner comes back, its sheet is adopted once.
        static STYLED: Cell<bool> = const { Cell::new(false) };
    }
    let document = document()?;
    if !STYLED.replace(true) {
        super::sheet::adopt(&document, css)?;
    }
    let root = document.create_element("div").ok()?;
    document.body()?.prepend_with_node_1(&root).ok()?;
    Some((root.clone(), root))
}

fn outer() -> Option<Element> {
    let outer = document()?.create_element("div").ok()?;
    outer.set_attribute(MARK, "").ok()?;
    Some(outer)
}

fn root(outer: &Element) -> Option<Element> {
    // Open, so that assistive tools and tests can look in.
    let tree = outer
        .attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))
        .ok()?;
    super::sheet::adopt(&tree, style::APP)?;
    let root = document()?.create_element("div").ok()?;
    tree.append_child(&root).ok()?;
    Some(root)
}
