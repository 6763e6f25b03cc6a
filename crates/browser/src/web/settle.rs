//! Settling: decision → record → signature → outbox → server → countersigned receipt.

use std::cell::{Cell, RefCell};

use js_sys::{Array, JSON};
use sayso_core::cookie::Cookie;
use sayso_core::decision::Decision;
use sayso_core::digest;
use sayso_core::jws::Compact;
use wasm_bindgen::prelude::*;

use super::key::Key;
use super::lock::Lock;
use super::{desk, env, port::Port, post};
use crate::address::Prepared;
use crate::answer::{Answer, Refusal};
use crate::json;
use crate::local::{Chain, Local, says_yes};
use crate::outbox::{Kind, Left, Outbox, Wait, Waiting};
use crate::shelf::Kept;
use crate::signing::{Mark, Site, unsigned};

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
#[wasm_bindgen]
pub async fn settle(port: Port) {
    sign_pending(&port).await;
    drain(&port).await;
    retry(port);
}

/// Signs every pending decision and puts it into the outbox.
async fn sign_pending(port: &Port) {
    let site: Option<Site> = json::parse(&port.config());
    let _guard = Lock::Store.acquire().await;
    let now = env::now();
    let mut local = desk::local();
    desk::tidy(&mut local, now).await;
    let mut outbox = desk::outbox();
    let mut done = Vec::new();
    for decision in pending(port) {
        if !outbox.has(&decision.id) {
            if let Err(error) = local.apply(&decision) {
                complain(port, &decision.id, &Refusal { detail: error.to_string(), ..Refusal::local("malformed", "") });
            } else {
                // First the record, then the signature: whatever fails from here on, the answer is known.
                desk::save_local(&local);
                let waiting = receipt(site.as_ref(), &mut local, &decision, now).await;
                put(port, &mut outbox, waiting);
            }
        }
        done.push(decision.id);
    }
    if let Ok(cookie) = Cookie::parse(&port.state()) {
        local.catch_up(&cookie);
    }
    let safe = desk::save_outbox(&outbox);
    desk::tidy(&mut local, now).await;
    if safe {
        port.settled(done);
    } else {
        UNSAFE.with_borrow_mut(|list| list.extend(done));
    }
}

/// The gate's pending decisions, oldest first; one that cannot be read does not stand in the others' way.
fn pending(port: &Port) -> Vec<Decision> {
    let Ok(list) = JSON::parse(&port.pending()) else { return Vec::new() };
    if !Array::is_array(&list) {
        return Vec::new();
    }
    let text = |item| JSON::stringify(&item).ok().map(String::from);
    let mut decisions: Vec<Decision> =
        Array::from(&list).iter().filter_map(|item| json::parse(&text(item)?)).collect();
    decisions.sort_by_key(|d| d.time);
    decisions
}

/// The outbox entry of a decision about device purposes: signed, or as it is.
async fn receipt(site: Option<&Site>, local: &mut Local, decision: &Decision, now: u64) -> Waiting {
    let opens = decision.choices().is_ok_and(|c| says_yes(&c));
    let signed = match site {
        Some(site) => sign(site, local, decision, None, opens, now).await,
        None => None,
    };
    let entry = |id: &str, kind, item| entry(decision, id, kind, item, opens, now);
    match signed {
        Some((id, jws)) => entry(&id, Kind::Receipt, jws),
        None => entry(&decision.id, Kind::Decision, json::write(&unsigned(decision))),
    }
}

/// The outbox entry of a decision about an address.
pub(super) async fn address(
    site: &Site,
    local: &mut Local,
    prepared: &Prepared,
    request: impl FnOnce(Option<String>) -> String,
    opens: bool,
    now: u64,
) -> Waiting {
    let decision = &prepared.decision;
    match sign(site, local, decision, Some(prepared.about.clone()), opens, now).await {
        Some((id, jws)) => {
            Waiting { receipt: jws.clone(), ..entry(decision, &id, Kind::Address, request(Some(jws)), opens, now) }
        }
        None => entry(decision, &decision.id, Kind::Address, request(None), opens, now),
    }
}

fn entry(decision: &Decision, id: &str, kind: Kind, item: String, opens: bool, now: u64) -> Waiting {
    Waiting {
        id: id.to_owned(),
        decision: decision.id.clone(),
        time: decision.time,
        kind,
        item,
        receipt: String::new(),
        opens,
        since: now,
        tries: 0,
        next: 0,
        alone: false,
    }
}

/// Signs a decision: with the stored key, with a new one that is kept if this is a yes, else with one used once.
async fn sign(
    site: &Site,
    local: &mut Local,
    decision: &Decision,
    about: Option<String>,
    opens: bool,
    now: u64,
) -> Option<(String, String)> {
    let id = env::uuid(now)?;
    let stored = match &local.chain {
        Some(chain) => Key::find(&chain.subject).await,
        None => None,
    };
    let keep = stored.is_some() || opens || local.keep;
    let key = match stored {
        Some(key) => key,
        None => {
            let key = Key::make().await?;
            local.chain = None;
            if keep {
                key.keep().await;
                let subject = key.jwk.thumbprint().to_string();
                local.chain = Some(Chain { subject, created: now, prev: None });
            }
            key
        }
    };
    let prev = local.chain.as_ref().and_then(|c| c.prev.clone());
    let input = site.signing_input(decision, Mark { id: id.clone(), prev, about }, &key.jwk).ok()?;
    let signature = key.sign(&input).await?;
    if let Some(chain) = &mut local.chain {
        chain.prev = Some(digest::sha256(input.as_bytes()).to_string());
        desk::save_local(local);
    }
    Some((id, Compact::assemble(&input, &signature)))
}

/// Adds to the outbox and says what had to go for it.
pub(super) fn put(port: &Port, outbox: &mut Outbox, waiting: Waiting) {
    for dropped in outbox.push(waiting) {
        complain(port, &dropped.decision, &Refusal::local("outbox-full", "too much waits to be sent"));
    }
}

/// Posts what is due, one request after the other, until nothing is or the server cannot be reached.
pub(super) async fn drain(port: &Port) {
    let _posting = Lock::Post.acquire().await;
    loop {
        // A cookie that does not parse is none, and never goes into a body.
        let state = Some(port.state()).filter(|s| Cookie::parse(s).is_ok()).unwrap_or_default();
        let outbox = desk::outbox();
        let Some(batch) = outbox.batch(env::now(), &state) else { return };
        let reply = post::post(port, batch.path, &batch.body).await;
        let answered = reply.is_some();
        let find = |id: &String| outbox.0.iter().find(|w| w.id == *id)?.signed();
        let sent: Vec<Option<&str>> = batch.ids.iter().map(find).collect();
        let answer = reply.map_or(Answer::Whole(Wait::Failure), |r| r.read(&sent));
        let unreachable = matches!(answer, Answer::Whole(_));
        let left = take_in(&batch.ids, answer).await;
        if answered {
            port.heal();
        }
        let decisions: Vec<String> = left.iter().map(|l| l.waiting.decision.clone()).collect();
        let held = UNSAFE.with_borrow_mut(|list| list.extract_if(.., |id| decisions.contains(id)).collect());
        port.settled(held);
        left.iter().for_each(|left| report(port, left));
        if unreachable {
            return;
        }
    }
}

/// Writes down what the server said: the receipts first, then the outbox without them.
async fn take_in(ids: &[String], answer: Answer) -> Vec<Left> {
    let _guard = Lock::Store.acquire().await;
    let now = env::now();
    let mut outbox = desk::outbox();
    let left = outbox.answered(ids, answer, now, env::jitter());
    if !left.is_empty() {
        let local = desk::local();
        let mut shelf = desk::shelf();
        left.iter().for_each(|left| shelf.put(Kept::new(left.clone())));
        desk::save_shelf(&shelf, desk::standing(&local, now).keeps_receipts(local.keep));
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
                Some(next) if next.saturating_sub(now) <= PAGE_WAIT => next.saturating_sub(now).max(250),
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
    match &left.outcome {
        Ok(stored) => {
            let file = stored.0.as_ref().map_or_else(|| "null".to_owned(), json::write);
            let Waiting { id, decision, .. } = &left.waiting;
            port.emit("receipt", &format!(r#"{{"id":"{id}","decision":"{decision}","receipt":{file}}}"#));
        }
        Err(refusal) => complain(port, &left.waiting.decision, refusal),
    }
}

fn complain(port: &Port, decision: &str, refusal: &Refusal) {
    let decision = json::write(&decision);
    let refusal = json::write(refusal);
    port.emit("error", &format!(r#"{{"decision":{decision},"problem":{refusal}}}"#));
}
