//! What the surfaces say, as the locales have it.

use crate::workspace;

/// A text of a locale.
pub fn text(language: &str, key: &str) -> String {
    let file = workspace().join("locales").join(format!("{language}.toml"));
    let locale = std::fs::read_to_string(file).expect("the locale is there");
    let line = locale
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{key} = ")))
        .expect("the locale has the key");
    line.trim_matches('"').to_owned()
}
