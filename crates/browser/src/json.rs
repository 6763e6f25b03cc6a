//! The one JSON codec of this crate, chosen by measured size; what is signed is written by `sayso-core` alone.

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(not(all(target_arch = "wasm32", feature = "swb")))]
mod sys {
    use super::{DeserializeOwned, Serialize};

    pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn write<T: Serialize>(value: &T) -> Option<String> {
        serde_json::to_string(value).ok()
    }
}
#[cfg(all(target_arch = "wasm32", feature = "swb"))]
mod sys {
    use super::{DeserializeOwned, Serialize};

    pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
        serde_wasm_bindgen::from_value(js_sys::JSON::parse(text).ok()?).ok()
    }

    pub(super) fn write<T: Serialize>(value: &T) -> Option<String> {
        let value = value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).ok()?;
        js_sys::JSON::stringify(&value).ok().map(String::from)
    }
}

/// Reads JSON of our own making or of the server's; whatever is not of the shape is `None`.
pub fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    sys::parse(text)
}

/// Writes JSON. Our shapes hold strings, numbers and lists of them, which cannot fail; an empty text would mean they had.
pub fn write<T: Serialize>(value: &T) -> String {
    sys::write(value).unwrap_or_default()
}
