//! `sayso verify`: a countersigned receipt checked offline, and what the check proves and does not prove.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use sayso_core::countersignature::Statement;
use sayso_core::crypto::Jwks;
use sayso_core::json;
use sayso_core::receipt::{Kind, Payload, PurposeAnswer};
use sayso_core::verify::{self, Demands, Verified};
use sayso_server::crypto::RingVerifier;
use serde_json::{Value, json};

use crate::args::VerifyArgs;
use crate::failure::Failure;

/// The one sentence for what the server itself recorded.
const WITNESSED: &str = "recorded by the server, not signed by the visitor";

/// The exit code when the keys cannot be read.
const KEYS_UNUSABLE: u8 = 20;

pub(crate) fn run(args: &VerifyArgs) -> Result<String, Failure> {
    let keys = keys(&args.keys)?;
    let file = fs::read(&args.file)
        .map_err(|error| Failure::new(1, format!("{}: {error}", args.file.display())))?;
    let verified =
        verify::verify(&file, &keys, &Demands::default(), &RingVerifier).map_err(|error| {
            Failure::new(
                error.exit_code(),
                format!("{}: {}", args.file.display(), printable(&error.to_string())),
            )
        })?;
    Ok(if args.json {
        format!("{:#}\n", as_json(&verified))
    } else {
        as_text(&verified)
    })
}

fn keys(path: &Path) -> Result<Jwks, Failure> {
    let unusable = |what: String| {
        let remedy = "give the JSON that the site serves at v1/jwks.json";
        Failure::new(
            KEYS_UNUSABLE,
            format!("{}: {what}; {remedy}", path.display()),
        )
    };
    let bytes = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let keys: Jwks = json::read(&bytes, verify::MAX_LEN)
        .map_err(|error| unusable(format!("not a JWKS: {error}")))?;
    if keys.keys.is_empty() {
        return Err(unusable("there is no key in it".into()));
    }
    Ok(keys)
}

fn as_json(verified: &Verified) -> Value {
    let payload = verified.receipt.payload();
    let statement = &verified.statement;
    json!({
        "v": 1,
        "holds": true,
        "signed_by": match verified.receipt.kind() { Kind::Signed => "visitor", Kind::Witnessed => "server" },
        "receipt_hash": verified.receipt.receipt_hash(),
        "receipt": payload,
        "received": statement.received,
        "index": statement.index,
        "log": statement.log,
        "flags": statement.flags,
    })
}

fn as_text(verified: &Verified) -> String {
    let payload = verified.receipt.payload();
    let signer = match verified.receipt.kind() {
        Kind::Signed => format!(
            "the browser's key {}",
            payload.subject.as_deref().unwrap_or_default()
        ),
        Kind::Witnessed => format!(
            "the site's witness key: {WITNESSED} (it came by {})",
            word(&payload.via)
        ),
    };
    let mut text = format!(
        "The receipt holds.\n\n{}",
        facts(payload, &verified.statement, &signer)
    );
    let (proved, unproved) = match verified.receipt.kind() {
        Kind::Signed => signed(payload, &verified.statement),
        Kind::Witnessed => witnessed(payload, &verified.statement),
    };
    text += &list("What this proves:", &proved);
    text += &list("What this does not prove:", &unproved);
    text
}

fn facts(payload: &Payload, statement: &Statement, signer: &str) -> String {
    let mut rows = vec![
        ("receipt", payload.id.clone()),
        (
            "decision",
            format!(
                "{} ({} on {})",
                payload.decision,
                word(&payload.action),
                word(&payload.surface)
            ),
        ),
        (
            "site",
            format!("{}, controller {}", payload.site, payload.controller),
        ),
        (
            "asked",
            format!(
                "in {}, under {} in {}",
                payload.language,
                word(&payload.model),
                payload.jurisdiction
            ),
        ),
        ("notice", payload.notice.clone()),
        ("layer", payload.layer.clone()),
    ];
    rows.extend(
        payload
            .purposes
            .iter()
            .map(|purpose| ("answer", answer(purpose))),
    );
    if !payload.signals.is_empty() {
        rows.push(("signals", payload.signals.join(", ")));
    }
    if payload.about.is_some() {
        rows.push((
            "about",
            "an e-mail address, which the receipt does not reveal".into(),
        ));
    }
    rows.push((
        "decided",
        format!("{} by the visitor's clock", date(payload.time)),
    ));
    rows.push((
        "received",
        format!("{} by the server's clock", date(statement.received)),
    ));
    rows.push((
        "log",
        format!("entry {} of {}", statement.index, statement.log),
    ));
    if !statement.flags.is_empty() {
        rows.push(("flags", statement.flags.join(", ")));
    }
    rows.push(("signed by", signer.to_owned()));
    rows.iter()
        .map(|(name, value)| format!("  {name:<10} {}\n", printable(value)))
        .collect()
}

fn answer(purpose: &PurposeAnswer) -> String {
    let lapses = purpose.lapses.map_or(String::new(), |day| {
        format!(", lapses {}", date(u64::from(day) * 86_400_000))
    });
    let services: String = purpose
        .services
        .iter()
        .map(|(id, on)| format!(", {id} {}", if *on { "allowed" } else { "switched off" }))
        .collect();
    let PurposeAnswer {
        id,
        revision,
        status,
        basis,
        ..
    } = purpose;
    format!(
        "{id}: {} (revision {revision}, {}{lapses}{services})",
        word(status),
        word(basis)
    )
}

fn signed(payload: &Payload, statement: &Statement) -> (Vec<String>, Vec<String>) {
    let mut proved = vec![
        "One browser's key signed exactly these bytes: not one of them was changed since."
            .to_owned(),
        had_by(statement),
        committed(statement),
    ];
    if payload.prev.is_some() {
        proved.push(
            "The same key signed a receipt before this one, and this one names it.".to_owned(),
        );
    }
    if payload.in_view {
        proved.push(
            "The page said that both answers were in view and unobstructed, and signed that too."
                .to_owned(),
        );
    }
    let mut unproved = vec![
        "That a person pressed the button: whatever runs in that browser can use the key."
            .to_owned(),
    ];
    if !payload.in_view {
        unproved
            .push("That both answers were in view: the page said that they were not.".to_owned());
    }
    unproved.extend(common_limits());
    (proved, unproved)
}

fn witnessed(_payload: &Payload, statement: &Statement) -> (Vec<String>, Vec<String>) {
    let proved = vec![
        format!("This decision was {WITNESSED}."),
        "The site's witness key signed exactly these bytes: not one of them was changed since."
            .to_owned(),
        had_by(statement),
        committed(statement),
    ];
    let mut unproved = vec![
        "That the visitor decided this: it rests on the site's word alone.".to_owned(),
        "That a person pressed a button.".to_owned(),
    ];
    unproved.extend(common_limits());
    (proved, unproved)
}

fn had_by(statement: &Statement) -> String {
    format!(
        "The site had it by {}: its own key says so.",
        date(statement.received)
    )
}

fn committed(statement: &Statement) -> String {
    format!(
        "The site committed itself to it as entry {} of its log: the salt opens that commitment.",
        statement.index
    )
}

fn common_limits() -> [String; 3] {
    [
        "Who the visitor is, or that the visitor's clock was right.".to_owned(),
        "That the log still has the entry: this file carries no proof from the log.".to_owned(),
        "That the keys given here are the site's: compare them with what the site publishes."
            .to_owned(),
    ]
}

fn list(title: &str, sentences: &[String]) -> String {
    let lines: String = sentences
        .iter()
        .map(|sentence| format!("  - {sentence}\n"))
        .collect();
    format!("\n{title}\n{lines}")
}

/// A value as it is spelt in the shapes, such as `give-all`.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// A time in words; milliseconds too far off for a date are shown as they are.
fn date(milliseconds: u64) -> String {
    const END_OF_YEAR_9999: u64 = 253_402_300_799_999;
    if milliseconds > END_OF_YEAR_9999 {
        return format!("{milliseconds} ms after 1970");
    }
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(milliseconds))
}

/// A stranger's text, with whatever could move the cursor or turn the line round written out.
fn printable(text: &str) -> String {
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            if invisible(c) {
                out.extend(c.escape_unicode())
            } else {
                out.push(c)
            }
            out
        })
}
