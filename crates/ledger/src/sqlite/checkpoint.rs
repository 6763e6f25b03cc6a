//! Checkpoints that others have seen. None is ever taken back.

use rusqlite::{Connection, OptionalExtension, Row};
use sayso_core::digest::Digest;

use super::error::WorkError;
use super::store::Batch;
use super::tree;
use crate::error::LedgerError;
use crate::log::Published;

const DAY: u64 = 24 * 60 * 60 * 1000;

const SELECT: &str = "SELECT size, root, note, cosigned, time FROM checkpoint";

/// Keeps a checkpoint as the newest.
pub(super) fn publish(batch: &Batch<'_>, new: &Published) -> Result<(), WorkError> {
    let db = batch.db;
    let refuse = |why: String| Err(LedgerError::Damaged(why).into());
    if tree::root(db, new.size)? != Some(new.root) {
        let size = new.size;
        return refuse(format!(
            "the checkpoint of size {size} is not one of this tree"
        ));
    }
    if let Some(last) = newest(db)? {
        if new.size < last.size {
            let (old, new) = (last.size, new.size);
            return refuse(format!(
                "a checkpoint of size {new} cannot follow the published one of size {old}"
            ));
        }
        if new.size == last.size && new.cosigned < last.cosigned {
            return Ok(());
        }
        if new.time / DAY == last.time / DAY {
            db.execute(
                "DELETE FROM checkpoint WHERE size = ?1",
                [last.size.cast_signed()],
            )?;
        }
    }
    db.prepare_cached(
        "INSERT INTO checkpoint (size, root, note, cosigned, time) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (size) DO UPDATE SET note = ?3, cosigned = ?4, time = ?5",
    )?
    .execute((
        new.size.cast_signed(),
        new.root.0,
        &new.note,
        new.cosigned,
        new.time.cast_signed(),
    ))?;
    Ok(())
}

pub(super) fn newest(db: &Connection) -> Result<Option<Published>, WorkError> {
    Ok(db
        .prepare_cached(&format!("{SELECT} ORDER BY size DESC LIMIT 1"))?
        .query_row((), read)
        .optional()?)
}

pub(super) fn all(db: &Connection) -> Result<Vec<Published>, WorkError> {
    let mut query = db.prepare_cached(&format!("{SELECT} ORDER BY size"))?;
    let all = query
        .query_map((), read)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(all)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Published> {
    Ok(Published {
        size: row.get::<_, i64>(0)?.cast_unsigned(),
        root: Digest(row.get(1)?),
        note: row.get(2)?,
        cosigned: row.get(3)?,
        time: row.get::<_, i64>(4)?.cast_unsigned(),
    })
}
