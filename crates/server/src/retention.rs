//! Keeping no longer than declared: the rules of `[keep]`, carried out on a clock. What is logged is counts.

use std::sync::Arc;
use std::time::Duration;

use sayso_ledger::LedgerError;
use sayso_ledger::erasure::Retention;
use tokio::sync::watch;

use crate::site::Site;

/// How often it is looked whether something is due. Rules count in days.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// What a sweep forgot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many receipts.
    pub receipts: u64,
    /// How many addresses.
    pub addresses: u64,
}

/// Forgets everything that is due at this moment, step by step, so that receipts arriving meanwhile need not wait long.
pub async fn sweep(site: &Site) -> Result<Swept, LedgerError> {
    let keep = site.config.keep;
    let rules = Retention {
        signed_days: keep.signed_days,
        witnessed_days: keep.witnessed_days,
        address_days: keep.address_days,
    };
    let mut swept = Swept::default();
    loop {
        let step = site.ledger.retain(rules, site.clock.now()).await?;
        swept.receipts += step.receipts.len() as u64;
        swept.addresses += step.addresses;
        if step.tombstone.is_some() {
            site.publication.grown.notify_one();
        }
        // A step that forgot nothing will not be followed by one that does.
        let idle = step.receipts.is_empty() && step.addresses == 0;
        if !step.more || idle {
            break;
        }
    }
    if swept != Swept::default() {
        let Swept {
            receipts,
            addresses,
        } = swept;
        tracing::info!(site = %site.config.id, receipts, addresses, "forgotten: kept for as long as declared");
    }
    Ok(swept)
}

/// Sweeps at the start and every hour, until told to stop.
pub async fn run(site: Arc<Site>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            swept = sweep(&site) => if let Err(error) = swept {
                tracing::warn!(site = %site.config.id, %error, "what is due to be forgotten waits for the next hour");
            },
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
