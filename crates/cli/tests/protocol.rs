//! The examples in `docs/protocol.md` are the vectors, and its lists of codes are the program's.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

mod support;

use std::fs;

use serde_json::Value;
use support::{sayso, vectors, workspace};

fn page() -> String {
    fs::read_to_string(workspace().join("docs/protocol.md")).unwrap()
}

#[test]
fn every_example_equals_its_vector() {
    let page = page();
    let mut examples = 0;
    for part in page.split("<!-- vector: ").skip(1) {
        let (place, rest) = part.split_once(" -->\n").unwrap();
        let (file, pointer) = place.split_once('#').unwrap();
        let (fence, rest) = rest.split_once('\n').unwrap();
        assert!(fence.starts_with("```"), "{place}: no code block follows");
        let shown = rest.split_once("\n```").unwrap().0;
        let vectors = vectors(file);
        let expected = vectors
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{place}: no such vector"));
        match expected {
            // Exact text: it is signed or hashed, or grammar.
            Value::String(text) => assert_eq!(shown, text, "{place}"),
            value => assert_eq!(
                &serde_json::from_str::<Value>(shown).unwrap(),
                value,
                "{place}"
            ),
        }
        examples += 1;
    }
    assert!(examples >= 10, "only {examples} examples were found");
}

#[test]
fn every_shape_has_a_version_and_a_status() {
    let page = page();
    let status = if env!("CARGO_PKG_VERSION").starts_with("0.0.") {
        "draft"
    } else {
        "frozen"
    };
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("](#"))
        .collect();
    assert!(rows.len() >= 13, "{rows:?}");
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(cells[2].parse::<u32>().is_ok(), "no version: {row}");
        assert_eq!(cells[3], status, "{row}");
        let anchor = cells[4].split_once("](#").unwrap().1.trim_end_matches(')');
        let found = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .any(|title| slug(title) == anchor);
        assert!(found, "no section #{anchor}");
    }
}

/// The anchor that Markdown renderers make of a title.
fn slug(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[test]
fn every_exit_code_of_verify_is_in_the_page_and_in_the_help() {
    let help = sayso(["verify", "--help"]).out;
    let page = page();
    for code in 10..=30 {
        assert!(
            help.lines()
                .any(|line| line.trim_start().starts_with(&format!("{code}  "))),
            "{code} is not in the help"
        );
        assert!(
            page.contains(&format!(" {code} ")),
            "{code} is not in docs/protocol.md"
        );
    }
}
