//! The style sheets, as text: one for the first layer, one for everything else.

/// The first layer's sheet, scoped to `#sayso` so that it survives the page's own rules.
pub const FIRST_LAYER: &str = include_str!("style/first_layer.css");

/// The sheet of all other surfaces: adopted by their shadow root, linked by the served pages.
pub const APP: &str = concat!(
    include_str!("style/tokens.css"),
    include_str!("style/base.css"),
    include_str!("style/dialog.css"),
    include_str!("style/centre.css"),
    include_str!("style/form.css"),
    include_str!("style/history.css"),
);

/// What the served pages need beside [`APP`].
#[cfg(not(target_arch = "wasm32"))]
pub const PAGE: &str = include_str!("style/page.css");
