//! Receipts into the log and out of it.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use sayso_core::commitment::commitment;
use sayso_core::digest::{Digest, sha256};
use sayso_core::receipt::{Kind, Payload};

use super::writer::WorkError;
use crate::error::LedgerError;
use crate::log::Inclusion;
use crate::receipt::{Append, Outcome, Stored};

const SELECT: &str =
    "SELECT r.log_index, r.jws, r.hash, r.id, r.decision, r.witnessed, r.received, r.flags, s.salt,
    r.commitment, r.content FROM receipt r JOIN salt s USING (log_index)";

/// Appends one receipt, unless it, or what it records, is there already.
pub(super) fn append(tx: &Transaction<'_>, append: &Append) -> Result<Outcome, WorkError> {
    let receipt = &append.receipt;
    let payload = receipt.payload();
    let hash = receipt.receipt_hash();
    let witnessed = receipt.kind() == Kind::Witnessed;
    let content = content(payload);
    if let Some(row) = one(tx, "WHERE r.hash = ?1", [hash.0])? {
        return Ok(Outcome::Same(row.stored));
    }
    if witnessed && let Some(outcome) = already_decided(tx, payload, content)? {
        return Ok(outcome);
    }
    if one(tx, "WHERE r.id = ?1", [&payload.id])?.is_some() {
        return Ok(Outcome::Conflict);
    }
    let stored = Stored {
        index: next_index(tx)?,
        jws: receipt.jws().to_owned(),
        hash,
        id: payload.id.clone(),
        decision: payload.decision.clone(),
        witnessed,
        received: append.received,
        flags: append.flags.clone(),
        salt: append.salt,
        commitment: commitment(&append.salt, receipt.jws()),
        inclusion: none(),
    };
    insert(tx, &stored, payload, content)?;
    Ok(Outcome::New(stored))
}

/// A decision that the server is asked to record again, or that the visitor has signed meanwhile.
fn already_decided(
    tx: &Transaction<'_>,
    payload: &Payload,
    content: Digest,
) -> Result<Option<Outcome>, WorkError> {
    let decision = &payload.decision;
    let via = via(payload);
    if let Some(row) = one(
        tx,
        "WHERE r.decision = ?1 AND r.witnessed = 1 AND r.via = ?2",
        (decision, &via),
    )? {
        return Ok(Some(if row.content == content {
            Outcome::Same(row.stored)
        } else {
            Outcome::Conflict
        }));
    }
    let signed = one(
        tx,
        "WHERE r.decision = ?1 AND r.content = ?2",
        (decision, content.0),
    )?;
    Ok(signed.map(|row| Outcome::Same(row.stored)))
}

/// Takes the next index: the size that was read becomes one more, or nothing happens at all.
fn next_index(tx: &Transaction<'_>) -> Result<u64, WorkError> {
    let size: i64 = tx
        .prepare_cached("SELECT size FROM head WHERE one = 1")?
        .query_row((), |row| row.get(0))?;
    let moved = tx
        .prepare_cached("UPDATE head SET size = ?1 + 1 WHERE one = 1 AND size = ?1")?
        .execute([size])?;
    if moved != 1 {
        return Err(
            LedgerError::Damaged("the log's head moved within a transaction".to_owned()).into(),
        );
    }
    Ok(size.cast_unsigned())
}

fn insert(
    tx: &Transaction<'_>,
    stored: &Stored,
    payload: &Payload,
    content: Digest,
) -> Result<(), WorkError> {
    let index = stored.index.cast_signed();
    tx.prepare_cached(
        "INSERT INTO receipt (log_index, hash, id, decision, content, witnessed, via, subject, prev, received, flags,
             commitment, jws)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute((
        index,
        stored.hash.0,
        &stored.id,
        &stored.decision,
        content.0,
        stored.witnessed,
        via(payload),
        &payload.subject,
        &payload.prev,
        stored.received.cast_signed(),
        stored.flags.join(" "),
        stored.commitment.0,
        &stored.jws,
    ))?;
    tx.prepare_cached("INSERT INTO salt (log_index, salt) VALUES (?1, ?2)")?
        .execute((index, stored.salt))?;
    Ok(())
}

/// How a witnessed decision came, as its receipt spells it.
fn via(payload: &Payload) -> Option<String> {
    payload
        .via
        .and_then(|via| Some(serde_json::to_value(via).ok()?.as_str()?.to_owned()))
}

/// Digest of what was decided: the payload without what tells one record of a decision from another.
fn content(payload: &Payload) -> Digest {
    let mut bare = payload.clone();
    bare.id = String::new();
    bare.subject = None;
    bare.prev = None;
    bare.via = None;
    bare.signals = Vec::new();
    sha256(&bare.to_bytes())
}

pub(super) fn size(db: &Connection) -> Result<u64, WorkError> {
    let size: i64 = db
        .prepare_cached("SELECT size FROM head WHERE one = 1")?
        .query_row((), |row| row.get(0))?;
    Ok(size.cast_unsigned())
}

pub(super) fn by_index(db: &Connection, index: u64) -> Result<Option<Stored>, WorkError> {
    let Ok(index) = i64::try_from(index) else {
        return Ok(None);
    };
    Ok(one(db, "WHERE r.log_index = ?1", [index])?.map(|row| row.stored))
}

pub(super) fn by_hash(db: &Connection, hash: Digest) -> Result<Option<Stored>, WorkError> {
    Ok(one(db, "WHERE r.hash = ?1", [hash.0])?.map(|row| row.stored))
}

pub(super) fn by_decision(db: &Connection, decision: &str) -> Result<Vec<Stored>, WorkError> {
    let mut query = db.prepare_cached(&format!(
        "{SELECT} WHERE r.decision = ?1 ORDER BY r.log_index"
    ))?;
    let rows = query
        .query_map([decision], read)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(rows.into_iter().map(|row| row.stored).collect())
}

struct Kept {
    stored: Stored,
    content: Digest,
}

fn one(
    db: &Connection,
    condition: &str,
    params: impl rusqlite::Params,
) -> Result<Option<Kept>, WorkError> {
    let sql = format!("{SELECT} {condition} ORDER BY r.log_index LIMIT 1");
    Ok(db
        .prepare_cached(&sql)?
        .query_row(params, read)
        .optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let flags: String = row.get(7)?;
    let stored = Stored {
        index: row.get::<_, i64>(0)?.cast_unsigned(),
        jws: row.get(1)?,
        hash: Digest(row.get(2)?),
        id: row.get(3)?,
        decision: row.get(4)?,
        witnessed: row.get(5)?,
        received: row.get::<_, i64>(6)?.cast_unsigned(),
        flags: flags.split_whitespace().map(str::to_owned).collect(),
        salt: row.get(8)?,
        commitment: Digest(row.get(9)?),
        inclusion: none(),
    };
    Ok(Kept {
        stored,
        content: Digest(row.get(10)?),
    })
}

fn none() -> Inclusion {
    Inclusion {
        index: 0,
        size: 0,
        root: Digest([0; 32]),
        hashes: Vec::new(),
    }
}
