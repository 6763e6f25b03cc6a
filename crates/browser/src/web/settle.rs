//! Settling: decision → record → signature → outbox → server → countersigned receipt.

use std::cell::{Cell, RefCell};

use sayso_core::digest;
use sayso_core::jws::Compact;

use super::key::Key;
use super::lock::Lock;
use super::{desk, env, port::Port, post, random, watch};
use crate::answer::{Answer, Refusal};
use crate::json::Object;
use crate::local::{Chain, Local, says_yes};
use crate::outbox::{Kind, Left, Outbox, Wait, Waiting};
use crate::pending::Pending;
use crate::shelf::Kept;
use crate::signing::{Mark, Site};

/// The longest wait between attempts that this page sees to; what is due later is for another page view.
const PAGE_WAIT: u64 = 30 * 60 * 1000;

thread_local! {
    /// Decisions whose receipts could not be stored: the gate keeps them until the server has them.
    static UNSAFE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// Whether this page already waits for the next attempt.
    static WAITING: Cell<bool> = const { Cell::new(false) };
}

/// Settles what the gate has pending and posts what waits. Resolves after the first attempt; further ones go on in the
/// background for as long as the page is open.
pub(super) async fn settle(port: Port) {
    sign_pending(&port).await;
    drain(&port).await;
    retry(port);
}

/// Signs every pending decision and puts it into the outbox.
async fn sign_pending(port: &Port) {
    let _guard = Lock::Store.acquire().await;
    let now = env::now();
    let site = Site::read(&port.config());
    let pending = Pending::list(&port.pending());
    let mut local = desk::local();
    if local.key_has_ended(now) {
        Key::forget().await;
        local.chain = None;
    }
    let mut outbox = desk::outbox();
    for pending in &pending {
        if !outbox.has(&pending.id) {
            // First the record, then the signature: whatever fails from here on, the answer is known.
            local.note(pending.event(""));
            desk::save_local(&local);
            let opens = says_yes(&pending.choices);
            let waiting = match sign(&site, &mut local, pending, "", opens, now).await {
                Some((id, jws)) => Waiting::new(pending, id, Kind::Receipt, jws, opens, now),
                None => Waiting::new(
                    pending,
                    pending.id.clone(),
                    Kind::Decision,
                    pending.unsigned(),
                    opens,
                    now,
                ),
            };
            put(port, &mut outbox, waiting);
        }
    }
    let done: Vec<String> = pending.into_iter().map(|p| p.id).collect();
    if desk::save_outbox(&outbox) {
        port.settled(done);
    } else {
        UNSAFE.with_borrow_mut(|list| list.extend(done));
    }
    // Last, so that the receipt of a withdrawal is still signed by the key it ends.
    desk::tidy(port, &mut local, now).await;
}

/// Signs a decision: with the stored key, with a new one that is kept if this is a yes, else with one used once. Returns
/// the receipt's id and the receipt; `None` where nothing can be signed.
pub(super) async fn sign(
    site: &Site,
    local: &mut Local,
    pending: &Pending,
    about: &str,
    opens: bool,
    now: u64,
) -> Option<(String, String)> {
    let id = random::uuid(now)?;
    let stored = match &local.chain {
        Some(chain) => Key::find(&chain.subject).await,
        None => None,
    };
    let key = match stored {
        Some(key) => key,
        None => {
            let key = Key::make().await?;
            local.chain = None;
            if opens || local.keep {
                let subject = key.jwk.thumbprint().to_string();
                let (prev, until) = (String::new(), u32::MAX);
                local.chain = Some(Chain {
                    subject,
                    created: now,
                    prev,
                    until,
                });
                // Only the record leads back to a key: where it cannot be stored, the key is not either.
                let lasting = desk::save_local(local);
                key.keep(lasting).await;
            }
            key
        }
    };
    let prev = local
        .chain
        .as_ref()
        .map(|c| c.prev.clone())
        .unwrap_or_default();
    let mark = Mark {
        id,
        prev,
        about: about.to_owned(),
    };
    let input = pending.signing_input(site, &mark, &key.jwk)?;
    let signature = key.sign(&input).await?;
    if let Some(chain) = &mut local.chain {
        chain.prev = digest::sha256(input.as_bytes()).to_string();
        desk::save_local(local);
    }
    Some((mark.id, Compact::assemble(&input, &signature)))
}

/// Adds to the outbox and says what had to go for it.
pub(super) fn put(port: &Port, outbox: &mut Outbox, waiting: Waiting) {
    for dropped in outbox.push(waiting) {
        complain(
            port,
            &dropped.decision,
            &Refusal::local("outbox-full", "too much waits to be sent"),
        );
    }
}

/// Posts what is due, one request after the other, until nothing is or the server cannot be reached. Returns what left
/// the outbox.
pub(super) async fn drain(port: &Port) -> Vec<Left> {
    let _posting = Lock::Post.acquire().await;
    let mut all = Vec::new();
    loop {
        let state = port.state();
        let outbox = desk::outbox();
        let Some(batch) = outbox.batch(env::now(), &state) else {
            return all;
        };
        let reply = post::post(port, batch.path, Some(&batch.body)).await;
        let answered = reply.is_some();
        let find = |id: &String| outbox.0.iter().find(|w| w.id == *id)?.signed();
        let sent: Vec<Option<&str>> = batch.ids.iter().map(find).collect();
        let answer = reply.map_or(Answer::Whole(Wait::Failure), |r| r.read(&sent));
        let unreachable = matches!(answer, Answer::Whole(_));
        let left = take_in(port, &batch.ids, answer).await;
        if answered {
            port.heal();
        }
        let decisions: Vec<String> = left.iter().map(|l| l.waiting.decision.clone()).collect();
        let held = |id: &String| UNSAFE.with_borrow(|list| list.contains(id));
        port.settled(decisions.into_iter().filter(held).collect());
        left.iter().for_each(|left| report(port, left));
        watch::watch(port).await;
        all.extend(left);
        if unreachable {
            return all;
        }
    }
}

/// Writes down what the server said: the receipts first, then the outbox without them.
async fn take_in(port: &Port, ids: &[String], answer: Answer) -> Vec<Left> {
    let _guard = Lock::Store.acquire().await;
    let now = env::now();
    let mut outbox = desk::outbox();
    let left = outbox.answered(ids, answer, now, env::jitter());
    if !left.is_empty() {
        let local = desk::local();
        let mut shelf = desk::shelf();
        left.iter()
            .for_each(|left| shelf.put(Kept::new(left.clone())));
        desk::save_shelf(
            &shelf,
            desk::standing(port, &local, now).keeps_receipts(local.keep),
        );
    }
    desk::save_outbox(&outbox);
    left
}

/// Goes on trying for as long as the page is open, one waiter per page.
pub(super) fn retry(port: Port) {
    if WAITING.replace(true) {
        return;
    }
    wasm_bindgen_futures::spawn_local(async move {
        loop {
            let now = env::now();
            let wait = match desk::outbox().next(now) {
                Some(next) if next.saturating_sub(now) <= PAGE_WAIT => {
                    next.saturating_sub(now).max(250)
                }
                _ => break,
            };
            if env::wait_or_online(wait).await {
                let _guard = Lock::Store.acquire().await;
                let mut outbox = desk::outbox();
                outbox.wake(env::now());
                desk::save_outbox(&outbox);
            }
            drain(&port).await;
        }
        WAITING.set(false);
    });
}

/// Tells the page.
fn report(port: &Port, left: &Left) {
    let Waiting { id, decision, .. } = &left.waiting;
    match &left.outcome {
        Ok(accepted) => {
            let file = accepted.0.as_deref().unwrap_or("null");
            port.emit(
                "receipt",
                &Object::new()
                    .text("id", id)
                    .text("decision", decision)
                    .raw("receipt", file)
                    .end(),
            );
        }
        Err(refusal) => complain(port, decision, refusal),
    }
}

pub(super) fn complain(port: &Port, decision: &str, refusal: &Refusal) {
    let message = if refusal.detail.is_empty() {
        &refusal.title
    } else {
        &refusal.detail
    };
    let mut detail = Object::new();
    detail
        .text("code", &refusal.code)
        .text("message", message)
        .text("decision", decision);
    port.emit(
        "error",
        &detail.number("status", refusal.status.into()).end(),
    );
}
