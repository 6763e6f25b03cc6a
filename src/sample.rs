//! A believable site to draw in tests and in the development shell.

use sayso_core::map::Map;

use sayso_core::policy::{Days, Model, Policy, Purpose, Service};
use sayso_core::view::View;

/// The sample site with the interface in `language`.
pub(crate) fn view(language: &str) -> View {
    let texts = match language {
        "de" => include_str!("../locales/de.toml"),
        "ar" => include_str!("../locales/ar.toml"),
        _ => include_str!("../locales/en.toml"),
    };
    let mut view: View =
        serde_json::from_str(include_str!("sample/en.json")).expect("the sample is a view");
    view.texts = toml::from_str::<Map<String, String>>(texts).expect("a locale is one flat table");
    view.language = language.to_owned();
    view.direction = if language == "ar" { "rtl" } else { "ltr" }.to_owned();
    view
}

/// The short form of its device purposes.
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
