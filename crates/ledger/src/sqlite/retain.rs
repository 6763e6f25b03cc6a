//! The rules of keeping, one bounded step at a time: what is due is found by a reader and erased by the writer.

use rusqlite::Connection;

use super::entry::Kind;
use super::erase::STEP;
use super::error::WorkError;
use crate::erasure::Retention;

const DAY: u64 = 24 * 60 * 60 * 1000;
const HOUR: u64 = 60 * 60 * 1000;

/// What is due for one rule.
#[derive(Clone)]
pub(super) struct Due {
    pub(super) rule: String,
    pub(super) receipts: Vec<u64>,
    /// An address with all its receipts.
    pub(super) address: Option<[u8; 32]>,
}

/// What is due now, at most a step of each rule, and whether there is more.
pub(super) fn due(
    db: &Connection,
    rules: Retention,
    now: u64,
) -> Result<(Vec<Due>, bool), WorkError> {
    let (mut due, mut more) = (Vec::new(), false);
    let kinds = [
        (Kind::Signed, "signed", rules.signed_days),
        (Kind::Witnessed, "witnessed", rules.witnessed_days),
    ];
    for (kind, name, days) in kinds {
        let Some(days) = days else { continue };
        let mut receipts = receipts(db, kind, before(now, days))?;
        more |= receipts.len() > STEP;
        receipts.truncate(STEP);
        if !receipts.is_empty() {
            due.push(Due {
                rule: format!("{name} {days} days"),
                receipts,
                address: None,
            });
        }
    }
    if let Some(days) = rules.address_days {
        let mut addresses = addresses(db, before(now, days))?;
        more |= addresses.len() > ADDRESSES;
        addresses.truncate(ADDRESSES);
        due.extend(addresses.into_iter().map(|look_up| Due {
            rule: format!("address {days} days"),
            receipts: Vec::new(),
            address: Some(look_up),
        }));
    }
    Ok((due, more))
}

/// How many addresses go in one step.
const ADDRESSES: usize = 20;

fn before(now: u64, days: u32) -> i64 {
    now.saturating_sub(u64::from(days) * DAY).cast_signed()
}

/// Receipts past their time. What an address still rests on is kept: it is the proof of what is done every day.
fn receipts(db: &Connection, kind: Kind, before: i64) -> Result<Vec<u64>, WorkError> {
    let mut query = db.prepare_cached(
        "SELECT log_index FROM entry WHERE kind = ?1 AND received < ?2 AND body IS NOT NULL
         AND NOT EXISTS (
             SELECT 1 FROM address_receipt JOIN subscription USING (address)
             WHERE address_receipt.log_index = entry.log_index AND status = 'Given')
         ORDER BY received LIMIT ?3",
    )?;
    let rows = query.query_map((kind as u8, before, STEP as i64 + 1), |row| {
        row.get::<_, i64>(0)
    })?;
    let mut receipts = Vec::new();
    for index in rows {
        receipts.push(index?.cast_unsigned());
    }
    Ok(receipts)
}

/// Addresses where nothing is given any more, past their time.
fn addresses(db: &Connection, before: i64) -> Result<Vec<[u8; 32]>, WorkError> {
    let mut query = db.prepare_cached(
        "SELECT look_up FROM address WHERE number IN (
             SELECT address FROM subscription GROUP BY address
             HAVING max(changed) < ?1 AND sum(status = 'Given') = 0 LIMIT ?2)",
    )?;
    let rows = query.query_map((before, ADDRESSES as i64 + 1), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether there are tokens that have run out.
pub(super) fn has_stale_tokens(db: &Connection, now: u64) -> Result<bool, WorkError> {
    let stale = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM token WHERE expires <= ?1 AND issued <= ?2)")?
        .query_row(stale(now), |row| row.get(0))?;
    Ok(stale)
}

/// Removes tokens that have run out.
pub(super) fn remove_stale_tokens(db: &Connection, now: u64) -> Result<(), WorkError> {
    db.prepare_cached("DELETE FROM token WHERE expires <= ?1 AND issued <= ?2")?
        .execute(stale(now))?;
    Ok(())
}

/// Those issued within the hour still say how often an address was written to.
fn stale(now: u64) -> (i64, i64) {
    (now.cast_signed(), now.saturating_sub(HOUR).cast_signed())
}
