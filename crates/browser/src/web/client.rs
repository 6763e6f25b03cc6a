//! What the app asks the settle module to do: read what is kept, decide about an address, keep and forget.

use super::lock::Lock;
use super::{desk, env, key::Key, port::Port, random, settle, watch};
use sayso_core::jws::Compact;

use crate::address::{Prepared, Sent};
use crate::errand::Snapshot;
use crate::json::Value;
use crate::outbox::{Kind, Waiting};
use crate::signing::{Site, erasure_input};

/// The visitor's side of one page.
#[derive(Clone, Debug)]
pub(super) struct Client(Port);

impl Client {
    /// The client of the page that the gate's port belongs to.
    pub(super) fn new(port: Port) -> Self {
        Self(port)
    }

    /// Everything kept in this browser.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            local: desk::local(),
            outbox: desk::outbox(),
            shelf: desk::shelf(),
            addresses: desk::addresses(),
            log: desk::log(),
        }
    }

    /// Takes a decision about an address: remembered, signed, put into the outbox, posted. It is made once this returns,
    /// whatever the network does. Where nothing can be stored, it is lost if the page is left while it waits.
    pub(super) async fn submit(&self, prepared: Prepared) -> Sent {
        let id = prepared.pending.id.clone();
        self.enqueue(prepared).await;
        let left = settle::drain(&self.0).await;
        settle::retry(self.0.clone());
        match left.into_iter().find(|left| left.waiting.decision == id) {
            Some(left) => left.outcome.map_or_else(Sent::Refused, |_| Sent::Accepted),
            // Another tab may have posted it.
            None if desk::outbox().has(&id) => Sent::Waiting,
            None => Sent::Accepted,
        }
    }

    async fn enqueue(&self, prepared: Prepared) {
        let _guard = Lock::Store.acquire().await;
        let now = env::now();
        let mut local = desk::local();
        let mut addresses = desk::addresses();
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
        let entry = receipt_id.unwrap_or_else(|| prepared.pending.id.clone());
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

    /// Forgets an address in this browser (what the site has of it stays with the site), or receipts that the site has
    /// erased, with the key that signed them.
    pub(super) async fn forget(&self, asked: &Value) {
        let _guard = Lock::Store.acquire().await;
        let mut local = desk::local();
        if let Value::List(ids) = asked.get("ids") {
            let mut shelf = desk::shelf();
            let ids = ids.iter().filter_map(Value::as_text);
            ids.for_each(|id| shelf.erase(id));
            desk::save_shelf(&shelf, true);
            local.chain = None;
            Key::forget().await;
        } else {
            let email = asked.text("email");
            let mut addresses = desk::addresses();
            addresses.forget(email);
            desk::save_addresses(&addresses);
            local.history.retain(|event| event.about != email);
        }
        desk::tidy(&self.0, &mut local, env::now()).await;
    }

    /// Looks at a checkpoint of the site's log, and keeps a receipt whose proof was renewed.
    pub(super) async fn look(&self, asked: &Value) {
        watch::look(&self.0, asked.text("note")).await;
        let id = asked.text("id");
        if !id.is_empty() {
            let _guard = Lock::Store.acquire().await;
            let mut shelf = desk::shelf();
            shelf.renew(id, asked.get("file").write());
            let local = desk::local();
            let standing = desk::standing(&self.0, &local, env::now());
            desk::save_shelf(&shelf, standing.keeps_receipts(local.keep));
        }
    }

    /// The request to erase, signed with the key whose receipts are to go.
    pub(super) async fn request(&self) -> Option<String> {
        let key = Key::find(&desk::local().chain?.subject).await?;
        let now = env::now();
        let site = Site::read(&self.0.config()).id;
        let input = erasure_input(&site, &random::uuid(now)?, now, &key.jwk);
        Some(Compact::assemble(&input, &key.sign(&input).await?))
    }
}
