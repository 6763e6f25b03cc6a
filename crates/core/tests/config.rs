//! The configuration: the demo's reads whole, and every fault names file, line, field and remedy.
#![cfg(feature = "config")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use sayso_core::config::{ConfigError, Origin, SiteConfig};

const DEMO: &str = include_str!("../../../sites/demo/sayso.toml");

#[test]
fn the_demo_reads_and_shows_every_language() {
    let config =
        SiteConfig::parse("sites/demo/sayso.toml", DEMO).unwrap_or_else(|e| panic!("{}", show(&e)));
    let notice = config.notice();
    let digest = sayso_core::notice::Notice::digest(&notice.to_bytes());
    for language in &config.languages {
        let view = config.view(language, "EU", digest, []);
        assert!(
            view.purposes
                .iter()
                .all(|p| !p.title.is_empty() && !p.description.is_empty()),
            "{language}"
        );
    }
    assert_eq!(config.view("ar", "EU", digest, []).direction, "rtl");
    let policy = config.policy("EU");
    let ids: Vec<_> = policy.purposes.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(
        ids,
        ["necessary", "analytics"],
        "only device purposes reach the gate"
    );
    let pulse = &policy.purpose("analytics").unwrap().services[0];
    assert_eq!(
        (pulse.cookies.join(" "), pulse.storage.join(" ")),
        ("_pulse_id _pulse_session".into(), "pulse.queue".into())
    );
    let sayso = &policy.purpose("necessary").unwrap().services[0];
    assert!(
        sayso.cookies.is_empty(),
        "our own cookie is never cleared as a service's"
    );
}

#[test]
fn faults_say_where_what_and_how_to_mend() {
    let cases = [
        ("version = 1", "version = 2", "version", "write version = 1"),
        (
            "id = \"demo\"",
            "id = \"Demo Site\"",
            "site.id",
            "beginning with a letter",
        ),
        (
            "\"http://localhost:*\"",
            "\"http://shop.example\"",
            "site.origins",
            "https://www.shop.example",
        ),
        (
            "\"http://localhost:*\"",
            "\"https://shop.example:*\"",
            "site.origins",
            "https://www.shop.example",
        ),
        (
            "base = \"/sayso\"",
            "base = \"sayso/\"",
            "site.base",
            "a slash first",
        ),
        (
            "refused = 183",
            "refused = 30",
            "days",
            "at least the days of given",
        ),
        (
            "default = \"EU\"",
            "default = \"US\"",
            "jurisdictions.default",
            "[jurisdictions.US]",
        ),
        (
            "id = \"pulse\"",
            "id = \"analytics\"",
            "purposes.services.id",
            "share one name space",
        ),
        (
            "id = \"pulse\"",
            "id = \"larkspur-pulse\"",
            "purposes.services.id",
            "never reused",
        ),
        (
            "name = \"_pulse_id\"",
            "name = \"*\"",
            "purposes.services.cookies.name",
            "prefix ending in one *",
        ),
        (
            "policy_page = \"/privacy\"",
            "policy_page = \"javascript:alert(1)\"",
            "site.policy_page",
            "https://",
        ),
        (
            "policy_page = \"/privacy\"",
            "policypage = \"/privacy\"",
            "site.policypage",
            "correct the name",
        ),
        (
            "model = \"OptIn\"",
            "model = \"Implied\"",
            "jurisdictions",
            "one of the values",
        ),
        (
            "title = { en = \"Analytical\", de",
            "title = { en = \"Analytical\", fr",
            "purposes.title",
            "site.languages",
        ),
        (
            "purpose = \"newsletter\"",
            "purpose = \"marketing-mail\"",
            "newsletter.purpose",
            "[[purposes]]",
        ),
        (
            "from = \"Larkspur <hello@larkspur.example>\"",
            "from = \"Larkspur\"",
            "mail.from",
            "news@shop.example",
        ),
    ];
    for (from, to, field, remedy) in cases {
        assert!(DEMO.contains(from), "the demo no longer says {from}");
        let text = DEMO.replacen(from, to, 1);
        let errors = SiteConfig::parse("sayso.toml", &text).expect_err(to);
        let line = DEMO.lines().position(|l| l.contains(from)).unwrap() + 1;
        let found = errors
            .iter()
            .find(|e| e.field.starts_with(field) && e.remedy.contains(remedy));
        let found = found
            .unwrap_or_else(|| panic!("{to}: expected {field} … {remedy}, got\n{}", show(&errors)));
        let table = matches!(field, "days" | "jurisdictions");
        assert!(
            found.line == line || (table && found.line <= line),
            "{to}: line {line}, said {}",
            found.line
        );
        assert!(
            found
                .to_string()
                .starts_with(&format!("sayso.toml:{}: ", found.line))
        );
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let text = DEMO
        .replace("refused = 183", "refused = 3")
        .replace("id = \"chat\"", "id = \"Chat\"");
    assert_eq!(SiteConfig::parse("sayso.toml", &text).unwrap_err().len(), 2);
}

#[test]
fn origins_match_exactly() {
    let table = [
        ("https://shop.example", "https://shop.example", true),
        ("https://shop.example", "https://shop.example:443", false),
        ("https://shop.example:443", "https://shop.example", true),
        (
            "https://shop.example",
            "https://shop.example.evil.example",
            false,
        ),
        ("https://shop.example", "https://evil-shop.example", false),
        ("https://shop.example", "http://shop.example", false),
        ("https://shop.example", "null", false),
        ("http://127.0.0.1:*", "http://127.0.0.1:8787", true),
        ("http://127.0.0.1:*", "http://127.0.0.1", true),
        (
            "http://127.0.0.1:*",
            "http://127.0.0.1:8787@evil.example",
            false,
        ),
        ("http://127.0.0.1:*", "http://127.0.0.10:80", false),
        ("http://localhost:8080", "http://localhost:8081", false),
    ];
    for (listed, sent, allowed) in table {
        assert_eq!(
            Origin::parse(listed).unwrap().allows(sent),
            allowed,
            "{listed} against {sent}"
        );
    }
}

fn show(errors: &[ConfigError]) -> String {
    errors.iter().map(|e| format!("{e}\n")).collect()
}
