//! A decision as it is handed over: by the gate, which wrote it, or by a form of the app. Read just far enough to be
//! remembered, signed and sent; the words in it are core's, and the server reads them strictly.

use sayso_core::crypto::EcJwk;
use sayso_core::receipt::Draft;

use crate::json::{self, Object, Value};
use crate::local::Event;
use crate::signing::{Mark, Site};

/// A decision that is not settled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its id.
    pub id: String,
    /// When it was made, milliseconds since 1970.
    pub time: u64,
    /// What was answered, in the cookie's grammar.
    pub choices: String,
    /// The gate already delivered it unsigned.
    pub delivered: bool,
    value: Value,
}

impl Pending {
    /// Reads a decision; `None` without an id.
    pub fn read(value: &Value) -> Option<Self> {
        let pending = Self {
            id: value.text("id").into(),
            time: value.number("time"),
            choices: value.text("choices").into(),
            delivered: value.flag("delivered"),
            value: value.clone(),
        };
        (!pending.id.is_empty()).then_some(pending)
    }

    /// Reads the gate's list, oldest first; one that cannot be read does not stand in the others' way.
    pub fn list(text: &str) -> Vec<Self> {
        let value = json::parse(text).unwrap_or(Value::Null);
        let mut list: Vec<Self> = value.items().iter().filter_map(Self::read).collect();
        // A handful of them: the plainest sort is the smallest.
        for end in (1..list.len()).rev() {
            for at in 0..end {
                if list[at].time > list[at + 1].time {
                    list.swap(at, at + 1);
                }
            }
        }
        list
    }

    /// What the history says of it; `about` is the address it is about, or empty.
    pub fn event(&self, about: &str) -> Event {
        Event {
            decision: self.id.clone(),
            time: self.time,
            surface: self.value.text("surface").into(),
            action: self.value.text("action").into(),
            choices: self.choices.clone(),
            about: about.to_owned(),
        }
    }

    /// The signing input of its receipt, to be signed by the key `jwk`; `None` if it answers what the site does not ask.
    pub fn signing_input(&self, site: &Site, mark: &Mark, jwk: &EcJwk) -> Option<String> {
        let text = |name| self.value.text(name);
        let signals: Vec<&str> = self
            .value
            .get("signals")
            .items()
            .iter()
            .filter_map(Value::as_text)
            .collect();
        let draft = Draft {
            id: &mark.id,
            decision: &self.id,
            site: &site.id,
            prev: &mark.prev,
            time: self.time,
            surface: text("surface"),
            action: text("action"),
            language: text("language"),
            jurisdiction: text("jurisdiction"),
            model: text("model"),
            controller: text("controller"),
            notice: text("notice"),
            layer: text("layer"),
            in_view: self.value.flag("inView"),
            signals: &signals,
            about: &mark.about,
            choices: &self.choices,
        };
        draft.signing_input(jwk, |id| site.basis(id))
    }

    /// What the server is told where nothing can be signed (`sayso_core::wire::UnsignedDecision`); it knows the rest from
    /// the layer.
    pub fn unsigned(&self) -> String {
        let mut object = Object::new();
        object
            .text("id", &self.id)
            .number("time", self.time)
            .text("surface", self.value.text("surface"))
            .text("action", self.value.text("action"))
            .text("layer", self.value.text("layer"))
            .raw(
                "inView",
                if self.value.flag("inView") {
                    "true"
                } else {
                    "false"
                },
            );
        let signals = self.value.get("signals");
        if !signals.items().is_empty() {
            object.raw("signals", &signals.write());
        }
        object.text("choices", &self.choices).end()
    }
}
