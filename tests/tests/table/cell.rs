//! The table's data: the features, the states, and what must hold where they meet.

use std::collections::BTreeMap;
use std::fmt;

use sayso_tests::{Result, workspace};
use serde::Deserialize;

/// Every state, in the order in which it is walked. How a visitor comes into it stands in `walk.rs`.
pub(crate) const STATES: [&str; 12] = [
    "before",
    "given",
    "refused",
    "withdrawn",
    "objected",
    "expired",
    "older",
    "newer",
    "reload",
    "new_tab",
    "back",
    "single_page",
];

/// One feature: its markup, how it is looked at, and its cells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Feature {
    /// What it is, in a sentence.
    pub(crate) about: String,
    /// Members of its service in the site's configuration; its id is the feature's name. None where the feature is
    /// marked with a purpose.
    pub(crate) service: Option<String>,
    /// What stands before the gate.
    #[serde(default)]
    pub(crate) head: String,
    /// What stands in the page, and again in the next view of a single-page navigation.
    pub(crate) page: String,
    /// What stands at the end of the page.
    #[serde(default)]
    pub(crate) script: String,
    /// What it may leave on the device: `cookie NAME`, `local KEY`, `session KEY`.
    #[serde(default)]
    pub(crate) keeps: Vec<String>,
    /// What its earlier visits left on the device of a visitor who has one: a script.
    #[serde(default)]
    pub(crate) left: String,
    /// An expression for what is stored, where names alone do not say it.
    pub(crate) stored: Option<String>,
    /// An expression for what is shown.
    #[serde(default)]
    pub(crate) shown: String,
    /// An expression for what was said, to vendors or to the page; without one, what the page noted.
    #[serde(default)]
    pub(crate) said: String,
    /// What a person clicks, where it can be seen, before this feature is looked at. Those with a click are looked at
    /// after all others.
    #[serde(default)]
    pub(crate) click: String,
    /// What must hold, by state.
    pub(crate) cells: BTreeMap<String, Cell>,
}

/// What must hold in one cell; what is left out must be empty.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cell {
    /// What reached the server, in any order, as often as it did.
    pub(crate) requested: Option<Vec<String>>,
    /// What lies on the device, in any order.
    pub(crate) stored: Option<Vec<String>>,
    /// What can be seen.
    pub(crate) shown: Option<Vec<String>>,
    /// What vendors and page were told, in order.
    pub(crate) said: Option<Vec<String>>,
}

impl Cell {
    /// The four aspects, in order.
    pub(crate) fn aspects(&self) -> [(&'static str, Option<&[String]>); 4] {
        [
            ("requested", self.requested.as_deref()),
            ("stored", self.stored.as_deref()),
            ("shown", self.shown.as_deref()),
            ("said", self.said.as_deref()),
        ]
    }

    fn named(&self) -> Vec<&'static str> {
        let aspects = self.aspects().into_iter();
        aspects
            .filter_map(|(name, list)| list.map(|_| name))
            .collect()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, list) in self.aspects() {
            let list = list.unwrap_or_default();
            if !list.is_empty() {
                write!(f, " {name} {list:?}")?;
            }
        }
        Ok(())
    }
}

/// All features by name.
#[derive(Debug)]
pub(crate) struct Features(BTreeMap<String, Feature>);

impl Features {
    /// Reads `tests/table/`, where every file but the site's is a feature.
    pub(crate) fn read() -> Result<Self> {
        let mut features = BTreeMap::new();
        for entry in std::fs::read_dir(workspace().join("tests/table"))? {
            let path = entry?.path();
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name != "site" {
                features.insert(name.clone(), read(&name, &std::fs::read_to_string(&path)?)?);
            }
        }
        Ok(Self(features))
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// By name, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Feature)> {
        self.0
            .iter()
            .map(|(name, feature)| (name.as_str(), feature))
    }
}

/// Reads one feature; refuses a cell that is missing, empty, unknown or there twice.
pub(crate) fn read(name: &str, text: &str) -> Result<Feature> {
    let feature: Feature =
        toml::from_str(text).map_err(|error| format!("tests/table/{name}.toml: {error}"))?;
    let unknown = feature
        .cells
        .keys()
        .find(|state| !STATES.contains(&state.as_str()));
    if let Some(state) = unknown {
        return Err(format!("{name} × {state}: there is no such state").into());
    }
    let mut aspects = None;
    for state in STATES {
        let Some(cell) = feature.cells.get(state) else {
            return Err(format!("{name} × {state} is missing").into());
        };
        let named = cell.named();
        if named.is_empty() {
            return Err(format!("{name} × {state} is empty").into());
        }
        if *aspects.get_or_insert_with(|| named.clone()) != named {
            return Err(format!(
                "{name} × {state} does not name the same aspects as the other cells"
            )
            .into());
        }
    }
    Ok(feature)
}
