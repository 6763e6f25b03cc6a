//! Rows of the log: written once, read back with their salts, and opened.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, Row};
use sayso_core::digest::Digest;
use sayso_core::log::Entry;

use super::error::WorkError;
use crate::body::{BodyKey, Place};
use crate::error::LedgerError;

/// What kind of entry a row is. **Do not modify:** the numbers stand in the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Signed = 0,
    Witnessed = 1,
    Tombstone = 2,
    KeyEvent = 3,
}

impl Kind {
    fn read(number: u8) -> Result<Self, LedgerError> {
        Ok(match number {
            0 => Self::Signed,
            1 => Self::Witnessed,
            2 => Self::Tombstone,
            3 => Self::KeyEvent,
            other => {
                return Err(LedgerError::Damaged(format!("{other} is no kind of entry")));
            }
        })
    }

    /// What is hashed into the tree.
    pub(super) fn entry(self, commitment: Digest) -> Entry {
        match self {
            Self::Signed | Self::Witnessed => Entry::Receipt(commitment),
            Self::Tombstone => Entry::Tombstone(commitment),
            Self::KeyEvent => Entry::KeyEvent(commitment),
        }
    }

    pub(super) fn is_receipt(self) -> bool {
        matches!(self, Self::Signed | Self::Witnessed)
    }
}

/// A row, its body still sealed.
pub(super) struct Kept {
    pub(super) index: u64,
    pub(super) kind: Kind,
    pub(super) received: u64,
    pub(super) flags: String,
    pub(super) commitment: Digest,
    body: Option<Vec<u8>>,
}

/// A salt that is forgotten.
const FORGOTTEN: [u8; 32] = [0; 32];

/// What opening a row gave.
pub(super) enum Opened {
    /// The salt and the body.
    Body([u8; 32], Vec<u8>),
    /// Nothing is left of it: its body was removed, or, in an older copy of the file, its salt was forgotten since.
    Erased,
}

impl Kept {
    pub(super) fn entry(&self) -> Entry {
        self.kind.entry(self.commitment)
    }

    /// Takes the body out of its seal.
    pub(super) fn open(&mut self, salts: &Connection) -> Result<Opened, WorkError> {
        let Some(body) = self.body.take() else {
            return Ok(Opened::Erased);
        };
        let salt = salt(salts, self.index)?.ok_or_else(|| {
            LedgerError::Damaged(format!(
                "entry {} has no salt: salts.db is older than ledger.db",
                self.index
            ))
        })?;
        if salt == FORGOTTEN {
            return Ok(Opened::Erased);
        }
        let place = Place {
            index: self.index,
            kind: self.kind as u8,
            received: self.received,
            flags: &self.flags,
            commitment: &self.commitment,
        };
        Ok(Opened::Body(salt, BodyKey::new(&salt).open(&place, body)?))
    }
}

/// Writes a row and its salt. `body` is sealed here, since only now its place is known.
pub(super) fn insert(
    db: &Connection,
    salts: &Connection,
    place: &Place<'_>,
    (salt, key): (&[u8; 32], &BodyKey),
    body: Vec<u8>,
) -> rusqlite::Result<()> {
    let index = place.index.cast_signed();
    // A crash between the two commits leaves a salt whose entry never came to be.
    salts
        .prepare_cached(
            "INSERT INTO salt (log_index, salt) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET salt = excluded.salt",
        )?
        .execute((index, salt))?;
    db.prepare_cached(
        "INSERT INTO entry (log_index, kind, received, flags, commitment, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        index,
        place.kind,
        place.received.cast_signed(),
        place.flags,
        place.commitment.0,
        key.seal(place, body),
    ))?;
    Ok(())
}

pub(super) fn size(db: &Connection) -> rusqlite::Result<u64> {
    let size: i64 = db
        .prepare_cached("SELECT coalesce(max(log_index) + 1, 0) FROM entry")?
        .query_row((), |row| row.get(0))?;
    Ok(size.cast_unsigned())
}

const SELECT: &str = "SELECT log_index, kind, received, flags, commitment, body FROM entry";

pub(super) fn by_index(db: &Connection, index: u64) -> Result<Option<Kept>, WorkError> {
    let Ok(index) = i64::try_from(index) else {
        return Ok(None);
    };
    db.prepare_cached(&format!("{SELECT} WHERE log_index = ?1"))?
        .query_row([index], |row| Ok(read(row)))
        .optional()?
        .transpose()
}

/// Rows from an index on.
pub(super) fn page(db: &Connection, from: u64, limit: u32) -> Result<Vec<Kept>, WorkError> {
    let Ok(from) = i64::try_from(from) else {
        return Ok(Vec::new());
    };
    let mut query = db.prepare_cached(&format!(
        "{SELECT} WHERE log_index >= ?1 ORDER BY log_index LIMIT ?2"
    ))?;
    let mut rows = query.query((from, limit))?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(read(row)?);
    }
    Ok(page)
}

fn read(row: &Row<'_>) -> Result<Kept, WorkError> {
    Ok(Kept {
        index: row.get::<_, i64>(0)?.cast_unsigned(),
        kind: Kind::read(row.get(1)?)?,
        received: row.get::<_, i64>(2)?.cast_unsigned(),
        flags: row.get(3)?,
        commitment: Digest(row.get(4)?),
        body: row.get(5)?,
    })
}

/// What is hashed of the entries in a range, as many as there are in a row.
pub(super) fn range(db: &Connection, range: Range<u64>) -> Result<Vec<Entry>, WorkError> {
    let Some((begin, end)) = signed(&range) else {
        return Ok(Vec::new());
    };
    let mut query = db.prepare_cached(
        "SELECT log_index, kind, commitment FROM entry WHERE log_index >= ?1 AND log_index < ?2 ORDER BY log_index",
    )?;
    let mut rows = query.query((begin, end))?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? != begin + entries.len() as i64 {
            break;
        }
        entries.push(Kind::read(row.get(1)?)?.entry(Digest(row.get(2)?)));
    }
    Ok(entries)
}

/// A range in SQLite's integers; beyond these nothing is stored.
pub(super) fn signed(range: &Range<u64>) -> Option<(i64, i64)> {
    let begin = i64::try_from(range.start).ok()?;
    Some((begin, i64::try_from(range.end).unwrap_or(i64::MAX)))
}

fn salt(salts: &Connection, index: u64) -> rusqlite::Result<Option<[u8; 32]>> {
    salts
        .prepare_cached("SELECT salt FROM salt WHERE log_index = ?1")?
        .query_row([index.cast_signed()], |row| row.get(0))
        .optional()
}

/// Whether anything is left of an entry.
pub(super) fn is_kept(db: &Connection, index: u64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT body IS NOT NULL FROM entry WHERE log_index = ?1")?
        .query_row([index.cast_signed()], |row| row.get(0))
}

/// Empties a row. What is hashed of it stays.
pub(super) fn erase(db: &Connection, index: u64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE entry SET body = NULL, received = 0, flags = '' WHERE log_index = ?1",
    )?
    .execute([index.cast_signed()])?;
    Ok(())
}
