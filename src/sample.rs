//! A believable site to draw in tests and in the development shell.

use std::collections::BTreeMap;

use sayso_core::view::View;

/// The sample site with the interface in `language`.
pub fn view(language: &str) -> View {
    let texts = match language {
        "de" => include_str!("../locales/de.toml"),
        "ar" => include_str!("../locales/ar.toml"),
        _ => include_str!("../locales/en.toml"),
    };
    let mut view: View =
        serde_json::from_str(include_str!("sample/en.json")).expect("the sample is a view");
    view.texts =
        toml::from_str::<BTreeMap<String, String>>(texts).expect("a locale is one flat table");
    view.language = language.to_owned();
    view.direction = if language == "ar" { "rtl" } else { "ltr" }.to_owned();
    view
}
