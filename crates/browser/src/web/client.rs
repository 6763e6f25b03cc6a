//! What the app asks of this crate: the history, the receipts, decisions about addresses, and what is kept.

use super::lock::Lock;
use super::{desk, env, port::Port, settle};
use crate::address::{Form, FormError, Sent, Shown};
use crate::history::{self, History};
use crate::outbox::{Kind, Waiting};
use crate::pending::Pending;
use crate::signing::Site;

/// The visitor's side of one page.
#[derive(Clone, Debug)]
pub(super) struct Client(Port);

impl Client {
    /// The client of the page that the gate's port belongs to.
    pub(super) fn new(port: Port) -> Self {
        Self(port)
    }

    /// The visitor's own history.
    pub(super) fn history(&self) -> History {
        let local = desk::local();
        let pending = Pending::list(&self.0.pending());
        let mut addresses = desk::addresses().0;
        addresses.reverse();
        History {
            items: history::items(&local, &pending, &desk::outbox(), &desk::shelf()),
            addresses,
            keep: local.keep,
        }
    }

    /// The countersigned receipt of a decision: the text of the file to keep, which `sayso verify` reads.
    pub(super) fn receipt(&self, decision: &str) -> Option<String> {
        history::files(&desk::shelf(), Some(decision))
            .last()
            .map(str::to_owned)
    }

    /// All countersigned receipts kept here, oldest first.
    pub(super) fn receipts(&self) -> Vec<String> {
        Self::kept()
    }

    /// All countersigned receipts kept in this browser, oldest first.
    pub(super) fn kept() -> Vec<String> {
        history::files(&desk::shelf(), None)
            .map(str::to_owned)
            .collect()
    }

    /// Takes a decision about an address: remembered, signed, put into the outbox, posted. It is made once this returns
    /// `Ok`, whatever the network does. Where nothing can be stored, it is lost if the page is left while it waits.
    pub(super) async fn decide_for_address(
        &self,
        form: Form,
        shown: &Shown,
    ) -> Result<Sent, FormError> {
        let id = self.enqueue(form, shown).await?;
        let left = settle::drain(&self.0).await;
        settle::retry(self.0.clone());
        Ok(
            match left.into_iter().find(|left| left.waiting.decision == id) {
                Some(left) => left.outcome.map_or_else(Sent::Refused, |_| Sent::Accepted),
                // Another tab may have posted it.
                None if desk::outbox().has(&id) => Sent::Waiting,
                None => Sent::Accepted,
            },
        )
    }

    async fn enqueue(&self, form: Form, shown: &Shown) -> Result<String, FormError> {
        let _guard = Lock::Store.acquire().await;
        let now = env::now();
        let mut local = desk::local();
        let mut addresses = desk::addresses();
        let (id, salt) = env::uuid(now).zip(env::random()).ok_or(FormError::Random)?;
        let prepared = form.prepare(shown, &addresses, &id, now, salt)?;
        local.note(prepared.pending.event(&prepared.email));
        desk::save_local(&local);
        addresses.remember(&prepared);
        desk::save_addresses(&addresses);
        let site = Site {
            purposes: prepared.purposes.clone(),
            ..Site::read(&self.0.config())
        };
        let opens = prepared.asks();
        let signed = settle::sign(
            &site,
            &mut local,
            &prepared.pending,
            &prepared.about,
            opens,
            now,
        )
        .await;
        let (receipt_id, receipt) = signed.unzip();
        let entry = receipt_id.unwrap_or_else(|| id.clone());
        let body = prepared.body(receipt.as_deref());
        let waiting = Waiting::new(&prepared.pending, entry, Kind::Address, body, opens, now);
        let mut outbox = desk::outbox();
        settle::put(
            &self.0,
            &mut outbox,
            Waiting {
                receipt: receipt.unwrap_or_default(),
                ..waiting
            },
        );
        desk::save_outbox(&outbox);
        desk::tidy(&self.0, &mut local, now).await;
        Ok(id)
    }

    /// Turns *keep my receipts* on or off. Off, what may not stay without it goes at once.
    pub(super) async fn keep(&self, on: bool) {
        let _guard = Lock::Store.acquire().await;
        let mut local = desk::local();
        local.keep = on;
        if on {
            desk::save_shelf(&desk::shelf(), true);
        }
        desk::tidy(&self.0, &mut local, env::now()).await;
    }

    /// Forgets an address in this browser; what the site has of it stays with the site.
    pub(super) async fn forget(&self, email: &str) {
        let _guard = Lock::Store.acquire().await;
        let mut addresses = desk::addresses();
        addresses.forget(email);
        desk::save_addresses(&addresses);
        let mut local = desk::local();
        local.history.retain(|event| event.about != email);
        desk::tidy(&self.0, &mut local, env::now()).await;
    }
}
