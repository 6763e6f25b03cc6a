//! What a checked receipt says, in words: the facts, what they prove, what they do not.

use std::time::{Duration, UNIX_EPOCH};

use sayso_core::receipt::{Kind, Payload, PurposeAnswer};
use sayso_core::verify::{Demands, Verified};
use serde_json::Value;

use super::printable;

/// The one sentence for what the server itself recorded.
const WITNESSED: &str = "recorded by the server, not signed by the visitor";

/// The whole report.
pub(super) fn of(verified: &Verified, demands: &Demands<'_>) -> String {
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
    let mut text = format!("The receipt holds.\n\n{}", facts(verified, &signer));
    let (mut proved, mut unproved) = match verified.receipt.kind() {
        Kind::Signed => signed(payload),
        Kind::Witnessed => witnessed(),
    };
    proved.extend(log_proves(verified));
    unproved.push("Who the visitor is, or that the visitor's clock was right.".to_owned());
    unproved.extend(log_does_not_prove(verified, demands));
    unproved.push(
        "That the keys given here are the site's: compare them with what the site publishes."
            .to_owned(),
    );
    text += &list("What this proves:", &proved);
    text += &list("What this does not prove:", &unproved);
    text
}

fn facts(verified: &Verified, signer: &str) -> String {
    let payload = verified.receipt.payload();
    let (statement, checkpoint) = (&verified.statement, &verified.checkpoint);
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
    rows.push((
        "checkpoint",
        format!("{} entries, root {}", checkpoint.size, checkpoint.root),
    ));
    for (witness, time) in &verified.cosigned {
        rows.push((
            "cosigned",
            format!("by {witness} at {}", date(time.saturating_mul(1000))),
        ));
    }
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

fn signed(payload: &Payload) -> (Vec<String>, Vec<String>) {
    let mut proved = vec![
        "One browser's key signed exactly these bytes: not one of them was changed since."
            .to_owned(),
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
    (proved, unproved)
}

fn witnessed() -> (Vec<String>, Vec<String>) {
    let proved = vec![
        format!("This decision was {WITNESSED}."),
        "The site's witness key signed exactly these bytes: not one of them was changed since."
            .to_owned(),
    ];
    let unproved = vec![
        "That the visitor decided this: it rests on the site's word alone.".to_owned(),
        "That a person pressed a button.".to_owned(),
    ];
    (proved, unproved)
}

/// What the countersignature and the log add to a signature.
fn log_proves(verified: &Verified) -> Vec<String> {
    let (statement, checkpoint) = (&verified.statement, &verified.checkpoint);
    let mut proved = vec![
        format!(
            "The site had it by {}: its own key, in use at that time, says so.",
            date(statement.received)
        ),
        format!(
            "It stands in the log {} as entry {} of {}: the salt opens the entry, and the hashes lead from it to a root \
             that the log's key signed. To take it out, the site would have to show two different logs.",
            printable(&statement.log),
            statement.index,
            checkpoint.size
        ),
    ];
    if !verified.cosigned.is_empty() {
        let names: Vec<String> = verified
            .cosigned
            .iter()
            .map(|(name, time)| {
                format!("{} at {}", printable(name), date(time.saturating_mul(1000)))
            })
            .collect();
        proved.push(format!(
            "It stands in a log whose checkpoint these witnesses cosigned: {}. Each of them says that the log had only \
             grown since it first saw it.",
            names.join("; ")
        ));
    }
    proved
}

fn log_does_not_prove(verified: &Verified, demands: &Demands<'_>) -> Vec<String> {
    let silent = demands.witnesses.len() - verified.cosigned.len().min(demands.witnesses.len());
    let mut unproved = Vec::new();
    if verified.cosigned.is_empty() {
        unproved.push(
            "That the log shows everybody the same: no witness was asked for. Name the ones you trust with --witness."
                .to_owned(),
        );
    } else {
        unproved.push(
            "That the witnesses named do not work together with the site: trust in the log is trust in them."
                .to_owned(),
        );
    }
    if silent > 0 && !verified.cosigned.is_empty() {
        unproved.push(format!(
            "What {silent} of the witnesses named saw: this checkpoint carries nothing of theirs."
        ));
    }
    unproved.push(
        "That the log still holds it today: this is the log as it was at that checkpoint. A newer file of the same log \
         can be laid beside this one with --against."
            .to_owned(),
    );
    unproved
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
pub(super) fn date(milliseconds: u64) -> String {
    const END_OF_YEAR_9999: u64 = 253_402_300_799_999;
    if milliseconds > END_OF_YEAR_9999 {
        return format!("{milliseconds} ms after 1970");
    }
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(milliseconds))
}
