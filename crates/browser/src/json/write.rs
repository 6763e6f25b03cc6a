//! Writing: objects member by member, lists item by item.

use std::fmt::Write as _;

use sayso_core::json::push_text;

/// Writes an object, member by member.
#[derive(Debug, Default)]
pub struct Object(String);

impl Object {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.name(name);
        push_text(&mut self.0, text);
        self
    }

    /// Adds a text unless it is empty.
    pub fn text_if(&mut self, name: &str, text: &str) -> &mut Self {
        if text.is_empty() {
            self
        } else {
            self.text(name, text)
        }
    }

    /// Adds a number.
    pub fn number(&mut self, name: &str, number: u64) -> &mut Self {
        self.name(name);
        push_number(&mut self.0, number);
        self
    }

    /// Adds a flag if it is set.
    pub fn flag_if(&mut self, name: &str, flag: bool) -> &mut Self {
        if flag { self.raw(name, "true") } else { self }
    }

    /// Adds what is JSON already.
    pub fn raw(&mut self, name: &str, json: &str) -> &mut Self {
        self.name(name);
        self.0.push_str(json);
        self
    }

    /// Adds a list of texts unless it is empty.
    pub fn texts_if(&mut self, name: &str, texts: &[String]) -> &mut Self {
        if texts.is_empty() {
            self
        } else {
            self.raw(name, &list(texts, |t| text(t)))
        }
    }

    /// What was written so far, to be gone on with by [`Object::more`].
    pub fn open(&mut self) -> String {
        std::mem::take(&mut self.0)
    }

    /// Goes on with an object that was left open.
    pub fn more(open: &str) -> Self {
        Self(open.to_owned())
    }

    /// The whole object.
    pub fn end(&mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "{}" } else { "}" });
        self.open()
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        push_text(&mut self.0, name);
        self.0.push(':');
    }
}

/// Writes a list of what `write` makes of each item.
pub fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    let mut out = String::from("[");
    for item in items {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&write(item));
    }
    out.push(']');
    out
}

/// Writes a text, quoted.
pub fn text(text: &str) -> String {
    let mut out = String::new();
    push_text(&mut out, text);
    out
}

pub(super) fn push_number(out: &mut String, number: u64) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}
