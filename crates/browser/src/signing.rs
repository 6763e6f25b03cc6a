//! What signing takes beside the decision. The payload itself is written by `sayso_core::receipt`, and the key is elsewhere.

use crate::json;

/// What settling needs to know of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The site's id.
    pub id: String,
    /// The purposes that may be answered, each with its legal basis.
    pub purposes: Vec<(String, String)>,
}

/// What makes one receipt differ from another of the same decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The receipt's id, UUIDv7.
    pub id: String,
    /// The hash of this key's receipt before; empty if the key is not kept or never signed before.
    pub prev: String,
    /// For a decision about an address: the address under its salt; else empty.
    pub about: String,
}

impl Site {
    /// Reads the gate's configuration: the purposes of the device.
    pub fn read(config: &str) -> Self {
        let config = json::parse(config).unwrap_or(json::Value::Null);
        let purpose = |p: &json::Value| (p.text("id").to_owned(), p.text("basis").to_owned());
        let purposes = config.get("purposes").items().iter().map(purpose).collect();
        Self {
            id: config.text("site").to_owned(),
            purposes,
        }
    }

    /// The legal basis of a purpose.
    pub fn basis(&self, id: &str) -> Option<&str> {
        self.purposes
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, basis)| basis.as_str())
    }
}
