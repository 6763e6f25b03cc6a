//! The shapes of `sayso.toml` as they are written; places are kept where a check may point at them.

mod operation;
mod signal;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use toml::Spanned;

use crate::gate::FirstLayer;
use crate::notice::Texts;
use crate::policy::{Channel, LegalBasis, Model, Party, StorageKind};
use crate::view::Link;
pub(super) use operation::{Bound, Keep, Limits, Log, Witness};
pub(super) use signal::{Google, MatomoWaits, Signals};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Root {
    pub(super) version: Spanned<u32>,
    pub(super) site: Site,
    pub(super) mail: Option<Mail>,
    pub(super) days: Option<Spanned<Days>>,
    pub(super) log: Option<Log>,
    pub(super) keep: Option<Keep>,
    pub(super) limits: Option<Limits>,
    pub(super) controllers: BTreeMap<String, Controller>,
    pub(super) jurisdictions: Jurisdictions,
    pub(super) purposes: Vec<Spanned<Purpose>>,
    pub(super) newsletter: Option<Newsletter>,
    #[serde(default)]
    pub(super) signals: Signals,
    #[serde(default)]
    pub(super) service_messages: Vec<ServiceMessage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub(super) id: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) origins: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) base: Option<Spanned<String>>,
    pub(super) languages: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) first_layer: FirstLayer,
    pub(super) policy_page: Spanned<String>,
    #[serde(default)]
    pub(super) cookie_domain: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mail {
    pub(super) from: Spanned<String>,
    pub(super) smtp: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    pub(super) given: u32,
    pub(super) refused: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Controller {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) email: String,
    #[serde(default)]
    pub(super) officer: String,
}

pub(super) struct Jurisdictions {
    pub(super) default: Spanned<String>,
    pub(super) by_name: BTreeMap<String, Jurisdiction>,
}

/// By hand, since a flattened map would lose the places that errors name.
impl<'de> Deserialize<'de> for Jurisdictions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;

        impl<'de> Visitor<'de> for Table {
            type Value = Jurisdictions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with `default` and one table per jurisdiction")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Jurisdictions, A::Error> {
                let mut default = None;
                let mut by_name = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "default" {
                        default = Some(map.next_value()?);
                    } else {
                        by_name.insert(name, map.next_value()?);
                    }
                }
                let default = default.ok_or_else(|| A::Error::missing_field("default"))?;
                Ok(Jurisdictions { default, by_name })
            }
        }

        deserializer.deserialize_map(Table)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jurisdiction {
    #[serde(default)]
    pub(super) model: Model,
    pub(super) controller: String,
    #[serde(default)]
    pub(super) age: u32,
    pub(super) authority: Option<Link>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Purpose {
    pub(super) id: Spanned<String>,
    pub(super) revision: Spanned<u32>,
    #[serde(default)]
    pub(super) channel: Channel,
    pub(super) basis: Spanned<LegalBasis>,
    #[serde(default)]
    pub(super) necessary: bool,
    #[serde(default)]
    pub(super) gpc: bool,
    pub(super) title: Spanned<Texts>,
    pub(super) description: Spanned<Texts>,
    #[serde(default)]
    pub(super) recipients: Vec<String>,
    #[serde(default)]
    pub(super) services: Vec<Spanned<Service>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) since: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) switchable: bool,
    #[serde(default)]
    pub(super) without: Option<Spanned<Texts>>,
    pub(super) name: String,
    pub(super) description: Spanned<Texts>,
    pub(super) provider: String,
    #[serde(default)]
    pub(super) provider_policy: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    #[serde(default)]
    pub(super) recipients: Vec<String>,
    #[serde(default)]
    pub(super) location: Option<Spanned<Texts>>,
    #[serde(default)]
    pub(super) storage: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) cookies: Vec<Cookie>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cookie {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) kind: StorageKind,
    #[serde(default)]
    pub(super) party: Party,
    pub(super) duration: Spanned<Texts>,
    pub(super) purpose: Spanned<Texts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Newsletter {
    pub(super) purpose: Spanned<String>,
    pub(super) consent: Spanned<Texts>,
    #[serde(default)]
    pub(super) topics: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    pub(super) id: Spanned<String>,
    pub(super) title: Spanned<Texts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceMessage {
    pub(super) title: Spanned<Texts>,
}
