//! Receipts out of the log again.

use rusqlite::{Connection, OptionalExtension};
use sayso_core::digest::Digest;
use sayso_core::jws::Compact;
use sayso_core::receipt::Payload;

use super::append::{Table, look_up};
use super::entry::{self, Kept, Kind, Opened};
use super::error::WorkError;
use super::reader::{Files, Reading};
use super::tree::Prover;
use crate::body;
use crate::error::LedgerError;
use crate::log::Inclusion;
use crate::receipt::Stored;
use crate::vault::Vault;

/// A receipt by its index, its proof still to come. `None` if it is erased, or no receipt.
pub(super) fn by_index(files: Files<'_>, index: u64) -> Result<Option<Stored>, WorkError> {
    match entry::by_index(files.db, index)? {
        Some(mut kept) if kept.kind.is_receipt() => read(files, &mut kept),
        _ => Ok(None),
    }
}

/// The receipt in a row, its proof still to come. `None` if it is erased.
pub(super) fn read(files: Files<'_>, kept: &mut Kept) -> Result<Option<Stored>, WorkError> {
    let Some((salt, jws)) = jws(files, kept)? else {
        return Ok(None);
    };
    let payload = payload(kept.index, &jws)?;
    Ok(Some(Stored {
        index: kept.index,
        hash: jws.content_hash(),
        id: payload.id,
        decision: payload.decision,
        witnessed: kept.kind == Kind::Witnessed,
        received: kept.received,
        flags: kept.flags.split_whitespace().map(str::to_owned).collect(),
        salt,
        commitment: kept.commitment,
        inclusion: Inclusion::pending(),
        jws: jws.text().to_owned(),
    }))
}

/// The salt and the JWS in a row.
pub(super) fn jws(
    files: Files<'_>,
    kept: &mut Kept,
) -> Result<Option<([u8; 32], Compact)>, WorkError> {
    let Opened::Body(salt, packed) = kept.open(files.salts)? else {
        return Ok(None);
    };
    let text = body::unpack(&packed, |number| document(files.db, number))?;
    let jws = text.and_then(|text| Compact::parse(&text).ok());
    Ok(Some((salt, jws.ok_or_else(|| unreadable(kept.index))?)))
}

/// What a kept JWS says.
pub(super) fn payload(index: u64, jws: &Compact) -> Result<Payload, WorkError> {
    jws.payload().map_err(|_| unreadable(index))
}

fn unreadable(index: u64) -> WorkError {
    LedgerError::Damaged(format!("the body of entry {index} is no receipt")).into()
}

fn document(db: &Connection, number: u64) -> Result<Option<Digest>, WorkError> {
    Ok(db
        .prepare_cached("SELECT digest FROM document WHERE number = ?1")?
        .query_row([number.cast_signed()], |row| row.get(0).map(Digest))
        .optional()?)
}

/// A receipt with its proof, by its index.
pub(super) fn proved(
    Reading { files, heads }: Reading<'_>,
    index: u64,
) -> Result<Option<Stored>, WorkError> {
    let Some(stored) = by_index(files, index)? else {
        return Ok(None);
    };
    prove(&mut Prover::new(files.db, heads)?, stored).map(Some)
}

/// Adds a receipt's proof.
pub(super) fn prove(prover: &mut Prover<'_>, mut stored: Stored) -> Result<Stored, WorkError> {
    let missing = || LedgerError::Damaged(format!("entry {} is not in the tree", stored.index));
    stored.inclusion = prover.inclusion(stored.index)?.ok_or_else(missing)?;
    Ok(stored)
}

pub(super) fn by_hash(
    reading: Reading<'_>,
    vault: &Vault,
    hash: &Digest,
) -> Result<Option<Stored>, WorkError> {
    match look_up(reading.files.db, Table::Hash, &vault.hash(hash))? {
        Some(index) => proved(reading, index),
        None => Ok(None),
    }
}

pub(super) fn by_decision(
    Reading { files, heads }: Reading<'_>,
    vault: &Vault,
    decision: &str,
) -> Result<Vec<Stored>, WorkError> {
    let mut query = files
        .db
        .prepare_cached("SELECT log_index FROM decision WHERE key = ?1 ORDER BY log_index")?;
    let indexes = query
        .query_map([vault.decision(decision)], |row| row.get::<_, i64>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut prover = Prover::new(files.db, heads)?;
    let mut found = Vec::new();
    for index in indexes {
        if let Some(stored) = by_index(files, index.cast_unsigned())? {
            found.push(prove(&mut prover, stored)?);
        }
    }
    Ok(found)
}
