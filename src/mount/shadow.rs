//! A shadow tree of our own: the page's style sheets do not reach in, its custom properties do.

use web_sys::{Document, Element, ShadowRootInit, ShadowRootMode};

use crate::style;

/// Marks what we put into the page.
const MARK: &str = "data-sayso-app";

/// The page.
#[expect(
    clippy::disallowed_methods,
    reason = "mounting is where the app meets the page"
)]
pub(super) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Whether something of ours stands in the element already.
pub(super) fn is_taken(host: &Element) -> bool {
    host.query_selector(&format!(":scope > [{MARK}]"))
        .ok()
        .flatten()
        .is_some()
}

/// A root inside an element, in the place of what stood there.
pub(super) fn inside(host: &Element) -> Option<Element> {
    let outer = outer()?;
    host.set_text_content(None);
    host.append_child(&outer).ok()?;
    root(&outer)
}

/// A root at the end of the page; first what stands in the page, then the root in it.
pub(super) fn at_end() -> Option<(Element, Element)> {
    let outer = outer()?;
    document()?.body()?.append_child(&outer).ok()?;
    let root = root(&outer)?;
    Some((outer, root))
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
