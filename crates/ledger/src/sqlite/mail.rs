//! The queue of mail to send.

use rusqlite::{Connection, Transaction};

use super::writer::WorkError;
use crate::error::LedgerError;
use crate::mail::{Delivery, NewMail, QueuedMail};
use crate::vault::Vault;

pub(super) fn queue(
    tx: &Transaction<'_>,
    vault: &Vault,
    mail: &NewMail,
    now: u64,
) -> Result<(), WorkError> {
    let body = vault.seal(&[b"mail"], mail.body.as_bytes());
    tx.prepare_cached("INSERT INTO mail (due, body) VALUES (?1, ?2)")?
        .execute((now.cast_signed(), body))?;
    Ok(())
}

pub(super) fn due(
    db: &Connection,
    vault: &Vault,
    now: u64,
    limit: u32,
) -> Result<Vec<QueuedMail>, WorkError> {
    let mut query = db.prepare_cached(
        "SELECT id, attempts, body FROM mail WHERE due <= ?1 ORDER BY due, id LIMIT ?2",
    )?;
    let rows = query.query_map((now.cast_signed(), limit), |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, u32>(1)?,
            row.get::<_, Vec<u8>>(2)?,
        ))
    })?;
    let mut due = Vec::new();
    for row in rows {
        let (id, attempts, body) = row?;
        let body = String::from_utf8(vault.open(&[b"mail"], &body)?)
            .map_err(|_| LedgerError::Damaged("a queued mail is not text".to_owned()))?;
        due.push(QueuedMail { id, body, attempts });
    }
    Ok(due)
}

pub(super) fn delivered(
    tx: &Transaction<'_>,
    id: i64,
    delivery: Delivery,
) -> Result<(), WorkError> {
    match delivery {
        Delivery::Sent | Delivery::GivenUp => tx.execute("DELETE FROM mail WHERE id = ?1", [id])?,
        Delivery::RetryAt(due) => tx.execute(
            "UPDATE mail SET due = ?2, attempts = attempts + 1 WHERE id = ?1",
            (id, due.cast_signed()),
        )?,
    };
    Ok(())
}
