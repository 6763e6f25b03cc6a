//! The style sheets, as text: one for the first layer, one for everything else.

/// The first layer's sheet, scoped to `#sayso` so that it survives the page's own rules.
pub const FIRST_LAYER: &str = include_str!("style/first_layer.css");
