//! Sending what is queued: at once when something new is there, again later when it failed.
//!
//! A mail leaves the queue only after it was handed over, so a process that dies in between sends it twice rather than
//! never.

use std::sync::Arc;
use std::time::Duration;

use sayso_ledger::LedgerError;
use sayso_ledger::mail::{Delivery, QueuedMail};
use tokio::sync::watch;

use super::letter::Letter;
use super::transport::Transport;
use crate::metrics::Metrics;
use crate::site::Site;

/// How often the queue is looked at when nobody calls.
const REST: Duration = Duration::from_secs(20);
/// How many are taken at once.
const BATCH: u32 = 32;
/// After so many failures a mail is given up: its link has long expired.
const MOST_ATTEMPTS: u32 = 12;

/// Sends for one site until told to stop: another site's slow mail server holds nothing up here.
pub async fn run(
    site: Arc<Site>,
    transport: Transport,
    metrics: Metrics,
    mut stop: watch::Receiver<bool>,
) {
    let count = |delivery| metrics.mail(&site.config.id, outcome(delivery));
    loop {
        if let Err(error) = drain_telling(&site, &transport, count).await {
            tracing::warn!(site = %site.config.id, %error, "the mail queue cannot be read");
        }
        tokio::select! {
            () = site.mail.notified() => {}
            () = tokio::time::sleep(REST) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Sends everything that is due for one site.
pub async fn drain(site: &Site, transport: &Transport) -> Result<(), LedgerError> {
    drain_telling(site, transport, |_| {}).await
}

/// A delivery in a word.
fn outcome(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Sent => "sent",
        Delivery::GivenUp => "given-up",
        Delivery::RetryAt(_) => "later",
    }
}

async fn drain_telling(
    site: &Site,
    transport: &Transport,
    tell: impl Fn(Delivery),
) -> Result<(), LedgerError> {
    loop {
        let due = site.ledger.due_mail(site.clock.now(), BATCH).await?;
        if due.is_empty() {
            return Ok(());
        }
        for mail in due {
            let delivery = send(site, transport, &mail).await;
            site.ledger.delivered(mail.id, delivery).await?;
            tell(delivery);
        }
    }
}

async fn send(site: &Site, transport: &Transport, mail: &QueuedMail) -> Delivery {
    let now = site.clock.now();
    let message = match serde_json::from_str::<Letter>(&mail.body) {
        Ok(letter) => letter
            .message(site, now, site.random.as_ref())
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let message = match message {
        Ok(message) => message,
        // No error text here: it may quote the address.
        Err(_) => {
            tracing::error!(site = %site.config.id, mail = mail.id, "a queued mail cannot be written; given up");
            return Delivery::GivenUp;
        }
    };
    let name = format!("{now:013}-{:06}", mail.id);
    match transport.hand_over(message, &site.folder, &name).await {
        Ok(()) => {
            tracing::info!(site = %site.config.id, mail = mail.id, "mail sent");
            Delivery::Sent
        }
        Err(error) if error.is_final() || mail.attempts + 1 >= MOST_ATTEMPTS => {
            tracing::error!(site = %site.config.id, mail = mail.id, "mail given up: the server refuses it for good");
            Delivery::GivenUp
        }
        Err(_) => {
            let pause = 30_000u64 << mail.attempts.min(10);
            tracing::warn!(site = %site.config.id, mail = mail.id, again_in_s = pause / 1000, "mail not sent");
            Delivery::RetryAt(now + pause)
        }
    }
}
