//! The words of the interface, one flat table per language.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../locales/"]
struct Embedded;

/// Words by key.
pub type Words = BTreeMap<String, String>;

/// The language whose words stand in for missing ones.
const FALLBACK: &str = "en";

/// Keys that begin so are for the server's pages and mails alone and are not sent to browsers.
const SERVER_ONLY: [&str; 3] = ["mail-", "page-", "verify-"];

/// The words of every language there is a file for.
#[derive(Clone, Debug, Default)]
pub struct Locales {
    by_language: BTreeMap<String, Words>,
}

/// A locale file that does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("locales/{language}.toml: {reason}")]
pub struct LocaleError {
    /// The file's language.
    pub language: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Locales {
    /// The locales built into this binary.
    pub fn embedded() -> Result<Self, LocaleError> {
        let mut by_language = BTreeMap::new();
        for name in Embedded::iter() {
            let (Some(language), Some(file)) = (name.strip_suffix(".toml"), Embedded::get(&name))
            else {
                continue;
            };
            let fault = |reason: String| LocaleError {
                language: language.to_owned(),
                reason,
            };
            let text = std::str::from_utf8(&file.data).map_err(|error| fault(error.to_string()))?;
            let words: Words = toml::from_str(text).map_err(|error| fault(error.to_string()))?;
            by_language.insert(language.to_owned(), words);
        }
        Ok(Self { by_language })
    }

    /// The words of a language; English where that language has none.
    pub fn words(&self, language: &str) -> Words {
        let mut words = self.by_language.get(FALLBACK).cloned().unwrap_or_default();
        let primary = language.split('-').next().unwrap_or(language);
        for tag in [primary, language] {
            words.extend(self.by_language.get(tag).cloned().unwrap_or_default());
        }
        words
    }

    /// The keys that English has and this language lacks.
    pub fn gaps(&self, language: &str) -> Vec<String> {
        let primary = language.split('-').next().unwrap_or(language);
        let has = |key: &String| {
            [primary, language].iter().any(|tag| {
                self.by_language
                    .get(*tag)
                    .is_some_and(|w| w.contains_key(key))
            })
        };
        self.by_language
            .get(FALLBACK)
            .into_iter()
            .flat_map(BTreeMap::keys)
            .filter(|key| !has(key))
            .cloned()
            .collect()
    }
}

/// The words that browsers get.
pub fn for_browsers(words: &Words) -> Words {
    let server_only = |key: &str| SERVER_ONLY.iter().any(|prefix| key.starts_with(prefix));
    words
        .iter()
        .filter(|(key, _)| !server_only(key))
        .map(|(key, word)| (key.clone(), word.clone()))
        .collect()
}
