//! Reading JSON that was signed or sent by a stranger: no member twice, no unknown member, no null, bounded size and depth.
//!
//! Ordinary readers keep the last of two members of one name, so two programs can see two different receipts in the same
//! signed bytes. Here that is an error of its own.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
};

/// Deepest nesting accepted.
pub const MAX_DEPTH: usize = 8;

/// Why a text is not acceptable JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than the caller allows.
    #[error("the text is {length} bytes long, more than the {limit} allowed")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A member occurs twice in one object.
    #[error("the member {0:?} occurs twice in one object")]
    Duplicate(String),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the text is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A null somewhere: a second way to leave something out.
    #[error("the text holds a null, and what is absent is left out")]
    Null,
    /// Not JSON, or not the shape expected.
    #[error("{0}")]
    Shape(String),
}

/// Reads a value of a fixed shape. Give `T` `deny_unknown_fields`.
pub fn read<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, JsonError> {
    if bytes.len() > limit {
        return Err(JsonError::TooLong {
            length: bytes.len(),
            limit,
        });
    }
    let mut fault = None;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let scanned = Scan {
        depth: 0,
        fault: &mut fault,
    }
    .deserialize(&mut deserializer)
    .and_then(|()| deserializer.end());
    if let Some(fault) = fault {
        return Err(fault);
    }
    scanned.map_err(shape)?;
    serde_json::from_slice(bytes).map_err(shape)
}

fn shape(error: serde_json::Error) -> JsonError {
    JsonError::Shape(error.to_string())
}

/// Walks a whole value and notes the first fault.
struct Scan<'a> {
    depth: usize,
    fault: &'a mut Option<JsonError>,
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth > MAX_DEPTH {
            *self.fault = Some(JsonError::TooDeep);
            return Err(serde::de::Error::custom("too deep"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        *self.fault = Some(JsonError::Null);
        Err(E::custom("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq
            .next_element_seed(Scan {
                depth: self.depth + 1,
                fault: self.fault,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        while let Some(Name(name)) = map.next_key()? {
            if let Some(twice) = seen.put(name) {
                *self.fault = Some(JsonError::Duplicate(twice.into_owned()));
                return Err(serde::de::Error::custom("duplicate member"));
            }
            map.next_value_seed(Scan {
                depth: self.depth + 1,
                fault: self.fault,
            })?;
        }
        Ok(())
    }
}

/// A member's name, as it stands in the text where nothing in it is escaped.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// The names seen in an object: a few are found fastest by looking at each, and many must not take the square of their
/// number.
#[derive(Default)]
struct Seen<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Seen<'de> {
    /// As many as the largest object of ours has, and some more.
    const FEW: usize = 32;

    /// Notes a name; gives it back if it was there.
    fn put(&mut self, name: Cow<'de, str>) -> Option<Cow<'de, str>> {
        if self.few.contains(&name) || self.many.contains(&name) {
            return Some(name);
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
        } else {
            self.many.insert(name);
        }
        None
    }
}

/// Writes a text as JSON, quoted.
pub fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\x1f' => {
                let hex = |digit: usize| char::from(b"0123456789abcdef"[digit & 15]);
                out.push_str("\\u00");
                out.push(hex(c as usize >> 4));
                out.push(hex(c as usize));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}
