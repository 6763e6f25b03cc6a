//! What the app asks of the settle module, and the answers: the two are modules of their own, and JSON passes between them.
//!
//! The app draws; only the settle module stores, signs and posts. So the app need not carry that code, and one page has
//! one memory of what could not be stored.

use sayso_core::policy::PurposeId;

use crate::address::{Answer, Answered, Form, FormError, Remembered, Sent, Shown};
use crate::answer::Refusal;
use crate::history::{History, Item, ReceiptState};
use crate::json::{self, Object, Value};
use crate::word;

/// What can be asked, by the name it is asked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// The visitor's history. Asks nothing; answered by [`History`].
    History,
    /// A decision about an address. Asks a [`Request`]; answered by what became of it.
    Submit,
    /// *Keep my receipts*. Asks `{"on": true}` or `{}`.
    Keep,
    /// Forgets an address in this browser. Asks `{"email": address}`.
    Forget,
    /// The file of a receipt. Asks `{"decision": id}`; answered by the file, or nothing.
    Receipt,
    /// Every file, as a JSON list. Asks nothing.
    Receipts,
}

impl Errand {
    /// Every errand.
    pub const ALL: [Self; 6] = [
        Self::History,
        Self::Submit,
        Self::Keep,
        Self::Forget,
        Self::Receipt,
        Self::Receipts,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Submit => "submit",
            Self::Keep => "keep",
            Self::Forget => "forget",
            Self::Receipt => "receipt",
            Self::Receipts => "receipts",
        }
    }

    /// The errand of this name.
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|errand| errand.name() == name)
    }
}

/// A decision about an address, as the app asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// What was entered.
    pub form: Form,
    /// What was shown.
    pub shown: Shown,
}

impl Request {
    /// Writes it.
    pub fn write(&self) -> String {
        let Self { form, shown } = self;
        let answers = json::list(&form.answers, |answered| {
            Object::new()
                .text("id", answered.id.as_str())
                .number("revision", answered.revision.into())
                .text("basis", answered.basis.name())
                .text("answer", answer_name(answered.answer))
                .end()
        });
        Object::new()
            .text("email", &form.email)
            .text_if("first_name", &form.first_name)
            .text_if("last_name", &form.last_name)
            .text_if("company", &form.company)
            .texts_if("topics", &form.topics)
            .raw("answers", &answers)
            .text("surface", shown.surface)
            .text("language", &shown.language)
            .text("jurisdiction", &shown.jurisdiction)
            .text("model", &shown.model)
            .text("controller", &shown.controller)
            .text("notice", &shown.notice)
            .text("layer", &shown.layer)
            .flag_if("inView", shown.in_view)
            .texts_if("signals", &shown.signals)
            .end()
    }

    /// Reads it.
    pub fn read(json: &str) -> Option<Self> {
        let value = json::parse(json)?;
        let text = |name| value.text(name).to_owned();
        let texts = |name| {
            value
                .get(name)
                .items()
                .iter()
                .filter_map(Value::as_text)
                .map(str::to_owned)
                .collect()
        };
        let answered = |value: &Value| {
            Some(Answered {
                id: PurposeId::new(value.text("id")).ok()?,
                revision: u32::try_from(value.number("revision")).ok()?,
                basis: word::read(value.text("basis"))?,
                answer: ANSWERS
                    .iter()
                    .find(|(_, name)| *name == value.text("answer"))?
                    .0,
            })
        };
        Some(Self {
            form: Form {
                email: text("email"),
                first_name: text("first_name"),
                last_name: text("last_name"),
                company: text("company"),
                topics: texts("topics"),
                answers: value
                    .get("answers")
                    .items()
                    .iter()
                    .map(answered)
                    .collect::<Option<_>>()?,
            },
            shown: Shown {
                surface: ["form", "preferences", "page"]
                    .into_iter()
                    .find(|s| *s == value.text("surface"))?,
                language: text("language"),
                jurisdiction: text("jurisdiction"),
                model: text("model"),
                controller: text("controller"),
                notice: text("notice"),
                layer: text("layer"),
                in_view: value.flag("inView"),
                signals: texts("signals"),
            },
        })
    }
}

const ANSWERS: [(Answer, &str); 4] = [
    (Answer::Ask, "ask"),
    (Answer::Object, "object"),
    (Answer::Leave, "leave"),
    (Answer::Withdraw, "withdraw"),
];

fn answer_name(answer: Answer) -> &'static str {
    ANSWERS
        .iter()
        .find(|(a, _)| *a == answer)
        .map_or("leave", |(_, name)| name)
}

/// Writes what became of a request.
pub fn write_sent(sent: &Result<Sent, FormError>) -> String {
    let mut object = Object::new();
    match sent {
        Ok(Sent::Accepted) => object.text("sent", "accepted"),
        Ok(Sent::Waiting) => object.text("sent", "waiting"),
        Ok(Sent::Refused(refusal)) => object
            .text("sent", "refused")
            .raw("refusal", &write_refusal(refusal)),
        Err(_) => object.text("sent", "blocked"),
    };
    object.end()
}

/// Reads what became of a request; `None` where this browser could not make it.
pub fn read_sent(json: &str) -> Option<Sent> {
    let value = json::parse(json)?;
    match value.text("sent") {
        "accepted" => Some(Sent::Accepted),
        "waiting" => Some(Sent::Waiting),
        "refused" => Some(Sent::Refused(read_refusal(value.get("refusal")))),
        _ => None,
    }
}

fn write_refusal(refusal: &Refusal) -> String {
    Object::new()
        .text("code", &refusal.code)
        .text("title", &refusal.title)
        .text("detail", &refusal.detail)
        .number("status", refusal.status.into())
        .end()
}

fn read_refusal(value: &Value) -> Refusal {
    let text = |name| value.text(name).to_owned();
    Refusal {
        code: text("code"),
        title: text("title"),
        detail: text("detail"),
        status: u16::try_from(value.number("status")).unwrap_or_default(),
    }
}

/// Writes a history.
pub fn write_history(history: &History) -> String {
    let items = json::list(&history.items, |item| {
        let mut statuses = Object::new();
        for (id, status) in &item.statuses {
            statuses.text(id.as_str(), status.name());
        }
        let mut object = Object::new();
        object
            .text_if("decision", &item.decision)
            .number("time", item.time)
            .text("surface", item.surface.name())
            .text("action", item.action.name())
            .raw("statuses", &statuses.end())
            .text_if("about", &item.about);
        match &item.state {
            ReceiptState::Waiting => object.text("state", "waiting"),
            ReceiptState::Sent => object.text("state", "sent"),
            ReceiptState::Countersigned {
                witnessed,
                received,
            } => object
                .text("state", "countersigned")
                .flag_if("witnessed", *witnessed)
                .number("received", *received),
            ReceiptState::Refused(refusal) => object
                .text("state", "refused")
                .raw("refusal", &write_refusal(refusal)),
        };
        object.end()
    });
    Object::new()
        .raw("items", &items)
        .raw(
            "addresses",
            &json::list(&history.addresses, Remembered::write),
        )
        .flag_if("keep", history.keep)
        .end()
}

/// Reads a history; what cannot be read of it is left out.
pub fn read_history(json: &str) -> Option<History> {
    let value = json::parse(json)?;
    Some(History {
        items: value
            .get("items")
            .items()
            .iter()
            .filter_map(read_item)
            .collect(),
        addresses: value
            .get("addresses")
            .items()
            .iter()
            .map(Remembered::read)
            .collect(),
        keep: value.flag("keep"),
    })
}

fn read_item(value: &Value) -> Option<Item> {
    let status = |(id, status): &(String, Value)| {
        Some((PurposeId::new(id).ok()?, word::read(status.as_text()?)?))
    };
    Some(Item {
        decision: value.text("decision").to_owned(),
        time: value.number("time"),
        surface: word::read(value.text("surface"))?,
        action: word::read(value.text("action"))?,
        statuses: value
            .get("statuses")
            .members()
            .iter()
            .filter_map(status)
            .collect(),
        about: value.text("about").to_owned(),
        state: match value.text("state") {
            "waiting" => ReceiptState::Waiting,
            "countersigned" => ReceiptState::Countersigned {
                witnessed: value.flag("witnessed"),
                received: value.number("received"),
            },
            "refused" => ReceiptState::Refused(read_refusal(value.get("refusal"))),
            _ => ReceiptState::Sent,
        },
    })
}

#[cfg(test)]
mod tests {
    use sayso_core::decision::{Action, Surface};
    use sayso_core::policy::LegalBasis;
    use sayso_core::record::Status;

    use super::*;

    #[test]
    fn what_is_asked_arrives_as_it_was_asked() {
        let id = |text| PurposeId::new(text).unwrap();
        let answered = |name, answer| Answered {
            id: id(name),
            revision: 3,
            basis: LegalBasis::LegitimateInterest,
            answer,
        };
        let request = Request {
            form: Form {
                email: "a\"b@shop.example".into(),
                first_name: "Ünal".into(),
                topics: vec!["product".into(), "events".into()],
                answers: ANSWERS
                    .iter()
                    .map(|(answer, name)| answered(*name, *answer))
                    .collect(),
                ..Form::default()
            },
            shown: Shown {
                surface: "form",
                language: "en".into(),
                in_view: true,
                signals: vec!["gpc".into()],
                ..Shown::default()
            },
        };
        assert_eq!(Request::read(&request.write()), Some(request));
        assert_eq!(Request::read("{\"surface\":\"elsewhere\"}"), None);
    }

    #[test]
    fn what_became_of_it_arrives_too() {
        let refusal = Refusal {
            code: "origin".into(),
            title: "no".into(),
            detail: "list it".into(),
            status: 403,
        };
        for sent in [Sent::Accepted, Sent::Waiting, Sent::Refused(refusal)] {
            assert_eq!(read_sent(&write_sent(&Ok(sent.clone()))), Some(sent));
        }
        assert_eq!(read_sent(&write_sent(&Err(FormError::Random))), None);
    }

    #[test]
    fn a_history_arrives_whole() {
        let item = |state| Item {
            decision: "0199".into(),
            time: 1_763_766_000_123,
            surface: Surface::Banner,
            action: Action::GiveAll,
            statuses: vec![(PurposeId::new("analytics").unwrap(), Status::Given)],
            about: String::new(),
            state,
        };
        let states = [
            ReceiptState::Waiting,
            ReceiptState::Sent,
            ReceiptState::Countersigned {
                witnessed: true,
                received: 5,
            },
            ReceiptState::Countersigned {
                witnessed: false,
                received: 6,
            },
            ReceiptState::Refused(Refusal {
                status: 409,
                ..Refusal::default()
            }),
        ];
        let history = History {
            items: states.into_iter().map(item).collect(),
            addresses: vec![Remembered {
                email: "ada@shop.example".into(),
                salt: "AA".into(),
                time: 7,
                statuses: vec![("marketing-mail".into(), Status::Objected)],
            }],
            keep: true,
        };
        assert_eq!(read_history(&write_history(&history)), Some(history));
    }

    #[test]
    fn errands_are_known_by_name() {
        assert!(
            Errand::ALL
                .into_iter()
                .all(|errand| Errand::read(errand.name()) == Some(errand))
        );
        assert_eq!(Errand::read("dance"), None);
    }
}
