//! What the gate (`sayso.js`) is told: the site's policy in short form, and where the rest lies.
//!
//! The JSON of [`GateConfig`] is put into `sayso.js` by the build and handed on to the wasm modules as it stands.

use crate::map::Map;

use serde::{Deserialize, Serialize};

use crate::policy::{Days, Model, Policy, Purpose};

/// The version of the shape.
pub const VERSION: u32 = 1;

/// The gate's configuration: one site, one language, one jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GateConfig {
    /// Always [`VERSION`].
    pub v: u32,
    /// The site's id.
    pub site: String,
    /// The base path, such as `/sayso`; the gate prefers the address it was itself loaded from.
    pub base: String,
    /// BCP 47 tag of the first layer's language.
    pub language: String,
    /// Whose rules apply.
    pub jurisdiction: String,
    /// The consent model there.
    pub model: Model,
    /// The controller's id.
    pub controller: String,
    /// Digest of the notice.
    pub notice: String,
    /// Digest of the first layer as sent.
    pub layer: String,
    /// The cookie's `Domain`, only where the site asks for subdomains.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub domain: String,
    /// How long answers hold.
    pub days: Days,
    /// `ready`: the gate draws the first layer; `app`: the Yew app does.
    pub first_layer: FirstLayer,
    /// The `device` purposes.
    pub purposes: Vec<Purpose>,
    /// Words of the placeholders: `wait`, `once`, `always`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub texts: Map<String, String>,
    /// Where the modules lie, relative to the base address.
    pub files: Files,
}

/// Who draws the first layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FirstLayer {
    /// The gate, from the component rendered beforehand.
    #[default]
    Ready,
    /// The Yew app, from its own wasm.
    App,
}

/// Content-hashed names of what the gate loads when it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Files {
    /// The settling module's glue.
    pub settle: String,
    /// The settling module.
    pub settle_wasm: String,
    /// The app's glue.
    pub app: String,
    /// The app.
    pub app_wasm: String,
    /// The [`crate::view::View`] the app draws.
    pub view: String,
}

impl GateConfig {
    /// The policy in it, for [`crate::prompt::evaluate`].
    pub fn policy(&self) -> Policy {
        Policy {
            model: self.model,
            days: self.days,
            purposes: self.purposes.clone(),
        }
    }
}
