//! Addresses, their subscriptions and their tokens.

use rusqlite::{Connection, OptionalExtension, Transaction};
use sayso_core::digest::Digest;
use sayso_core::record::Status;

use super::append::append;
use super::mail;
use super::writer::WorkError;
use crate::address::{
    Address, AddressChange, AddressOutcome, MAILS_PER_HOUR, NewToken, Profile, Subscription, Token,
    TokenKind,
};
use crate::error::LedgerError;
use crate::receipt::Outcome;
use crate::vault::Vault;

const HOUR: u64 = 60 * 60 * 1000;

/// Records a decision about an address with everything that follows from it.
pub(super) fn record(
    tx: &Transaction<'_>,
    vault: &Vault,
    change: &AddressChange,
) -> Result<AddressOutcome, WorkError> {
    // Before the receipt: a spent token must leave nothing behind.
    if let Some(hash) = change.redeem
        && !redeem(tx, hash, change.now)?
    {
        return Ok(AddressOutcome::TokenSpent);
    }
    let outcome = append(tx, &change.receipt)?;
    let Outcome::New(stored) = &outcome else {
        return Ok(AddressOutcome::Recorded(outcome));
    };
    let address = ensure(tx, vault, &change.email)?;
    let index = stored.index.cast_signed();
    let salt = vault.seal(&[b"address_receipt", &index.to_be_bytes()], &change.salt);
    tx.prepare_cached(
        "INSERT INTO address_receipt (log_index, address, salt) VALUES (?1, ?2, ?3)",
    )?
    .execute((index, address, salt))?;
    for (purpose, revision, status) in &change.statuses {
        set_status(tx, address, purpose, *revision, *status, change)?;
    }
    if let Some(profile) = &change.profile {
        let sealed = vault.seal(&[b"profile", &address.to_be_bytes()], &to_json(profile));
        tx.prepare_cached("UPDATE address SET profile = ?2 WHERE number = ?1")?
            .execute((address, sealed))?;
    }
    if may_write(tx, address, change.now)? {
        for token in &change.tokens {
            issue(tx, vault, address, token, change.now)?;
        }
        for letter in &change.mail {
            mail::queue(tx, vault, letter, change.now)?;
        }
    }
    Ok(AddressOutcome::Recorded(outcome))
}

/// Whether the address may be written to: nobody is flooded because somebody else types their address again and again.
fn may_write(tx: &Transaction<'_>, address: i64, now: u64) -> Result<bool, WorkError> {
    let since = now.saturating_sub(HOUR).cast_signed();
    let recent: u32 = tx
        .prepare_cached(
            "SELECT count(DISTINCT issued) FROM token WHERE address = ?1 AND issued > ?2",
        )?
        .query_row((address, since), |row| row.get(0))?;
    Ok(recent < MAILS_PER_HOUR)
}

fn redeem(tx: &Transaction<'_>, hash: Digest, now: u64) -> Result<bool, WorkError> {
    let used = tx
        .prepare_cached(
            "UPDATE token SET used = ?2 WHERE hash = ?1 AND kind = 'confirm' AND used IS NULL AND expires > ?2",
        )?
        .execute((hash.0, now.cast_signed()))?;
    Ok(used == 1)
}

fn ensure(tx: &Transaction<'_>, vault: &Vault, email: &str) -> Result<i64, WorkError> {
    let look_up = vault.look_up(email);
    let known = tx
        .prepare_cached("SELECT number FROM address WHERE look_up = ?1")?
        .query_row([look_up], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    let sealed = vault.seal(&[b"email", &look_up], email.as_bytes());
    tx.prepare_cached("INSERT INTO address (look_up, email) VALUES (?1, ?2)")?
        .execute((look_up, sealed))?;
    Ok(tx.last_insert_rowid())
}

fn set_status(
    tx: &Transaction<'_>,
    address: i64,
    purpose: &str,
    revision: u32,
    status: Status,
    change: &AddressChange,
) -> Result<(), WorkError> {
    let word = word(status)?;
    // Whoever can type an address can shut for it, never open: without the mailed token an objection stands.
    let proved = change.redeem.is_some();
    if status == Status::Given && !proved {
        let why = "an address is given only by the token mailed to it".to_owned();
        return Err(LedgerError::Unavailable(why).into());
    }
    let shuts = matches!(status, Status::Withdrawn | Status::Objected);
    let keep = if proved || shuts {
        ""
    } else {
        "WHERE status NOT IN ('Given', 'Objected')"
    };
    tx.prepare_cached(&format!(
        "INSERT INTO subscription (address, purpose, revision, status, changed) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (address, purpose) DO UPDATE SET revision = ?3, status = ?4, changed = ?5 {keep}"
    ))?
    .execute((address, purpose, revision, word, change.now.cast_signed()))?;
    Ok(())
}

fn issue(
    tx: &Transaction<'_>,
    vault: &Vault,
    address: i64,
    token: &NewToken,
    now: u64,
) -> Result<(), WorkError> {
    let body = vault.seal(&[b"token", &token.hash.0], token.body.as_bytes());
    tx.prepare_cached(
        "INSERT INTO token (hash, address, kind, issued, expires, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        token.hash.0,
        address,
        token.kind.as_str(),
        now.cast_signed(),
        token.expires.cast_signed(),
        body,
    ))?;
    Ok(())
}

pub(super) fn by_email(
    db: &Connection,
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
    let profile = match profile {
        Some(sealed) => from_json(&vault.open(&[b"profile", &number.to_be_bytes()], &sealed)?)?,
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

pub(super) fn token(
    db: &Connection,
    vault: &Vault,
    hash: Digest,
) -> Result<Option<Token>, WorkError> {
    let found = db
        .prepare_cached(
            "SELECT t.kind, t.expires, t.used, t.body, a.look_up, a.email
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
            ))
        })
        .optional()?;
    let Some((kind, expires, used, body, look_up, email)) = found else {
        return Ok(None);
    };
    Ok(Some(Token {
        kind: if kind == TokenKind::Confirm.as_str() {
            TokenKind::Confirm
        } else {
            TokenKind::Unsubscribe
        },
        email: text(vault.open(&[b"email", &look_up], &email)?)?,
        expires: expires.cast_unsigned(),
        used: used.map(i64::cast_unsigned),
        body: text(vault.open(&[b"token", &hash.0], &body)?)?,
    }))
}

fn word(status: Status) -> Result<&'static str, LedgerError> {
    Ok(match status {
        Status::Requested => "Requested",
        Status::Given => "Given",
        Status::Withdrawn => "Withdrawn",
        Status::Objected => "Objected",
        Status::Acknowledged => "Acknowledged",
        other => {
            return Err(LedgerError::Unavailable(format!(
                "{other:?} is not a status of an address"
            )));
        }
    })
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

fn to_json(profile: &Profile) -> Vec<u8> {
    serde_json::to_vec(profile).expect("a profile is plain JSON")
}

fn from_json(bytes: &[u8]) -> Result<Profile, LedgerError> {
    serde_json::from_slice(bytes)
        .map_err(|error| LedgerError::Damaged(format!("a profile does not read: {error}")))
}

fn text(bytes: Vec<u8>) -> Result<String, LedgerError> {
    String::from_utf8(bytes)
        .map_err(|_| LedgerError::Damaged("a sealed text is not UTF-8".to_owned()))
}
