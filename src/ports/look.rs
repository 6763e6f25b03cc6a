//! What the visitor can see.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, ShadowRoot};

/// Whether every button inside `answers` is in view, with nothing in front of it.
pub(crate) fn in_view(answers: &Element) -> bool {
    let buttons = answers.children();
    let all = (0..buttons.length())
        .filter_map(|at| buttons.item(at))
        .all(|button| is_on_top(&button));
    buttons.length() > 0 && all
}

fn is_on_top(button: &Element) -> bool {
    let rect = button.get_bounding_client_rect();
    let (x, y) = (
        rect.x() + rect.width() / 2.0,
        rect.y() + rect.height() / 2.0,
    );
    let (x, y) = (x as f32, y as f32);
    let root = button.get_root_node();
    let top = match root.dyn_ref::<ShadowRoot>() {
        Some(tree) => tree.element_from_point(x, y),
        None => root
            .dyn_ref::<Document>()
            .and_then(|page| page.element_from_point(x, y)),
    };
    top.is_some_and(|top| button.contains(Some(&top)))
}
