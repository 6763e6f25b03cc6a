//! What the app asks the settle module to do: read what is kept, decide about an address, keep and forget.

use super::lock::Lock;
use super::{desk, env, key::Key, port::Port, post, random, settle, watch};
use sayso_core::erasure::{self, Payload};
use sayso_core::jws::Compact;

use crate::address::{Prepared, Sent};
use crate::answer::Refusal;
use crate::errand::Snapshot;
use crate::json::{self, Value};
use crate::outbox::{Kind, Waiting};
use crate::signing::Site;

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

    /// Looks at a checkpoint of the site's log, and keeps a renewed proof with its receipt.
    pub(super) async fn look(&self, asked: &Value) {
        watch::look(&self.0, asked.text("note")).await;
        let (id, proof) = (asked.text("id"), asked.text("proof"));
        if proof.is_empty() {
            return;
        }
        let _guard = Lock::Store.acquire().await;
        let mut shelf = desk::shelf();
        if shelf.renew(id, proof) {
            let local = desk::local();
            let standing = desk::standing(&self.0, &local, env::now());
            desk::save_shelf(&shelf, standing.keeps_receipts(local.keep));
        }
    }

    /// Has the site erase the receipts of this browser's key, and forgets them and the key once it has.
    pub(super) async fn erase(&self) -> Sent {
        let refused = |code, title| Sent::Refused(Refusal::local(code, title));
        let Some(request) = self.request().await else {
            return refused("no-key", "this browser has no key for its receipts");
        };
        let Some(reply) = post::post(&self.0, "v1/erasures", Some(&request)).await else {
            return Sent::Waiting;
        };
        if !(200..300).contains(&reply.status) {
            let problem = json::parse(&reply.body).and_then(|body| Refusal::read(&body));
            return problem.map_or(Sent::Waiting, Sent::Refused);
        }
        let _guard = Lock::Store.acquire().await;
        let mut local = desk::local();
        if let Some(chain) = local.chain.take() {
            let mut shelf = desk::shelf();
            shelf.erase(&chain.subject);
            desk::save_shelf(&shelf, true);
        }
        Key::forget().await;
        desk::tidy(&self.0, &mut local, env::now()).await;
        Sent::Accepted
    }

    /// The request, signed with the key whose receipts are to go.
    async fn request(&self) -> Option<String> {
        let key = Key::find(&desk::local().chain?.subject).await?;
        let now = env::now();
        let payload = Payload {
            v: erasure::VERSION,
            id: random::uuid(now)?,
            site: Site::read(&self.0.config()).id,
            subject: key.jwk.thumbprint().to_string(),
            time: now,
        };
        let input = erasure::signing_input(&key.jwk, &payload);
        Some(Compact::assemble(&input, &key.sign(&input).await?))
    }
}
