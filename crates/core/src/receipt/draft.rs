//! A receipt's payload written straight to its bytes, for the browser, whose module counts every one of its own.
//!
//! Always the bytes that [`Payload::to_bytes`](super::Payload::to_bytes) gives for the same decision: a property test
//! holds the two together.

use std::fmt::Write as _;

use crate::cookie::{Letter, parts};
use crate::crypto::EcJwk;
use crate::json::push_text;

/// What a payload takes, in the words that stand in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Draft<'a> {
    /// The receipt's id, UUIDv7.
    pub id: &'a str,
    /// The decision's id, UUIDv7.
    pub decision: &'a str,
    /// The site's id.
    pub site: &'a str,
    /// Hash of this key's receipt before; empty if there is none.
    pub prev: &'a str,
    /// The visitor's clock, milliseconds since 1970.
    pub time: u64,
    /// Where the decision was made.
    pub surface: &'a str,
    /// What was done.
    pub action: &'a str,
    /// BCP 47 tag of the language shown.
    pub language: &'a str,
    /// Whose rules applied.
    pub jurisdiction: &'a str,
    /// The consent model there.
    pub model: &'a str,
    /// The controller's id.
    pub controller: &'a str,
    /// Digest of the notice.
    pub notice: &'a str,
    /// Digest of the layer as it was sent.
    pub layer: &'a str,
    /// Whether both answers were in view and unobstructed.
    pub in_view: bool,
    /// Signals seen.
    pub signals: &'a [&'a str],
    /// For a decision about an address: the address under its salt; else empty.
    pub about: &'a str,
    /// The purposes answered, in the cookie's grammar, sorted.
    pub choices: &'a str,
}

impl Draft<'_> {
    /// The signing input of the receipt that the key `jwk` signs: hand it and the signature to
    /// [`Compact::assemble`](crate::jws::Compact::assemble). `basis` names the legal basis of a purpose; `None` if it
    /// lacks one or the choices do not follow the grammar.
    pub fn signing_input<'b>(
        &self,
        jwk: &EcJwk,
        basis: impl Fn(&str) -> Option<&'b str>,
    ) -> Option<String> {
        let subject = jwk.thumbprint().to_string();
        let payload = self.payload(&subject, basis)?;
        Some(super::signing_input_of(jwk, payload.as_bytes()))
    }

    fn payload<'b>(
        &self,
        subject: &str,
        basis: impl Fn(&str) -> Option<&'b str>,
    ) -> Option<String> {
        let mut out = String::from("{\"v\":1");
        member(&mut out, "id", self.id);
        member(&mut out, "decision", self.decision);
        member(&mut out, "site", self.site);
        member(&mut out, "subject", subject);
        if !self.prev.is_empty() {
            member(&mut out, "prev", self.prev);
        }
        number(&mut out, ",\"time\":", self.time);
        for (name, text) in [
            ("surface", self.surface),
            ("action", self.action),
            ("language", self.language),
            ("jurisdiction", self.jurisdiction),
            ("model", self.model),
            ("controller", self.controller),
            ("notice", self.notice),
            ("layer", self.layer),
        ] {
            member(&mut out, name, text);
        }
        out.push_str(",\"in_view\":");
        out.push_str(if self.in_view { "true" } else { "false" });
        out.push_str(",\"signals\":[");
        for (at, signal) in self.signals.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { "," });
            push_text(&mut out, signal);
        }
        out.push(']');
        if !self.about.is_empty() {
            member(&mut out, "about", self.about);
        }
        let mut before = ",\"purposes\":[{\"id\":";
        for part in parts(self.choices) {
            let part = part.ok()?;
            out.push_str(before);
            before = ",{\"id\":";
            push_text(&mut out, part.id);
            number(&mut out, ",\"revision\":", part.revision.into());
            member(&mut out, "status", self.status(part.letter));
            member(&mut out, "basis", basis(part.id)?);
            if let Some(day) = part.day {
                number(&mut out, ",\"lapses\":", day.into());
            }
            let mut open = ",\"services\":{";
            for (id, on) in part.services() {
                out.push_str(open);
                open = ",";
                push_text(&mut out, id);
                out.push_str(if on { ":true" } else { ":false" });
            }
            out.push_str(if open == "," { "}}" } else { "}" });
        }
        out.push_str("]}");
        Some(out)
    }

    /// A yes for an address is only ever requested: it counts once the mailed link is used.
    fn status(&self, letter: Letter) -> &'static str {
        match letter {
            Letter::Given if !self.about.is_empty() => "Requested",
            Letter::Given => "Given",
            Letter::Refused => "Refused",
            Letter::Withdrawn => "Withdrawn",
            Letter::Objected | Letter::Signalled => "Objected",
            Letter::Deferred => "Deferred",
            Letter::NotNeeded => "Acknowledged",
        }
    }
}

fn member(out: &mut String, name: &str, text: &str) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    push_text(out, text);
}

fn number(out: &mut String, name: &str, number: u64) {
    out.push_str(name);
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}
