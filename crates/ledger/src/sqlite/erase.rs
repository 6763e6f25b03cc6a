//! Erasing: rows emptied, look-ups and addresses removed, and a tombstone that says which entries, when and why.

use rusqlite::Connection;
use sayso_core::digest::sha256;
use serde::Serialize;

use super::entry::{self, Kind};
use super::error::WorkError;
use super::reader::Files;
use super::retain::Due;
use super::store::Batch;
use super::{address, append, event, forget, receipt};
use crate::erasure::{Erased, What, Why};
use crate::vault::Vault;

/// At most so many receipts in one transaction, under one tombstone.
pub(super) const STEP: usize = 1000;

/// What a tombstone commits to. **Do not modify:** a published shape. It names nobody.
#[derive(Serialize)]
struct Tombstone<'a> {
    v: u32,
    time: u64,
    /// The entries erased.
    receipts: &'a [u64],
    /// How many addresses were forgotten.
    addresses: u64,
    why: Reason<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Reason<'a> {
    /// SHA-256 of the subject's signed request.
    Request(String),
    Retention(&'a str),
    Operator(&'a str),
}

impl<'a> Reason<'a> {
    fn of(why: &'a Why) -> Self {
        match why {
            Why::Request { jws } => Self::Request(sha256(jws.as_bytes()).to_string()),
            Why::Retention { rule } => Self::Retention(rule),
            Why::Operator { reason } => Self::Operator(reason),
        }
    }
}

/// What is meant, as the files number it: at most a step of it.
#[derive(Default)]
pub(super) struct Target {
    receipts: Vec<u64>,
    address: Option<(i64, [u8; 32])>,
    newer: u64,
    /// The index that the next step begins with, if there is one.
    pub(super) next: Option<u64>,
}

impl Target {
    /// What an order means now, of the receipts from an index on.
    pub(super) fn of(
        files: Files<'_>,
        vault: &Vault,
        what: &What,
        from: u64,
    ) -> Result<Self, WorkError> {
        let mut target = Self::default();
        match what {
            What::Index(index) => target.receipts.push(*index),
            What::Subject(subject) => target.subject(files.db, vault, subject, from)?,
            What::Request { subject, time } => {
                target.subject(files.db, vault, subject, from)?;
                target.keep_newer(files, *time)?;
            }
            What::Address(email) => target.address(files.db, vault.look_up(email), from)?,
        }
        Ok(target)
    }

    /// What a rule of keeping means, of the receipts from an index on.
    pub(super) fn due(db: &Connection, due: &Due, from: u64) -> Result<Self, WorkError> {
        let mut target = Self {
            receipts: due.receipts.clone(),
            ..Self::default()
        };
        if let Some(look_up) = due.address {
            target.address(db, look_up, from)?;
        }
        Ok(target)
    }

    fn subject(
        &mut self,
        db: &Connection,
        vault: &Vault,
        subject: &str,
        from: u64,
    ) -> Result<(), WorkError> {
        let sql = "SELECT log_index FROM subject WHERE key = ?1 AND log_index >= ?2
            ORDER BY log_index LIMIT ?3";
        self.list(db, sql, vault.subject(subject), from)
    }

    fn address(&mut self, db: &Connection, look_up: [u8; 32], from: u64) -> Result<(), WorkError> {
        if let Some(number) = address::number(db, &look_up)? {
            let sql = "SELECT log_index FROM address_receipt WHERE address = ?1 AND log_index >= ?2
                ORDER BY log_index LIMIT ?3";
            self.list(db, sql, number, from)?;
            // The address goes with the last of its receipts.
            self.address = self.next.is_none().then_some((number, look_up));
        }
        Ok(())
    }

    fn list(
        &mut self,
        db: &Connection,
        sql: &str,
        key: impl rusqlite::ToSql,
        from: u64,
    ) -> Result<(), WorkError> {
        let mut query = db.prepare_cached(sql)?;
        let rows = query.query_map((key, from.cast_signed(), STEP as i64 + 1), |row| {
            row.get::<_, i64>(0)
        })?;
        for index in rows {
            self.receipts.push(index?.cast_unsigned());
        }
        self.next = self.receipts.get(STEP).copied();
        self.receipts.truncate(STEP);
        Ok(())
    }

    /// Leaves out what was neither made nor received by a time: a decision is as old as the earlier of the two says.
    fn keep_newer(&mut self, files: Files<'_>, time: u64) -> Result<(), WorkError> {
        let mut asked_for = Vec::new();
        for &index in &self.receipts {
            match is_newer(files, index, time)? {
                true => self.newer += 1,
                false => asked_for.push(index),
            }
        }
        self.receipts = asked_for;
        Ok(())
    }
}

fn is_newer(files: Files<'_>, index: u64, time: u64) -> Result<bool, WorkError> {
    let mut kept = match entry::by_index(files.db, index)? {
        Some(kept) if kept.received > time => kept,
        _ => return Ok(false),
    };
    match receipt::jws(files, &mut kept) {
        Ok(Some((_, jws))) => Ok(receipt::payload(index, &jws)?.time > time),
        // What nobody can read does not say that it is newer.
        Ok(None) | Err(WorkError::Ledger(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Erases what is meant. The salts follow when this is committed.
pub(super) fn erase(
    batch: &mut Batch<'_>,
    target: &Target,
    why: &Why,
    salt: &[u8; 32],
    now: u64,
) -> Result<Erased, WorkError> {
    let mut erased = Erased {
        newer: target.newer,
        ..Erased::default()
    };
    for &index in &target.receipts {
        match empty(batch, index)? {
            Emptied::Now => erased.receipts.push(index),
            Emptied::Before => erased.already += 1,
            Emptied::NoReceipt => {}
        }
    }
    if let Some((number, look_up)) = target.address {
        address::remove(batch.db, number)?;
        batch
            .db
            .prepare_cached("INSERT INTO suppressed (look_up) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([look_up])?;
        forget::address(batch.db, number)?;
        erased.addresses = 1;
    }
    if erased.receipts.is_empty() && erased.addresses == 0 {
        return Ok(erased);
    }
    let tombstone = Tombstone {
        v: 1,
        time: now,
        receipts: &erased.receipts,
        addresses: erased.addresses,
        why: Reason::of(why),
    };
    let json = serde_json::to_string(&tombstone).expect("numbers and texts are plain JSON");
    erased.tombstone = Some(event::append(batch, Kind::Tombstone, &json, salt, now)?);
    batch.removed = true;
    Ok(erased)
}

enum Emptied {
    Now,
    Before,
    NoReceipt,
}

/// Empties one entry.
fn empty(batch: &mut Batch<'_>, index: u64) -> Result<Emptied, WorkError> {
    let db = batch.db;
    let mut kept = match entry::by_index(db, index)? {
        Some(kept) if kept.kind.is_receipt() => kept,
        _ => return Ok(Emptied::NoReceipt),
    };
    if !entry::is_kept(db, index)? {
        return Ok(Emptied::Before);
    }
    // What it is found by follows from what it says. The keyed hashes of what cannot be read any more stay: they say
    // nothing, and what they lead to is erased.
    let emptied = match receipt::jws(batch.files(), &mut kept) {
        Ok(Some((_, jws))) => {
            let payload = receipt::payload(index, &jws)?;
            append::remove_look_ups(db, batch.vault, index, &payload)?;
            Emptied::Now
        }
        Ok(None) => Emptied::Before,
        Err(WorkError::Ledger(_)) => Emptied::Now,
        Err(error) => return Err(error),
    };
    entry::erase(db, index)?;
    db.prepare_cached("DELETE FROM address_receipt WHERE log_index = ?1")?
        .execute([index.cast_signed()])?;
    forget::entry(db, index)?;
    batch.removed = true;
    Ok(emptied)
}
