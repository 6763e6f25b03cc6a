//! What the app asks of the settle module, and the answers: the two are modules of their own, and JSON passes between them.
//!
//! Only the settle module stores, signs and posts; the app prepares what it asks for and reads what is kept. So neither
//! carries the other's code, and one page has one memory of what could not be stored.

use crate::address::{Addresses, Remembered, Sent};
use crate::answer::Refusal;
use crate::history::{self, History};
use crate::json::{self, Object, Stored};
use crate::local::Local;
use crate::log::{Breach, Log};
use crate::outbox::Outbox;
use crate::pending::Pending;
use crate::shelf::Shelf;

/// What can be asked, by the name it is asked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Everything kept in this browser. Asks nothing; answered by a [`Snapshot`].
    Read,
    /// A decision about an address. Asks a [`crate::address::Prepared`]; answered by what became of it.
    Submit,
    /// *Keep my receipts*. Asks `{"on": true}` or `{}`.
    Keep,
    /// Forgets an address in this browser, or receipts that the site has erased and the key that signed them. Asks
    /// `{"email": address}` or `{"ids": […]}`.
    Forget,
    /// Looks at a checkpoint of the site's log. Asks `{"note": checkpoint}`; with `"id"` and `"file"` it keeps that file in
    /// the place of the one of that id.
    Look,
    /// Signs a request to erase all receipts of this browser's key. Asks nothing; answered by the request, or an empty text
    /// where there is no key.
    Request,
}

impl Errand {
    /// Every errand.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Submit,
        Self::Keep,
        Self::Forget,
        Self::Look,
        Self::Request,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Submit => "submit",
            Self::Keep => "keep",
            Self::Forget => "forget",
            Self::Look => "look",
            Self::Request => "request",
        }
    }

    /// The errand of this name.
    pub fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|errand| errand.name() == name)
    }
}

/// Everything kept in this browser, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The record: history, the keep switch, the key's chain.
    pub local: Local,
    /// What waits to be posted.
    pub outbox: Outbox,
    /// What was countersigned or refused.
    pub shelf: Shelf,
    /// What was decided for addresses.
    pub addresses: Addresses,
    /// What is known of the site's log.
    pub log: Log,
}

impl Snapshot {
    /// Writes it.
    pub fn write(&self) -> String {
        Object::new()
            .raw("record", &self.local.write())
            .raw("outbox", &self.outbox.write())
            .raw("receipts", &self.shelf.write())
            .raw("addresses", &self.addresses.write())
            .raw("log", &self.log.write())
            .end()
    }

    /// Reads it.
    pub fn read(json: &str) -> Option<Self> {
        let value = json::parse(json)?;
        Some(Self {
            local: Local::read(value.get("record")),
            outbox: Outbox::read(value.get("outbox")),
            shelf: Shelf::read(value.get("receipts")),
            addresses: Addresses::read(value.get("addresses")),
            log: Log::read(value.get("log")),
        })
    }

    /// The visitor's own history; `pending` is what the gate has not handed over yet, as a JSON list.
    pub fn history(&self, pending: &str) -> History {
        let addresses: Vec<Remembered> = self.addresses.0.iter().rev().cloned().collect();
        History {
            items: history::items(
                &self.local,
                &Pending::list(pending),
                &self.outbox,
                &self.shelf,
            ),
            addresses,
            keep: self.local.keep,
            breaches: self.log.breaches.clone(),
            erasable: self.local.chain.is_some(),
        }
    }

    /// The text of the file to keep: the newest countersigned receipt of a decision, or everything: all receipts, and what
    /// shows that the log was altered.
    pub fn file(&self, decision: Option<&str>) -> Option<String> {
        let mut files = history::files(&self.shelf, decision);
        if decision.is_some() {
            return files.last().map(str::to_owned);
        }
        let files: Vec<&str> = files.by_ref().collect();
        let breaches = &self.log.breaches;
        if files.is_empty() && breaches.is_empty() {
            return None;
        }
        let mut object = Object::new();
        object
            .number("v", 1)
            .raw("receipts", &json::list(&files, |file| (*file).to_owned()));
        if !breaches.is_empty() {
            object.raw("evidence", &json::list(breaches, Breach::write));
        }
        Some(object.end())
    }
}

/// Writes what became of a request.
pub fn write_sent(sent: &Sent) -> String {
    let mut object = Object::new();
    match sent {
        Sent::Accepted => object.text("sent", "accepted"),
        Sent::Waiting => object.text("sent", "waiting"),
        Sent::Refused(refusal) => object
            .text("sent", "refused")
            .raw("refusal", &refusal.write()),
    };
    object.end()
}

/// Reads what became of a request.
pub fn read_sent(json: &str) -> Option<Sent> {
    let value = json::parse(json)?;
    match value.text("sent") {
        "accepted" => Some(Sent::Accepted),
        "waiting" => Some(Sent::Waiting),
        "refused" => Refusal::read(value.get("refusal")).map(Sent::Refused),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sayso_core::record::Status;

    use super::*;
    use crate::local::Event;
    use crate::shelf::Kept;

    #[test]
    fn what_became_of_it_arrives() {
        let refusal = Refusal {
            code: "origin".into(),
            title: "no".into(),
            detail: "list it".into(),
            status: 403,
        };
        for sent in [Sent::Accepted, Sent::Waiting, Sent::Refused(refusal)] {
            assert_eq!(read_sent(&write_sent(&sent)), Some(sent));
        }
        assert_eq!(read_sent("{}"), None);
    }

    #[test]
    fn what_is_kept_arrives_whole() {
        let mut snapshot = Snapshot::default();
        snapshot.local.keep = true;
        snapshot.local.note(Event {
            time: 7,
            surface: "banner".into(),
            action: "give-all".into(),
            choices: "analytics:g1.g68".into(),
            decision: "0199".into(),
            ..Event::default()
        });
        snapshot.shelf.0.push(Kept {
            decision: "0199".into(),
            time: 7,
            file: Some("{}".into()),
            ..Kept::default()
        });
        snapshot.addresses.0.push(Remembered {
            email: "ada@shop.example".into(),
            salt: "AA".into(),
            time: 7,
            statuses: vec![("marketing-mail".into(), Status::Objected)],
        });
        let arrived = Snapshot::read(&snapshot.write()).unwrap();
        assert_eq!(arrived, snapshot);
        let history = arrived.history("[]");
        assert_eq!(
            (history.items.len(), history.addresses.len(), history.keep),
            (1, 1, true)
        );
        assert_eq!(arrived.file(Some("0199")).as_deref(), Some("{}"));
        assert_eq!(arrived.file(Some("elsewhere")), None);
        assert_eq!(
            arrived.file(None).as_deref(),
            Some(r#"{"v":1,"receipts":[{}]}"#)
        );
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
