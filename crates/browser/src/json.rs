//! The one JSON codec of this crate: a small reader into a tree and a writer, both by hand, because that is what fits the
//! budget (the figures stand in the crate's documentation). What is signed is written by `sayso-core` alone.
//!
//! Our shapes hold texts, whole numbers, flags, lists and objects. Other numbers are read as [`Value::Null`].

mod read;
mod write;

use sayso_core::json::push_text;

pub use read::parse;
use write::push_number;
pub use write::{Object, list, text};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`, and numbers that are not whole or are negative.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(u64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object, in the order of its members.
    Object(Vec<(String, Value)>),
}

/// What is missing reads as this.
static NULL: Value = Value::Null;

impl Value {
    /// The member of this name, or null.
    pub fn get(&self, name: &str) -> &Value {
        let Self::Object(members) = self else {
            return &NULL;
        };
        members
            .iter()
            .find(|(n, _)| n == name)
            .map_or(&NULL, |(_, value)| value)
    }

    /// The member of this name as text, or an empty text.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_text().unwrap_or_default()
    }

    /// The member of this name as a number, or 0.
    pub fn number(&self, name: &str) -> u64 {
        match self.get(name) {
            Self::Number(number) => *number,
            _ => 0,
        }
    }

    /// Whether the member of this name is `true`.
    pub fn flag(&self, name: &str) -> bool {
        *self.get(name) == Self::Flag(true)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The members, if it is an object.
    pub fn members(&self) -> &[(String, Value)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// Writes it.
    pub fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => push_number(out, *number),
            Self::Text(text) => push_text(out, text),
            Self::List(items) => {
                let mut before = '[';
                for item in items {
                    out.push(before);
                    item.write_to(out);
                    before = ',';
                }
                out.push_str(if before == '[' { "[]" } else { "]" });
            }
            Self::Object(members) => {
                let mut before = '{';
                for (name, value) in members {
                    out.push(before);
                    push_text(out, name);
                    out.push(':');
                    value.write_to(out);
                    before = ',';
                }
                out.push_str(if before == '{' { "{}" } else { "}" });
            }
        }
    }
}

/// What is kept under a key of its own.
pub trait Stored: Default {
    /// Reads it; whatever is missing or not of the shape is the default.
    fn read(value: &Value) -> Self;

    /// Writes it as JSON.
    fn write(&self) -> String;
}
