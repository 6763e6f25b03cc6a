//! What is kept about an address, read back.

use rusqlite::{Connection, OptionalExtension};
use sayso_core::digest::Digest;
use sayso_core::record::Status;

use crate::address::{Address, Profile, Subscription, Token, TokenKind};
use crate::error::LedgerError;
use crate::sqlite::error::WorkError;
use crate::sqlite::forget;
use crate::sqlite::reader::Files;
use crate::vault::Vault;

/// Whether an address was erased and not confirmed since.
pub(in crate::sqlite) fn is_suppressed(
    db: &Connection,
    vault: &Vault,
    email: &str,
) -> Result<bool, WorkError> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM suppressed WHERE look_up = ?1)")?
        .query_row([vault.look_up(email)], |row| row.get(0))?)
}

/// An address's number by its keyed hash.
pub(in crate::sqlite) fn number(
    db: &Connection,
    look_up: &[u8; 32],
) -> Result<Option<i64>, WorkError> {
    Ok(db
        .prepare_cached("SELECT number FROM address WHERE look_up = ?1")?
        .query_row([look_up], |row| row.get(0))
        .optional()?)
}

pub(in crate::sqlite) fn by_email(
    Files { db, salts }: Files<'_>,
    vault: &Vault,
    email: &str,
) -> Result<Option<Address>, WorkError> {
    let found = db
        .prepare_cached("SELECT number, profile FROM address WHERE look_up = ?1")?
        .query_row([vault.look_up(email)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<Vec<u8>>>(1)?))
        })
        .optional()?;
    let Some((number, profile)) = found else {
        return Ok(None);
    };
    let Some(salt) = forget::address_salt(salts, number)? else {
        return Ok(None);
    };
    let profile = match profile {
        Some(sealed) => {
            from_json(&vault.open(&salt, &[b"profile", &number.to_be_bytes()], &sealed)?)?
        }
        None => Profile::default(),
    };
    let mut query = db.prepare_cached(
        "SELECT purpose, revision, status, changed FROM subscription WHERE address = ?1 ORDER BY purpose",
    )?;
    let rows = query.query_map([number], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, i64>(3)?,
        ))
    })?;
    let mut subscriptions = Vec::new();
    for row in rows {
        let (purpose, revision, status, changed) = row?;
        subscriptions.push(Subscription {
            purpose,
            revision,
            status: status_of(&status)?,
            changed: changed.cast_unsigned(),
        });
    }
    Ok(Some(Address {
        email: email.to_owned(),
        profile,
        subscriptions,
    }))
}

pub(in crate::sqlite) fn token(
    Files { db, salts }: Files<'_>,
    vault: &Vault,
    hash: Digest,
) -> Result<Option<Token>, WorkError> {
    let found = db
        .prepare_cached(
            "SELECT t.kind, t.expires, t.used, t.body, a.look_up, a.email, a.number
             FROM token t JOIN address a ON a.number = t.address WHERE t.hash = ?1",
        )?
        .query_row([hash.0], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, Option<i64>>(2)?,
                row.get::<_, Vec<u8>>(3)?,
                row.get::<_, Vec<u8>>(4)?,
                row.get::<_, Vec<u8>>(5)?,
                row.get::<_, i64>(6)?,
            ))
        })
        .optional()?;
    let Some((kind, expires, used, body, look_up, email, number)) = found else {
        return Ok(None);
    };
    let Some(salt) = forget::address_salt(salts, number)? else {
        return Ok(None);
    };
    Ok(Some(Token {
        kind: if kind == TokenKind::Confirm.as_str() {
            TokenKind::Confirm
        } else {
            TokenKind::Unsubscribe
        },
        email: text(vault.open(&salt, &[b"email", &look_up], &email)?)?,
        expires: expires.cast_unsigned(),
        used: used.map(i64::cast_unsigned),
        body: text(vault.open(&salt, &[b"token", &hash.0], &body)?)?,
    }))
}

fn status_of(word: &str) -> Result<Status, LedgerError> {
    Ok(match word {
        "Requested" => Status::Requested,
        "Given" => Status::Given,
        "Withdrawn" => Status::Withdrawn,
        "Objected" => Status::Objected,
        "Acknowledged" => Status::Acknowledged,
        other => {
            return Err(LedgerError::Damaged(format!(
                "{other:?} is not a status of an address"
            )));
        }
    })
}

fn from_json(bytes: &[u8]) -> Result<Profile, LedgerError> {
    serde_json::from_slice(bytes)
        .map_err(|error| LedgerError::Damaged(format!("a profile does not read: {error}")))
}

fn text(bytes: Vec<u8>) -> Result<String, LedgerError> {
    String::from_utf8(bytes)
        .map_err(|_| LedgerError::Damaged("a sealed text is not UTF-8".to_owned()))
}
