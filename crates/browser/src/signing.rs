//! What signing takes beside the decision. The payload itself is written by `sayso_core::receipt`, and the key is elsewhere.

use sayso_core::crypto::EcJwk;
use sayso_core::erasure::{ALG, TYP};
use sayso_core::jws;

use crate::json::{self, Object};

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

/// The signing input of a request to erase the receipts of the key `jwk`; what [`sayso_core::erasure`] writes, with what
/// this module has for writing anyway.
pub fn erasure_input(site: &str, id: &str, time: u64, jwk: &EcJwk) -> String {
    let key = Object::new()
        .text("kty", &jwk.kty)
        .text("crv", &jwk.crv)
        .text("x", &jwk.x)
        .text("y", &jwk.y)
        .end();
    let header = Object::new()
        .text("typ", TYP)
        .text("alg", ALG)
        .raw("jwk", &key)
        .end();
    let payload = Object::new()
        .number("v", 1)
        .text("id", id)
        .text("site", site)
        .text("subject", &jwk.thumbprint().to_string())
        .number("time", time)
        .end();
    jws::signing_input(header.as_bytes(), payload.as_bytes())
}
