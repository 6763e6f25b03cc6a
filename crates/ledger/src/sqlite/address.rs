//! Addresses, their subscriptions and their tokens.

mod kept;

use rusqlite::Connection;
use sayso_core::digest::Digest;
use sayso_core::record::Status;

use super::append::{Prepared, append, settle};
use super::error::WorkError;
use super::store::Batch;
use super::{forget, mail};
use crate::address::{AddressChange, AddressOutcome, MAILS_PER_HOUR, NewToken, Profile};
use crate::error::LedgerError;
use crate::mail::NewMail;
use crate::receipt::{Append, Outcome};
use crate::vault::Vault;

/// A change of an address without its receipt, which is prepared apart.
pub(super) struct NewChange {
    email: String,
    salt: [u8; 32],
    statuses: Vec<(String, u32, Status)>,
    profile: Option<Profile>,
    tokens: Vec<NewToken>,
    mail: Vec<NewMail>,
    redeem: Option<Digest>,
    now: u64,
}

/// The receipt, and the rest.
pub(super) fn split(change: AddressChange) -> (Append, NewChange) {
    let rest = NewChange {
        email: change.email,
        salt: change.salt,
        statuses: change.statuses,
        profile: change.profile,
        tokens: change.tokens,
        mail: change.mail,
        redeem: change.redeem,
        now: change.now,
    };
    (change.receipt, rest)
}

pub(super) use kept::{by_email, is_suppressed, number, token};

const HOUR: u64 = 60 * 60 * 1000;

/// Records a decision about an address with everything that follows from it.
pub(super) fn record(
    batch: &mut Batch<'_>,
    receipt: &Prepared,
    change: &NewChange,
) -> Result<AddressOutcome, WorkError> {
    let (db, vault) = (batch.db, batch.vault);
    // Before the receipt: a spent token must leave nothing behind.
    if let Some(hash) = change.redeem
        && !redeem(db, hash, change.now)?
    {
        return Ok(AddressOutcome::TokenSpent);
    }
    let outcome = append(batch, receipt)?;
    let Outcome::New(stored) = &outcome else {
        return Ok(AddressOutcome::Recorded(outcome));
    };
    let (address, secret) = ensure(batch, &change.email)?;
    let index = stored.index.cast_signed();
    let place: [&[u8]; 2] = [b"address_receipt", &index.to_be_bytes()];
    db.prepare_cached(
        "INSERT INTO address_receipt (log_index, address, salt) VALUES (?1, ?2, ?3)",
    )?
    .execute((index, address, vault.seal(&secret, &place, &change.salt)))?;
    for (purpose, revision, status) in &change.statuses {
        set_status(db, address, purpose, *revision, *status, change)?;
    }
    if let Some(profile) = &change.profile {
        let place: [&[u8]; 2] = [b"profile", &address.to_be_bytes()];
        db.prepare_cached("UPDATE address SET profile = ?2 WHERE number = ?1")?
            .execute((address, vault.seal(&secret, &place, &to_json(profile))))?;
    }
    if change.redeem.is_some() {
        // Whoever was forgotten and confirms again wants to be known again.
        db.prepare_cached("DELETE FROM suppressed WHERE look_up = ?1")?
            .execute([vault.look_up(&change.email)])?;
    }
    let unasked = receipt.is_by_operator() && is_suppressed(db, vault, &change.email)?;
    if !unasked && may_write(db, address, change.now)? {
        for token in &change.tokens {
            issue(db, vault, (address, &secret), token, change.now)?;
        }
        for letter in &change.mail {
            mail::queue(db, vault, (address, &secret), letter, change.now)?;
        }
    }
    Ok(AddressOutcome::Recorded(outcome))
}

/// Adds the proof that could not be made before the batch was complete.
pub(super) fn settle_record(
    outcome: &mut AddressOutcome,
    batch: &mut Batch<'_>,
) -> Result<(), WorkError> {
    match outcome {
        AddressOutcome::Recorded(outcome) => settle(outcome, batch),
        AddressOutcome::TokenSpent => Ok(()),
    }
}

/// Whether the address may be written to: nobody is flooded because somebody else types their address again and again.
fn may_write(db: &Connection, address: i64, now: u64) -> Result<bool, WorkError> {
    let since = now.saturating_sub(HOUR).cast_signed();
    let recent: u32 = db
        .prepare_cached(
            "SELECT count(DISTINCT issued) FROM token WHERE address = ?1 AND issued > ?2",
        )?
        .query_row((address, since), |row| row.get(0))?;
    Ok(recent < MAILS_PER_HOUR)
}

fn redeem(db: &Connection, hash: Digest, now: u64) -> Result<bool, WorkError> {
    let used = db
        .prepare_cached(
            "UPDATE token SET used = ?2 WHERE hash = ?1 AND kind = 'confirm' AND used IS NULL AND expires > ?2",
        )?
        .execute((hash.0, now.cast_signed()))?;
    Ok(used == 1)
}

/// The address's number and salt; both are made if it is new.
fn ensure(batch: &Batch<'_>, email: &str) -> Result<(i64, [u8; 32]), WorkError> {
    let (db, vault) = (batch.db, batch.vault);
    let look_up = vault.look_up(email);
    if let Some(number) = number(db, &look_up)? {
        if let Some(salt) = forget::address_salt(batch.salts, number)? {
            return Ok((number, salt));
        }
        // An older copy of the file that still has somebody who is forgotten since.
        remove(db, number)?;
    }
    let salt = vault.salt();
    let sealed = vault.seal(&salt, &[b"email", &look_up], email.as_bytes());
    db.prepare_cached("INSERT INTO address (look_up, email) VALUES (?1, ?2)")?
        .execute((look_up, sealed))?;
    let number = db.last_insert_rowid();
    batch
        .salts
        .prepare_cached(
            "INSERT INTO address (number, salt) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET salt = excluded.salt",
        )?
        .execute((number, salt))?;
    Ok((number, salt))
}

/// Takes away an address with its tokens and mail.
pub(super) fn remove(db: &Connection, number: i64) -> rusqlite::Result<()> {
    for table in ["mail", "token", "subscription", "address_receipt"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE address = ?1"))?
            .execute([number])?;
    }
    db.prepare_cached("DELETE FROM address WHERE number = ?1")?
        .execute([number])?;
    Ok(())
}

fn set_status(
    db: &Connection,
    address: i64,
    purpose: &str,
    revision: u32,
    status: Status,
    change: &NewChange,
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
    db.prepare_cached(&format!(
        "INSERT INTO subscription (address, purpose, revision, status, changed) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (address, purpose) DO UPDATE SET revision = ?3, status = ?4, changed = ?5 {keep}"
    ))?
    .execute((address, purpose, revision, word, change.now.cast_signed()))?;
    Ok(())
}

fn issue(
    db: &Connection,
    vault: &Vault,
    (address, salt): (i64, &[u8; 32]),
    token: &NewToken,
    now: u64,
) -> Result<(), WorkError> {
    let body = vault.seal(salt, &[b"token", &token.hash.0], token.body.as_bytes());
    db.prepare_cached(
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

fn to_json(profile: &Profile) -> Vec<u8> {
    serde_json::to_vec(profile).expect("a profile is plain JSON")
}
