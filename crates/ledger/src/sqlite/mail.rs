//! The queue of mail to send.

use rusqlite::Connection;

use super::error::WorkError;
use super::forget;
use super::reader::Files;
use crate::error::LedgerError;
use crate::mail::{Delivery, NewMail, QueuedMail};
use crate::vault::Vault;

pub(super) fn queue(
    db: &Connection,
    vault: &Vault,
    (address, salt): (i64, &[u8; 32]),
    mail: &NewMail,
    now: u64,
) -> Result<(), WorkError> {
    let body = vault.seal(salt, &[b"mail"], mail.body.as_bytes());
    db.prepare_cached("INSERT INTO mail (address, due, body) VALUES (?1, ?2, ?3)")?
        .execute((address, now.cast_signed(), body))?;
    Ok(())
}

/// How many wait, due or not.
pub(super) fn waiting(files: &Files<'_>) -> Result<u64, WorkError> {
    let mut count = files.db.prepare_cached("SELECT count(*) FROM mail")?;
    Ok(count
        .query_row((), |row| row.get::<_, i64>(0))?
        .cast_unsigned())
}

pub(super) fn due(
    files: Files<'_>,
    vault: &Vault,
    now: u64,
    limit: u32,
) -> Result<Vec<QueuedMail>, WorkError> {
    let mut query = files.db.prepare_cached(
        "SELECT id, address, attempts, body FROM mail WHERE due <= ?1 ORDER BY due, id LIMIT ?2",
    )?;
    let mut rows = query.query((now.cast_signed(), limit))?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        // In an older copy of the file there may be mail to somebody who is forgotten since.
        let Some(salt) = forget::address_salt(files.salts, row.get(1)?)? else {
            continue;
        };
        let body = vault.open(&salt, &[b"mail"], &row.get::<_, Vec<u8>>(3)?)?;
        due.push(QueuedMail {
            id: row.get(0)?,
            attempts: row.get(2)?,
            body: String::from_utf8(body)
                .map_err(|_| LedgerError::Damaged("a queued mail is not text".to_owned()))?,
        });
    }
    Ok(due)
}

pub(super) fn delivered(db: &Connection, id: i64, delivery: Delivery) -> Result<(), WorkError> {
    match delivery {
        Delivery::Sent | Delivery::GivenUp => db.execute("DELETE FROM mail WHERE id = ?1", [id])?,
        Delivery::RetryAt(due) => db.execute(
            "UPDATE mail SET due = ?2, attempts = attempts + 1 WHERE id = ?1",
            (id, due.cast_signed()),
        )?,
    };
    Ok(())
}
