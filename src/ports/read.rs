//! Reading what the server wrote for us, by hand: a third of the bytes that derived readers take.
//!
//! What is missing reads as empty, as the shapes' own defaults say; what must not be missing makes the whole unreadable.

use sayso_browser::json::{self, Value};
use sayso_core::policy::{
    Channel, Days, LegalBasis, Model, Party, Policy, Purpose, PurposeId, Service, ServiceId,
    StorageKind,
};
use sayso_core::view::{
    Controller, CookieView, Link, Newsletter, PurposeView, ServiceView, Topic, VERSION, View,
};

/// What the app needs of the gate's configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// What is asked, in short form.
    pub policy: Policy,
    /// BCP 47 tag of the first layer's language.
    pub language: String,
    /// Where the view lies, relative to the base address.
    pub view: String,
}

/// Reads a gate's configuration.
pub(crate) fn settings(text: &str) -> Option<Settings> {
    let root = json::parse(text)?;
    let purpose = |value: &Value| {
        Some(Purpose {
            id: PurposeId::new(value.text("id")).ok()?,
            revision: number(value, "revision")?,
            basis: basis(value.text("basis"))?,
            necessary: value.flag("necessary"),
            gpc: value.flag("gpc"),
            services: all(value.get("services"), |value| {
                Some(Service {
                    id: ServiceId::new(value.text("id")).ok()?,
                    since: number(value, "since")?,
                    switchable: value.flag("switchable"),
                    name: String::new(),
                    provider: String::new(),
                    cookies: Vec::new(),
                    storage: Vec::new(),
                })
            })?,
        })
    };
    Some(Settings {
        policy: Policy {
            model: model(root.text("model"))?,
            days: days(root.get("days"))?,
            purposes: all(root.get("purposes"), purpose)?,
        },
        language: string(&root, "language"),
        view: string(root.get("files"), "view"),
    })
}

/// Reads a view.
pub(crate) fn view(text: &str) -> Option<View> {
    let root = json::parse(text)?;
    let controller = root.get("controller");
    (root.number("v") == u64::from(VERSION)).then_some(())?;
    Some(View {
        v: VERSION,
        site: string(&root, "site"),
        name: string(&root, "name"),
        base: string(&root, "base"),
        language: string(&root, "language"),
        languages: strings(root.get("languages")),
        direction: string(&root, "direction"),
        jurisdiction: string(&root, "jurisdiction"),
        model: model(root.text("model"))?,
        notice: string(&root, "notice"),
        controller: Controller {
            id: string(controller, "id"),
            name: string(controller, "name"),
            address: string(controller, "address"),
            email: string(controller, "email"),
            officer: string(controller, "officer"),
        },
        authority: object(root.get("authority")).map(|link| Link {
            name: string(link, "name"),
            url: string(link, "url"),
        }),
        age: number(&root, "age")?,
        days: days(root.get("days"))?,
        policy_page: string(&root, "policy_page"),
        purposes: all(root.get("purposes"), purpose)?,
        newsletter: match object(root.get("newsletter")) {
            Some(value) => Some(newsletter(value)?),
            None => None,
        },
        service_messages: strings(root.get("service_messages")),
        texts: root
            .get("texts")
            .members()
            .iter()
            .filter_map(|(key, text)| Some((key.clone(), text.as_text()?.to_owned())))
            .collect(),
    })
}

fn purpose(value: &Value) -> Option<PurposeView> {
    Some(PurposeView {
        id: PurposeId::new(value.text("id")).ok()?,
        revision: number(value, "revision")?,
        channel: if value.text("channel") == "address" {
            Channel::Address
        } else {
            Channel::Device
        },
        basis: basis(value.text("basis"))?,
        necessary: value.flag("necessary"),
        gpc: value.flag("gpc"),
        title: string(value, "title"),
        description: string(value, "description"),
        recipients: strings(value.get("recipients")),
        services: all(value.get("services"), service)?,
    })
}

fn service(value: &Value) -> Option<ServiceView> {
    Some(ServiceView {
        id: ServiceId::new(value.text("id")).ok()?,
        since: number(value, "since")?,
        switchable: value.flag("switchable"),
        without: string(value, "without"),
        name: string(value, "name"),
        description: string(value, "description"),
        provider: string(value, "provider"),
        provider_policy: string(value, "provider_policy"),
        hosts: strings(value.get("hosts")),
        recipients: strings(value.get("recipients")),
        location: string(value, "location"),
        cookies: all(value.get("cookies"), cookie)?,
    })
}

fn cookie(value: &Value) -> Option<CookieView> {
    Some(CookieView {
        name: string(value, "name"),
        kind: match value.text("kind") {
            "cookie" => StorageKind::Cookie,
            "local-storage" => StorageKind::LocalStorage,
            "session-storage" => StorageKind::SessionStorage,
            "pixel" => StorageKind::Pixel,
            _ => return None,
        },
        party: if value.text("party") == "third" {
            Party::Third
        } else {
            Party::First
        },
        duration: string(value, "duration"),
        purpose: string(value, "purpose"),
    })
}

fn newsletter(value: &Value) -> Option<Newsletter> {
    Some(Newsletter {
        purpose: PurposeId::new(value.text("purpose")).ok()?,
        topics: all(value.get("topics"), |topic| {
            Some(Topic {
                id: string(topic, "id"),
                title: string(topic, "title"),
            })
        })?,
        consent: string(value, "consent"),
    })
}

fn days(value: &Value) -> Option<Days> {
    Some(Days {
        given: number(value, "given")?,
        refused: number(value, "refused")?,
    })
}

fn model(name: &str) -> Option<Model> {
    Some(match name {
        "OptIn" => Model::OptIn,
        "OptOut" => Model::OptOut,
        "NoticeOnly" => Model::NoticeOnly,
        _ => return None,
    })
}

fn basis(name: &str) -> Option<LegalBasis> {
    Some(match name {
        "Consent" => LegalBasis::Consent,
        "Contract" => LegalBasis::Contract,
        "LegalObligation" => LegalBasis::LegalObligation,
        "VitalInterest" => LegalBasis::VitalInterest,
        "PublicTask" => LegalBasis::PublicTask,
        "LegitimateInterest" => LegalBasis::LegitimateInterest,
        _ => return None,
    })
}

fn object(value: &Value) -> Option<&Value> {
    matches!(value, Value::Object(_)).then_some(value)
}

fn number(value: &Value, name: &str) -> Option<u32> {
    u32::try_from(value.number(name)).ok()
}

fn string(value: &Value, name: &str) -> String {
    value.text(name).to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    value
        .items()
        .iter()
        .filter_map(|item| item.as_text().map(str::to_owned))
        .collect()
}

fn all<T>(list: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    let mut out = Vec::new();
    for item in list.items() {
        out.push(read(item)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use sayso_core::gate::{Files, FirstLayer, GateConfig};

    use super::{settings, view};
    use crate::sample::{self, policy_of};

    #[test]
    fn reads_what_core_writes() {
        for language in ["en", "de", "ar"] {
            let whole = sample::view(language);
            assert_eq!(view(&serde_json::to_string(&whole).unwrap()), Some(whole));
        }
    }

    #[test]
    fn reads_a_view_with_as_little_as_core_leaves_in() {
        let mut bare = sample::view("en");
        bare.authority = None;
        bare.newsletter = None;
        bare.service_messages.clear();
        bare.purposes
            .iter_mut()
            .for_each(|purpose| purpose.services.clear());
        assert_eq!(view(&serde_json::to_string(&bare).unwrap()), Some(bare));
    }

    #[test]
    fn what_is_no_view_is_none() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "<!doctype html>",
            r#"{"v":2}"#,
            r#"{"v":1,"model":"Maybe"}"#,
        ] {
            assert_eq!(view(text), None, "{text}");
        }
    }

    #[test]
    fn reads_the_configuration_core_writes() {
        let view = sample::view("en");
        let policy = policy_of(&view);
        let config = GateConfig {
            v: 1,
            site: view.site.clone(),
            base: view.base.clone(),
            language: "en".into(),
            jurisdiction: view.jurisdiction.clone(),
            model: policy.model,
            controller: view.controller.id.clone(),
            notice: view.notice.clone(),
            layer: String::new(),
            domain: String::new(),
            days: policy.days,
            first_layer: FirstLayer::Ready,
            purposes: policy.purposes.clone(),
            texts: Default::default(),
            files: Files {
                view: "a/view.json".into(),
                ..Files::default()
            },
        };
        let read = settings(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(
            (read.policy, read.language.as_str(), read.view.as_str()),
            (policy, "en", "a/view.json")
        );
    }
}
