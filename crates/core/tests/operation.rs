//! The configuration of how a service is run: log and witnesses, keeping, limits, mail server; and a witness's own.
#![cfg(feature = "config")]
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use sayso_core::config::{
    ConfigError, FollowedLog, Following, Keep, Limits, LogConfig, SiteConfig,
};
use sayso_core::log::note::{Algorithm, VerifierKey};

const DEMO: &str = include_str!("../../../sites/demo/sayso.toml");

fn key(name: &str, byte: u8, algorithm: Algorithm) -> VerifierKey {
    VerifierKey {
        name: name.into(),
        algorithm,
        public: [byte; 32],
    }
}

fn witness(name: &str, byte: u8) -> String {
    key(name, byte, Algorithm::Cosignature).to_string()
}

/// The demo's configuration with more at its end.
fn parse(more: &str) -> Result<SiteConfig, Vec<ConfigError>> {
    SiteConfig::parse("sayso.toml", &format!("{DEMO}\n{more}"))
}

fn log(more: &str) -> LogConfig {
    parse(more)
        .unwrap_or_else(|faults| panic!("{more}\n{}", show(&faults)))
        .log
}

fn show(faults: &[ConfigError]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

#[test]
fn what_is_left_out_has_a_safe_value() {
    let config = parse("").unwrap();
    assert_eq!(
        config.log,
        LogConfig {
            witnesses: Vec::new(),
            quorum: 0,
            interval: 1
        }
    );
    assert_eq!(
        config.keep,
        Keep {
            signed_days: Some(1826),
            witnessed_days: Some(1826),
            address_days: None
        }
    );
    assert_eq!(config.limits, Limits::default());
    assert!(config.limits.per_network.is_some() && config.limits.addresses_per_network.is_some());
    assert_eq!(config.mail_smtp, None);
}

#[test]
fn witnesses_read_with_their_keys() {
    let (one, two) = (witness("one.example/w", 1), witness("two.example", 2));
    let inline = format!(
        "[log]\nwitnesses = [\n  {{ url = \"https://one.example/prefix/\", key = \"{one}\" }},\n  {{ url = \"http://127.0.0.1:9000\", key = \"{two}\" }},\n]\nquorum = 1\ninterval = 5\n"
    );
    let tables = format!(
        "[log]\nquorum = 1\ninterval = 5\n[[log.witnesses]]\nurl = \"https://one.example/prefix\"\nkey = \"{one}\"\n[[log.witnesses]]\nurl = \"http://127.0.0.1:9000\"\nkey = \"{two}\"\n"
    );
    let read = log(&inline);
    assert_eq!(read, log(&tables), "both ways to write it mean the same");
    assert_eq!((read.quorum, read.interval), (1, 5));
    assert_eq!(read.witnesses[0].url, "https://one.example/prefix");
    assert_eq!(
        read.keys().cloned().collect::<Vec<_>>(),
        [
            key("one.example/w", 1, Algorithm::Cosignature),
            key("two.example", 2, Algorithm::Cosignature)
        ]
    );
}

#[test]
fn without_a_quorum_more_than_half_must_cosign() {
    for (count, quorum) in [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (5, 3)] {
        let listed: String = (0..count)
            .map(|n| {
                let key = witness(&format!("w{n}.example"), n);
                format!("[[log.witnesses]]\nurl = \"https://w{n}.example\"\nkey = \"{key}\"\n")
            })
            .collect();
        assert_eq!(log(&format!("[log]\n{listed}")).quorum, quorum, "{count}");
    }
}

#[test]
fn keeping_and_limits_read_numbers_or_unlimited() {
    let config = parse(
        "[keep]\nsigned_days = \"unlimited\"\nwitnessed_days = 400\naddress_days = 30\n[limits]\nper_network = 60\nburst = 5\naddresses_per_network = \"unlimited\"\n",
    )
    .unwrap();
    assert_eq!(
        config.keep,
        Keep {
            signed_days: None,
            witnessed_days: Some(400),
            address_days: Some(30)
        }
    );
    assert_eq!(
        config.limits,
        Limits {
            per_network: Some(60),
            burst: 5,
            addresses_per_network: None
        }
    );
}

#[test]
fn a_mail_server_is_never_shown_with_its_password() {
    let smtp = |url: &str| {
        let text = DEMO.replace("[mail]\n", &format!("[mail]\nsmtp = \"{url}\"\n"));
        SiteConfig::parse("sayso.toml", &text)
    };
    let url = "smtps://shop:hunter2@mail.example:465/?tls=required";
    let config = smtp(url).unwrap();
    let server = config.mail_smtp.as_ref().unwrap();
    assert_eq!(server.secret(), url);
    assert_eq!(
        server.to_string(),
        "smtps://…@mail.example:465/?tls=required"
    );
    assert!(!format!("{config:?}").contains("hunter2"));
    assert_eq!(
        smtp("smtp://127.0.0.1:25")
            .unwrap()
            .mail_smtp
            .unwrap()
            .to_string(),
        "smtp://127.0.0.1:25"
    );
    for bad in [
        "mail.example",
        "https://mail.example",
        "smtp://",
        "smtp://u:hunter2@",
        "smtp://a b",
    ] {
        let faults = smtp(bad).expect_err(bad);
        assert_eq!(faults[0].field, "mail.smtp", "{bad}");
        assert!(!show(&faults).contains("hunter2"), "{}", show(&faults));
    }
}

#[test]
fn faults_say_where_what_and_how_to_mend() {
    let one = witness("one.example", 1);
    let same_name = witness("one.example", 2);
    let same_key = witness("alias.example", 1);
    let log_key = key("one.example", 1, Algorithm::Ed25519).to_string();
    let broken = one.replace('+', "-");
    let with = |url: &str, key: &str| {
        format!("[log]\nwitnesses = [\n  {{ url = \"{url}\", key = \"{key}\" }},\n]\n")
    };
    let pair = |second: &str, url: &str| {
        format!(
            "[log]\nwitnesses = [\n  {{ url = \"https://one.example\", key = \"{one}\" }},\n  {{ url = \"{url}\", key = \"{second}\" }},\n]\n"
        )
    };
    let cases = [
        (
            with("http://one.example", &one),
            3,
            "log.witnesses",
            "https://witness.example",
        ),
        (
            with("one.example", &one),
            3,
            "log.witnesses",
            "https://witness.example",
        ),
        (
            with("https://u:p@one.example", &one),
            3,
            "log.witnesses",
            "https://witness.example",
        ),
        (
            with("https://one.example/?a", &one),
            3,
            "log.witnesses",
            "https://witness.example",
        ),
        (
            with("https://:443", &one),
            3,
            "log.witnesses",
            "https://witness.example",
        ),
        (
            with("https://one.example", &broken),
            3,
            "log.witnesses",
            "operator published it",
        ),
        (
            with("https://one.example", &log_key),
            3,
            "log.witnesses",
            "cosignature/v1",
        ),
        (
            pair(&same_name, "https://two.example"),
            4,
            "log.witnesses",
            "one party counts once",
        ),
        (
            pair(&same_key, "https://two.example"),
            4,
            "log.witnesses",
            "one party counts once",
        ),
        (
            pair(&witness("two.example", 2), "https://one.example/"),
            4,
            "log.witnesses",
            "each witness once",
        ),
        (
            "[log]\nquorum = 1\n".into(),
            2,
            "log.quorum",
            "no checkpoint would ever",
        ),
        (
            "[log]\ninterval = 0\n".into(),
            2,
            "log.interval",
            "1 to 3600",
        ),
        (
            "[log]\ninterval = -1\n".into(),
            2,
            "log.interval",
            "correct the value",
        ),
        (
            "[log]\nwitness = []\n".into(),
            2,
            "log.witness",
            "correct the name",
        ),
        (
            "[keep]\nsigned_days = 30\n".into(),
            2,
            "keep.signed_days",
            "183 to",
        ),
        (
            "[keep]\nwitnessed_days = 0\n".into(),
            2,
            "keep.witnessed_days",
            "\"unlimited\"",
        ),
        (
            "[keep]\naddress_days = 0\n".into(),
            2,
            "keep.address_days",
            "1 to",
        ),
        (
            "[keep]\naddress_days = \"never\"\n".into(),
            2,
            "keep.address_days",
            "correct the value",
        ),
        (
            "[limits]\nper_network = 0\n".into(),
            2,
            "limits.per_network",
            "\"unlimited\"",
        ),
        (
            "[limits]\naddresses_per_network = 0\n".into(),
            2,
            "limits.addresses_per_network",
            "\"unlimited\"",
        ),
        (
            "[limits]\nburst = 0\n".into(),
            2,
            "limits.burst",
            "at least 1",
        ),
    ];
    let before = DEMO.lines().count() + 1;
    for (more, line, field, remedy) in cases {
        let faults = parse(&more).expect_err(&more);
        let [fault] = faults.as_slice() else {
            panic!("{more}: one fault, not\n{}", show(&faults));
        };
        assert_eq!(
            (fault.line, fault.field.as_str()),
            (before + line, field),
            "{more}"
        );
        assert!(fault.remedy.contains(remedy), "{more}: {fault}");
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let more = "[log]\nquorum = 3\ninterval = 0\n[keep]\nsigned_days = 1\nwitnessed_days = 1\n[limits]\nburst = 0\n";
    assert_eq!(parse(more).unwrap_err().len(), 5);
}

#[test]
fn a_witness_reads_the_logs_it_follows() {
    let log = key("shop.example/sayso", 3, Algorithm::Ed25519);
    let other = key("old-name.example", 4, Algorithm::Ed25519);
    let text = format!(
        "version = 1\nname = \"witness.example\"\n[[logs]]\nkey = \"{log}\"\n[[logs]]\nkey = \"{other}\"\norigin = \"other.example/log\"\n"
    );
    assert_eq!(
        Following::parse("witness.toml", &text).unwrap(),
        Following {
            name: "witness.example".into(),
            logs: vec![
                FollowedLog {
                    origin: "shop.example/sayso".into(),
                    key: log
                },
                FollowedLog {
                    origin: "other.example/log".into(),
                    key: other
                },
            ]
        }
    );
}

#[test]
fn a_witnesss_faults_say_where_what_and_how_to_mend() {
    let log = key("shop.example/sayso", 3, Algorithm::Ed25519).to_string();
    let wrong = witness("shop.example/sayso", 3);
    let cases = [
        (
            format!("version = 2\nname = \"w.example\"\n[[logs]]\nkey = \"{log}\"\n"),
            1,
            "version",
            "version = 1",
        ),
        (
            format!("version = 1\nname = \"w example\"\n[[logs]]\nkey = \"{log}\"\n"),
            2,
            "name",
            "no spaces",
        ),
        (
            "version = 1\nname = \"w.example\"\n".into(),
            1,
            "version",
            "add [[logs]]",
        ),
        (
            format!("version = 1\nname = \"w.example\"\n[[logs]]\nkey = \"{wrong}\"\n"),
            4,
            "logs.key",
            "begins with \"A\"",
        ),
        (
            "version = 1\nname = \"w.example\"\n[[logs]]\nkey = \"shop\"\n".into(),
            4,
            "logs.key",
            "operator published it",
        ),
        (
            format!("version = 1\nname = \"shop.example/sayso\"\n[[logs]]\nkey = \"{log}\"\n"),
            4,
            "logs.key",
            "a name of its own",
        ),
        (
            format!(
                "version = 1\nname = \"w.example\"\n[[logs]]\nkey = \"{log}\"\n[[logs]]\nkey = \"{log}\"\n"
            ),
            6,
            "logs.key",
            "list it once",
        ),
        (
            format!(
                "version = 1\nname = \"w.example\"\n[[logs]]\nkey = \"{log}\"\norigin = \"a b\"\n"
            ),
            5,
            "logs.origin",
            "first line",
        ),
        (
            "version = 1\nname = \"w.example\"\nlog = 1\n".into(),
            3,
            "log",
            "correct the name",
        ),
    ];
    for (text, line, field, remedy) in cases {
        let faults = Following::parse("witness.toml", &text).expect_err(&text);
        let [fault] = faults.as_slice() else {
            panic!("{text}: one fault, not\n{}", show(&faults));
        };
        assert_eq!(
            (fault.line, fault.field.as_str()),
            (line, field),
            "{text}\n{fault}"
        );
        assert!(fault.remedy.contains(remedy), "{text}: {fault}");
    }
}
