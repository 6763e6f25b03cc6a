//! The style sheets, as text: one for the first layer, one for everything else. The build has squeezed them.

/// The first layer's sheet, scoped to `#sayso` so that it survives the page's own rules.
pub const FIRST_LAYER: &str = include_str!(concat!(env!("OUT_DIR"), "/first_layer.css"));

/// The sheet of all other surfaces: adopted by their shadow root, linked by the served pages.
pub const APP: &str = include_str!(concat!(env!("OUT_DIR"), "/app.css"));

/// What the served pages need beside [`APP`].
#[cfg(not(target_arch = "wasm32"))]
pub const PAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/page.css"));
