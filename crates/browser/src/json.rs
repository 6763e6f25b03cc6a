//! The one JSON codec of this crate: a small reader into a tree and a writer, both by hand, because that is what fits the
//! budget (the figures stand in the crate's documentation). What is signed is written by `sayso-core` alone.
//!
//! Our shapes hold texts, whole numbers, flags, lists and objects. Other numbers are read as [`Value::Null`].

use std::fmt::Write as _;

use sayso_core::json::push_text;

/// Deepest nesting read.
const MAX_DEPTH: u32 = 16;

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

/// Reads JSON; whatever is not JSON is `None`.
pub fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(MAX_DEPTH)?;
    reader.space();
    (reader.at == text.len()).then_some(value)
}

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

fn push_number(out: &mut String, number: u64) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{number}");
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.space();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => Some(self.number()),
            _ => {
                let rest = self.text.get(self.at..)?;
                let words = [
                    ("null", Value::Null),
                    ("true", Value::Flag(true)),
                    ("false", Value::Flag(false)),
                ];
                let (word, value) = words.into_iter().find(|(word, _)| rest.starts_with(word))?;
                self.at += word.len();
                Some(value)
            }
        }
    }

    fn object(&mut self, depth: u32) -> Option<Value> {
        let mut members = Vec::new();
        self.at += 1;
        if self.take(b'}') {
            return Some(Value::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            if !self.take(b':') {
                return None;
            }
            members.push((name, self.value(depth)?));
            if self.take(b'}') {
                return Some(Value::Object(members));
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    fn list(&mut self, depth: u32) -> Option<Value> {
        let mut items = Vec::new();
        self.at += 1;
        if self.take(b']') {
            return Some(Value::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(b']') {
                return Some(Value::List(items));
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    fn number(&mut self) -> Value {
        let start = self.at;
        while matches!(
            self.peek(),
            Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
        ) {
            self.at += 1;
        }
        self.text
            .get(start..self.at)
            .and_then(|t| t.parse().ok())
            .map_or(Value::Null, Value::Number)
    }

    fn string(&mut self) -> Option<String> {
        if self.peek() != Some(b'"') {
            return None;
        }
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek()?, b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            out.push_str(self.text.get(start..self.at)?);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let letter = *self.text.as_bytes().get(self.at + 1)?;
        self.at += 2;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if (0xd800..0xdc00).contains(&first)
                    && self.text.get(self.at..self.at + 2) == Some("\\u")
                {
                    self.at += 2;
                    let second = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)?
                } else {
                    char::from_u32(first)?
                }
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16)
            .ok()
            .filter(|_| !digits.starts_with('+'))
    }

    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}
