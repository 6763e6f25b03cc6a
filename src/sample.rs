//! A believable site to draw in tests and in the development shell.

#[cfg(test)]
use sayso_core::policy::{Days, Model, Policy, Purpose, Service};
use sayso_core::view::View;

use crate::ports::read;

/// The sample site with the interface in `language`.
pub(crate) fn view(language: &str) -> View {
    let texts = match language {
        "de" => include_str!("../locales/de.toml"),
        "ar" => include_str!("../locales/ar.toml"),
        _ => include_str!("../locales/en.toml"),
    };
    let mut view = read::view(include_str!("sample/en.json")).expect("the sample is a view");
    view.texts = texts.lines().filter_map(line).collect();
    view.language = language.to_owned();
    view.direction = if language == "ar" { "rtl" } else { "ltr" }.to_owned();
    view
}

/// One line of a locale, which is flat: `key = "text"`. Natively a test holds this reader to a real one.
fn line(line: &str) -> Option<(String, String)> {
    let (key, text) = line.split_once(" = \"")?;
    let text = text
        .strip_suffix('"')?
        .replace("\\n", "\n")
        .replace("\\\"", "\"");
    Some((key.to_owned(), text))
}

/// The short form of its device purposes.
#[cfg(test)]
pub(crate) fn policy_of(view: &View) -> Policy {
    let service = |service: &sayso_core::view::ServiceView| Service {
        id: service.id.clone(),
        since: service.since,
        switchable: service.switchable,
        name: String::new(),
        provider: String::new(),
        cookies: vec![],
        storage: vec![],
    };
    let device = view
        .purposes
        .iter()
        .filter(|purpose| purpose.channel == sayso_core::policy::Channel::Device);
    let purpose = |purpose: &sayso_core::view::PurposeView| Purpose {
        id: purpose.id.clone(),
        revision: purpose.revision,
        basis: purpose.basis,
        necessary: purpose.necessary,
        gpc: purpose.gpc,
        services: purpose.services.iter().map(service).collect(),
    };
    Policy {
        model: Model::OptIn,
        days: Days {
            given: 183,
            refused: 183,
        },
        purposes: device.map(purpose).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[test]
    fn reads_a_locale_as_toml_does() {
        for language in ["en", "de", "ar"] {
            let text = std::fs::read_to_string(format!("locales/{language}.toml")).unwrap();
            let table: BTreeMap<String, String> = toml::from_str(&text).unwrap();
            assert_eq!(
                table.len(),
                super::view(language).texts.iter().count(),
                "{language}"
            );
            for (key, text) in &table {
                assert_eq!(super::view(language).text(key), text);
            }
        }
    }
}
