//! Everything this browser keeps, by key, and the housekeeping between what is stored and what may be.

use super::key::Key;
use super::port::Port;
use super::storage;
use crate::address::Addresses;
use crate::json::Stored;
use crate::local::{Local, Standing, day, until};
use crate::log::Log;
use crate::outbox::Outbox;
use crate::shelf::Shelf;

const RECORD: &str = "sayso.record";
/// The gate looks at this key: anything but nothing and `[]` makes it load this module.
const OUTBOX: &str = "sayso.outbox";
const RECEIPTS: &str = "sayso.receipts";
const ADDRESSES: &str = "sayso.addresses";
const LOG: &str = "sayso.log";

pub(super) fn local() -> Local {
    storage::read(RECORD)
}

/// Saves the record; whether it will still be there after this page.
pub(super) fn save_local(local: &Local) -> bool {
    if *local == Local::default() {
        storage::clear(RECORD);
        return true;
    }
    storage::write(RECORD, local.write())
}

pub(super) fn outbox() -> Outbox {
    storage::read(OUTBOX)
}

/// Saves the outbox; whether it will still be there after this page.
pub(super) fn save_outbox(outbox: &Outbox) -> bool {
    if outbox.0.is_empty() {
        storage::clear(OUTBOX);
        return true;
    }
    storage::write(OUTBOX, outbox.write())
}

pub(super) fn shelf() -> Shelf {
    storage::read(RECEIPTS)
}

/// Saves the receipts where they may stay, else holds them while this page is open.
pub(super) fn save_shelf(shelf: &Shelf, stay: bool) {
    save(RECEIPTS, (!shelf.0.is_empty()).then(|| shelf.write()), stay);
}

pub(super) fn log() -> Log {
    storage::read(LOG)
}

/// Saves what is known of the log where receipts may stay: a checkpoint tells when a visitor was here.
pub(super) fn save_log(log: &Log, stay: bool) {
    save(LOG, (!log.seen.is_empty()).then(|| log.write()), stay);
}

fn save(key: &'static str, text: Option<String>, stay: bool) {
    match text {
        None => storage::clear(key),
        Some(text) if stay => drop(storage::write(key, text)),
        Some(text) => storage::hold(key, text),
    }
}

pub(super) fn addresses() -> Addresses {
    storage::read(ADDRESSES)
}

pub(super) fn save_addresses(addresses: &Addresses) {
    if addresses.0.is_empty() {
        storage::clear(ADDRESSES);
    } else {
        storage::write(ADDRESSES, addresses.write());
    }
}

/// What has been said so far.
pub(super) fn standing(port: &Port, local: &Local, now: u64) -> Standing {
    Standing::of(&port.state(), &local.history, addresses().asked(), day(now))
}

/// Drops what may no longer stay, and saves the rest. Once everything has lapsed nothing stays.
pub(super) async fn tidy(port: &Port, local: &mut Local, now: u64) {
    let standing = standing(port, local, now);
    let lasting = local.keep || addresses().asked();
    if let Some(chain) = &mut local.chain {
        chain.until = if lasting {
            u32::MAX
        } else {
            until(&port.state())
        };
    }
    if local.chain.is_some() && (!standing.keeps_key(local.keep) || local.key_has_ended(now)) {
        Key::forget().await;
        local.chain = None;
    }
    if !standing.keeps_receipts(local.keep) {
        local.forget_ids();
        save_shelf(&shelf(), false);
        save_log(&log(), false);
    }
    if standing == Standing::Nothing && !local.keep {
        local.history.clear();
    }
    save_local(local);
}
