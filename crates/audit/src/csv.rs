//! CSV for people (RFC 4180): one line for each answer in each receipt.
//!
//! Nothing in a cell can become a formula when a spreadsheet opens the file: digests are written `sha256:…`, and any other
//! text that begins with what starts a formula gets an apostrophe before it.

use std::io::{self, Write};

use sayso_core::receipt::PurposeAnswer;
use serde::Serialize;

use crate::filter::By;
use crate::kept::Kept;
use crate::time;

/// The first line.
const COLUMNS: [&str; 27] = [
    "index",
    "received",
    "decided",
    "receipt",
    "decision",
    "signed_by",
    "via",
    "subject",
    "previous",
    "site",
    "controller",
    "jurisdiction",
    "model",
    "language",
    "surface",
    "action",
    "in_view",
    "signals",
    "notice",
    "layer",
    "purpose",
    "revision",
    "status",
    "basis",
    "lapses",
    "services",
    "flags",
];

/// Writes the first line.
pub fn header(out: &mut impl Write) -> io::Result<()> {
    line(out, &COLUMNS.map(str::to_owned))
}

/// Writes the lines of one receipt.
pub fn receipt(out: &mut impl Write, kept: &Kept) -> io::Result<()> {
    kept.payload
        .purposes
        .iter()
        .try_for_each(|answer| line(out, &cells(kept, answer)))
}

fn cells(kept: &Kept, answer: &PurposeAnswer) -> [String; 27] {
    let payload = &kept.payload;
    let digest = |text: &str| format!("sha256:{text}");
    let optional = |text: &Option<String>| text.as_deref().map(digest).unwrap_or_default();
    [
        kept.stored.index.to_string(),
        time::iso(kept.stored.received),
        time::iso(payload.time),
        payload.id.clone(),
        payload.decision.clone(),
        By::of(kept.kind).name().to_owned(),
        payload.via.as_ref().map(word).unwrap_or_default(),
        optional(&payload.subject),
        optional(&payload.prev),
        payload.site.clone(),
        payload.controller.clone(),
        payload.jurisdiction.clone(),
        word(&payload.model),
        payload.language.clone(),
        payload.surface.name().to_owned(),
        payload.action.name().to_owned(),
        payload.in_view.to_string(),
        payload.signals.join(" "),
        digest(&payload.notice),
        digest(&payload.layer),
        answer.id.to_string(),
        answer.revision.to_string(),
        answer.status.name().to_owned(),
        answer.basis.name().to_owned(),
        answer
            .lapses
            .map(|day| time::date(day.into()))
            .unwrap_or_default(),
        services(answer),
        kept.stored.flags.join(" "),
    ]
}

/// Services answered apart, as the cookie writes them: `vimeo+ livechat-`, the sign last, so that no cell begins with one.
fn services(answer: &PurposeAnswer) -> String {
    let one = |(id, on): (&_, &bool)| format!("{id}{}", if *on { '+' } else { '-' });
    answer
        .services
        .iter()
        .map(one)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A value as the shapes spell it, such as `one-click`.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

fn line(out: &mut impl Write, cells: &[String]) -> io::Result<()> {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(field(cell).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// One cell: disarmed, and quoted where it must be.
fn field(text: &str) -> String {
    // Full-width signs count as their plain ones in some spreadsheets.
    let armed = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if armed {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_as_rfc_4180_asks() {
        for (text, cell) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            (" spaced ", "\" spaced \""),
        ] {
            assert_eq!(field(text), cell);
        }
    }

    #[test]
    fn no_cell_becomes_a_formula() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "=HYPERLINK(\"http://x.example\",\"y\")",
            "=cmd|' /C calc'!A0",
        ] {
            let cell = field(text);
            let shown = cell.trim_start_matches('"');
            assert!(shown.starts_with('\''), "{text:?} became {cell:?}");
        }
    }
}
