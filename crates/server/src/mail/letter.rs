//! A letter: from the few facts that are queued to a message with both its forms and its headers.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::address::AddressError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use sayso_app::text::{fill, list};
use sayso_core::digest::encode;
use sayso_core::view::View;
use serde::{Deserialize, Serialize};

use crate::random::{Random, array};
use crate::site::Site;
use crate::text::date_time;

/// What is queued of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What it is about.
    pub kind: LetterKind,
    /// Whom it goes to.
    pub to: String,
    /// The language it is written in.
    pub language: String,
    /// The jurisdiction whose controller writes it.
    pub jurisdiction: String,
    /// Where this service is reached: links begin so.
    pub address: String,
    /// The token of its unsubscribe link.
    pub unsubscribe: String,
    /// The purposes it is about, by id.
    pub purposes: Vec<String>,
}

/// What a letter is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LetterKind {
    /// Please confirm.
    Confirm {
        /// The token of its link.
        token: String,
        /// Until when it works, in milliseconds since 1970.
        expires: u64,
    },
    /// An objection was noted.
    Objection,
}

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// The recipient or the sender is not an address.
    #[error("not a mail address: {0}")]
    Address(#[from] AddressError),
    /// The message cannot be put together.
    #[error("the message cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

impl Letter {
    /// The message.
    pub fn message(
        &self,
        site: &Site,
        now: u64,
        random: &dyn Random,
    ) -> Result<Message, LetterError> {
        let view = &site
            .edition(Some(&self.language), Some(&self.jurisdiction))
            .view;
        let (subject, text) = self.words(view);
        let from: Mailbox = site.config.mail_from.parse()?;
        let id = format!("<{}@{}>", encode(&array::<16>(random)), from.email.domain());
        let unsubscribe = format!("{}/unsubscribe?t={}", self.address, self.unsubscribe);
        let parts = MultiPart::builder()
            .kind(lettre::message::MultiPartKind::Alternative)
            .boundary(encode(&array::<18>(random)))
            .singlepart(
                SinglePart::builder()
                    .header(ContentType::TEXT_PLAIN)
                    .body(text.clone()),
            )
            .singlepart(
                SinglePart::builder()
                    .header(ContentType::TEXT_HTML)
                    .body(html(view, &subject, &text)),
            );
        let message = Message::builder()
            .from(from)
            .to(Mailbox::new(None, self.to.parse()?))
            .subject(subject)
            .date(UNIX_EPOCH + Duration::from_millis(now))
            .message_id(Some(id))
            .raw_header(header("List-Unsubscribe", format!("<{unsubscribe}>")))
            .raw_header(header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ))
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            .multipart(parts)?;
        Ok(message)
    }

    fn words(&self, view: &View) -> (String, String) {
        let (key, link, expires) = match &self.kind {
            LetterKind::Confirm { token, expires } => (
                "confirm",
                format!("{}/confirm?t={token}", self.address),
                date_time(*expires),
            ),
            LetterKind::Objection => ("objection", String::new(), String::new()),
        };
        let titles: Vec<&str> = self
            .purposes
            .iter()
            .filter_map(|id| Some(view.purpose(id)?.title.as_str()))
            .collect();
        let purposes = match &self.kind {
            LetterKind::Confirm { .. } => list(view, &titles),
            LetterKind::Objection => titles
                .iter()
                .map(|title| format!("- {title}"))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        let values = [
            ("site", view.name.as_str()),
            ("controller", &view.controller.name),
            ("address", &view.controller.address),
            ("contact", &view.controller.email),
            ("email", &self.to),
            ("link", &link),
            ("expires", &expires),
            ("purposes", &purposes),
        ];
        let word = |part: &str| fill(view.text(&format!("mail-{key}-{part}")), &values);
        (word("subject"), word("text"))
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// The same words as a page: paragraphs, and links that can be clicked.
fn html(view: &View, subject: &str, text: &str) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head><body>",
        escape(&view.language),
        escape(&view.direction),
        escape(subject)
    );
    for paragraph in text.split("\n\n") {
        let lines: Vec<String> = paragraph.lines().map(line).collect();
        out.push_str(&format!("<p>{}</p>", lines.join("<br>")));
    }
    out.push_str("</body></html>\n");
    out
}

fn line(text: &str) -> String {
    let text = text.trim();
    let escaped = escape(text);
    let is_link = (text.starts_with("https://") || text.starts_with("http://"))
        && !text.contains(char::is_whitespace);
    if is_link {
        format!("<a href=\"{escaped}\">{escaped}</a>")
    } else {
        escaped
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
