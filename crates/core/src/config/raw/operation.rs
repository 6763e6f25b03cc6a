//! What concerns the running of a service: log, keeping, limits.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Log {
    #[serde(default)]
    pub(in crate::config) witnesses: Vec<Spanned<Witness>>,
    pub(in crate::config) quorum: Option<Spanned<u32>>,
    pub(in crate::config) interval: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Witness {
    pub(in crate::config) url: Spanned<String>,
    pub(in crate::config) key: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Keep {
    pub(in crate::config) signed_days: Option<Spanned<Bound>>,
    pub(in crate::config) witnessed_days: Option<Spanned<Bound>>,
    pub(in crate::config) address_days: Option<Spanned<Bound>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Limits {
    pub(in crate::config) per_network: Option<Spanned<Bound>>,
    pub(in crate::config) burst: Option<Spanned<u32>>,
    pub(in crate::config) addresses_per_network: Option<Spanned<Bound>>,
}

/// A number, or `"unlimited"` for none. Never 0 for none: some would read that as nothing at all.
#[derive(Clone, Copy)]
pub(in crate::config) struct Bound(pub(in crate::config) Option<u32>);

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Bound;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or \"unlimited\"")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Bound, E> {
                u32::try_from(number)
                    .map(|number| Bound(Some(number)))
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(number), &self))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bound, E> {
                match text {
                    "unlimited" => Ok(Bound(None)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Number)
    }
}
