//! The configuration of consent signals: what vendors' own code is told, and faults that say how to mend them.
#![cfg(feature = "config")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use sayso_core::config::{ConfigError, SiteConfig, Vendor, VendorConfig};

const DEMO: &str = include_str!("../../../sites/demo/sayso.toml");

/// The demo's configuration with more at its end.
fn parse(more: &str) -> Result<Vec<VendorConfig>, Vec<ConfigError>> {
    SiteConfig::parse("sayso.toml", &format!("{DEMO}\n{more}")).map(|config| config.vendors)
}

#[test]
fn no_vendor_is_told_that_is_not_declared() {
    assert_eq!(parse("").unwrap(), []);
}

#[test]
fn each_vendor_gets_what_its_own_code_reads() {
    let vendors = parse(
        r#"
        [signals.google]
        analytics_storage = "analytics"
        security_storage = "necessary"
        region = ["DE", "US-CA"]
        ads_data_redaction = true
        url_passthrough = true
        [signals.uet]
        ad_storage = "analytics"
        [signals.clarity]
        analytics_storage = "pulse"
        [signals.meta]
        consent = "analytics"
        [signals.matomo]
        consent = "analytics"
        waits = "cookies"
        "#,
    )
    .unwrap();
    let told: Vec<_> = vendors
        .iter()
        .map(|v| {
            (
                v.vendor,
                serde_json::to_string(&v.settings).unwrap(),
                v.ids(),
            )
        })
        .collect();
    let google = r#"{"signals":{"analytics_storage":"analytics","security_storage":"necessary"},"wait":500,"region":["DE","US-CA"],"redact":true,"pass":true}"#;
    let expected = [
        (Vendor::Google, google, vec!["analytics", "necessary"]),
        (
            Vendor::Uet,
            r#"{"signals":{"ad_storage":"analytics"}}"#,
            vec!["analytics"],
        ),
        (
            Vendor::Clarity,
            r#"{"signals":{"analytics_storage":"pulse"}}"#,
            vec!["pulse"],
        ),
        (
            Vendor::Meta,
            r#"{"signals":{"consent":"analytics"}}"#,
            vec!["analytics"],
        ),
        (
            Vendor::Matomo,
            r#"{"signals":{"consent":"analytics"},"cookies":true}"#,
            vec!["analytics"],
        ),
    ]
    .map(|(vendor, json, ids)| (vendor, json.to_owned(), ids));
    assert_eq!(told, expected);
}

#[test]
fn every_fault_is_told_with_its_line_and_its_remedy() {
    for (text, field, remedy) in [
        (
            "[signals.google]\nanalytics_storage = \"analitycs\"",
            "signals.google.analytics_storage",
            "name one of: necessary",
        ),
        (
            // Answered for an address, which no tag on a page has to do with.
            "[signals.uet]\nad_storage = \"newsletter\"",
            "signals.uet.ad_storage",
            "name one of",
        ),
        (
            "[signals.google]\nads_data_redaction = true",
            "signals.google",
            "analytics_storage = \"analytics\"",
        ),
        (
            "[signals.google]\nad_storage = \"analytics\"\nwait_for_update = 60000",
            "signals.google.wait_for_update",
            "milliseconds",
        ),
        (
            "[signals.google]\nad_storage = \"analytics\"\nregion = [\"Germany\"]",
            "signals.google.region",
            "ISO 3166-2",
        ),
        (
            "[signals.twitter]\nconsent = \"analytics\"",
            "signals.twitter",
            "correct the name",
        ),
    ] {
        let faults = parse(text).unwrap_err();
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        let fault = &faults[0];
        assert_eq!(fault.field, field, "{fault}");
        assert!(fault.remedy.contains(remedy), "{fault}");
        assert!(fault.line > DEMO.lines().count(), "{fault}");
    }
}
