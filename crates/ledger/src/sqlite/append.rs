//! Receipts into the log: made ready off the writer thread, then appended unless they are there already.

use rusqlite::{Connection, OptionalExtension};
use sayso_core::commitment::commitment;
use sayso_core::decision::{Action, Surface};
use sayso_core::digest::{Digest, sha256};
use sayso_core::policy::Model;
use sayso_core::receipt::{self, Payload, PurposeAnswer, Via};
use serde::Serialize;

use super::entry::{self, Kind};
use super::error::WorkError;
use super::receipt as kept;
use super::store::Batch;
use crate::body::{self, BodyKey, Place, Shelf};
use crate::log::Inclusion;
use crate::receipt::{Append, Outcome, Stored};
use crate::vault::{LookUp, Vault};

/// Set on a receipt whose predecessor another receipt names, too.
const FORK: &str = "fork";
/// Set on a receipt whose predecessor is not kept.
const ORPHAN: &str = "orphan";

/// A receipt ready to be appended: hashed, committed to and packed, so that little is left to the writer.
pub(super) struct Prepared {
    stored: Stored,
    kind: Kind,
    hash: LookUp,
    id: LookUp,
    decision: LookUp,
    via: i64,
    content: i64,
    subject: Option<LookUp>,
    prev: Option<LookUp>,
    key: BodyKey,
    body: Vec<u8>,
}

impl Prepared {
    pub(super) fn new(append: Append, vault: &Vault, shelf: &Shelf) -> Self {
        let receipt = &append.receipt;
        let payload = receipt.payload();
        let hash = receipt.receipt_hash();
        let witnessed = receipt.kind() == receipt::Kind::Witnessed;
        let prev = payload.prev.as_deref().and_then(Digest::parse);
        Self {
            kind: if witnessed {
                Kind::Witnessed
            } else {
                Kind::Signed
            },
            hash: vault.hash(&hash),
            id: vault.id(&payload.id),
            decision: vault.decision(&payload.decision),
            via: via(payload),
            content: vault.content(&content(payload)),
            subject: payload
                .subject
                .as_deref()
                .map(|subject| vault.subject(subject)),
            prev: prev.map(|prev| vault.hash(&prev)),
            key: BodyKey::new(&append.salt),
            // The subject of a signed receipt is the thumbprint of its key: core has checked that.
            body: body::pack(
                receipt.compact(),
                payload.subject.as_deref().and_then(Digest::parse),
                shelf,
            ),
            stored: Stored {
                index: 0,
                jws: receipt.jws().to_owned(),
                hash,
                id: payload.id.clone(),
                decision: payload.decision.clone(),
                witnessed,
                received: append.received,
                flags: append.flags,
                salt: append.salt,
                commitment: commitment(&append.salt, receipt.jws()),
                inclusion: Inclusion::pending(),
            },
        }
    }

    /// Whether an operator entered it.
    pub(super) fn is_by_operator(&self) -> bool {
        self.via == number(Via::Operator)
    }
}

/// Appends one receipt, unless it, or what it records, is there already. Its proof is added at the end of the batch.
pub(super) fn append(batch: &mut Batch<'_>, new: &Prepared) -> Result<Outcome, WorkError> {
    if let Some(index) = look_up(batch.db, Table::Id, &new.id)? {
        let same = look_up(batch.db, Table::Hash, &new.hash)? == Some(index);
        return if same {
            same_as(batch, index)
        } else {
            Ok(Outcome::Conflict)
        };
    }
    if let Some(outcome) = already_decided(batch, new)? {
        return Ok(outcome);
    }
    let stored = Stored {
        index: batch.tree.size(),
        flags: flags(batch, new)?,
        ..new.stored.clone()
    };
    write(batch, new, &stored)?;
    Ok(Outcome::New(stored))
}

/// Adds the proofs that could not be made before the batch was complete: all lead to one root.
pub(super) fn settle(outcome: &mut Outcome, batch: &mut Batch<'_>) -> Result<(), WorkError> {
    if let Outcome::New(stored) | Outcome::Same(stored) = outcome {
        stored.inclusion = batch.tree.inclusion(batch.db, stored.index)?;
    }
    Ok(())
}

fn same_as(batch: &Batch<'_>, index: u64) -> Result<Outcome, WorkError> {
    Ok(match kept::by_index(batch.files(), index)? {
        Some(stored) => Outcome::Same(stored),
        None => Outcome::Erased,
    })
}

/// A decision that the server is asked to record again, or that the visitor has signed meanwhile.
fn already_decided(batch: &Batch<'_>, new: &Prepared) -> Result<Option<Outcome>, WorkError> {
    if new.kind != Kind::Witnessed {
        return Ok(None);
    }
    let recorded = batch
        .db
        .prepare_cached("SELECT content, log_index FROM decision WHERE key = ?1 AND via = ?2")?
        .query_row((new.decision, new.via), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })
        .optional()?;
    let signed = match recorded {
        Some((content, index)) if content == new.content => Some(index),
        Some(_) => return Ok(Some(Outcome::Conflict)),
        None => batch
            .db
            .prepare_cached(
                "SELECT log_index FROM decision WHERE key = ?1 AND via = 0 AND content = ?2 ORDER BY log_index LIMIT 1",
            )?
            .query_row((new.decision, new.content), |row| row.get::<_, i64>(0))
            .optional()?,
    };
    signed
        .map(|index| same_as(batch, index.cast_unsigned()))
        .transpose()
}

/// What is odd about it, with what only the ledger can see. Nothing of this refuses a receipt: tabs that were offline
/// race, and a predecessor may have been erased.
fn flags(batch: &Batch<'_>, new: &Prepared) -> Result<Vec<String>, WorkError> {
    let mut flags = new.stored.flags.clone();
    let (Some(subject), Some(prev)) = (new.subject, new.prev) else {
        return Ok(flags);
    };
    let kept = match look_up(batch.db, Table::Hash, &prev)? {
        Some(index) => entry::is_kept(batch.db, index)?,
        None => false,
    };
    let named: bool = batch
        .db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM subject WHERE key = ?1 AND prev = ?2)")?
        .query_row((subject, prev), |row| row.get(0))?;
    for (flag, set) in [(ORPHAN, !kept), (FORK, named)] {
        if set && !flags.iter().any(|known| known == flag) {
            flags.push(flag.to_owned());
        }
    }
    Ok(flags)
}

fn write(batch: &mut Batch<'_>, new: &Prepared, stored: &Stored) -> Result<(), WorkError> {
    let db = batch.db;
    let place = Place {
        index: stored.index,
        kind: new.kind as u8,
        received: stored.received,
        flags: &stored.flags.join(" "),
        commitment: &stored.commitment,
    };
    entry::insert(
        db,
        batch.salts,
        &place,
        (&stored.salt, &new.key),
        new.body.clone(),
    )?;
    let index = stored.index.cast_signed();
    db.prepare_cached("INSERT INTO hash (key, log_index) VALUES (?1, ?2)")?
        .execute((new.hash, index))?;
    db.prepare_cached("INSERT INTO id (key, log_index) VALUES (?1, ?2)")?
        .execute((new.id, index))?;
    db.prepare_cached(
        "INSERT INTO decision (key, via, content, log_index) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((new.decision, new.via, new.content, index))?;
    if let Some(subject) = new.subject {
        db.prepare_cached("INSERT INTO subject (key, prev, log_index) VALUES (?1, ?2, ?3)")?
            .execute((subject, prev_of(new.prev), index))?;
    }
    batch.tree.append(new.kind.entry(stored.commitment));
    Ok(())
}

/// Takes away what a receipt is found by, but for its hash and id.
pub(super) fn remove_look_ups(
    db: &Connection,
    vault: &Vault,
    index: u64,
    payload: &Payload,
) -> Result<(), WorkError> {
    let index = index.cast_signed();
    let content = vault.content(&content(payload));
    db.prepare_cached(
        "DELETE FROM decision WHERE key = ?1 AND via = ?2 AND content = ?3 AND log_index = ?4",
    )?
    .execute((
        vault.decision(&payload.decision),
        via(payload),
        content,
        index,
    ))?;
    if let Some(subject) = &payload.subject {
        let prev = payload.prev.as_deref().and_then(Digest::parse);
        let prev = prev.map(|prev| vault.hash(&prev));
        db.prepare_cached("DELETE FROM subject WHERE key = ?1 AND prev = ?2 AND log_index = ?3")?
            .execute((vault.subject(subject), prev_of(prev), index))?;
    }
    Ok(())
}

/// The index under a keyed hash in one of the two tables that have one for each receipt.
pub(super) fn look_up(
    db: &Connection,
    table: Table,
    key: &LookUp,
) -> Result<Option<u64>, WorkError> {
    let index: Option<i64> = db
        .prepare_cached(match table {
            Table::Hash => "SELECT log_index FROM hash WHERE key = ?1",
            Table::Id => "SELECT log_index FROM id WHERE key = ?1",
        })?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(index.map(i64::cast_unsigned))
}

/// The tables that have one row for each receipt.
#[derive(Clone, Copy)]
pub(super) enum Table {
    Hash,
    Id,
}

fn prev_of(prev: Option<LookUp>) -> Vec<u8> {
    prev.map(Vec::from).unwrap_or_default()
}

/// How a decision came, as the files number it; 0 if it was signed.
pub(super) fn via(payload: &Payload) -> i64 {
    payload.via.map_or(0, number)
}

/// **Do not modify:** the numbers stand in the files.
fn number(via: Via) -> i64 {
    match via {
        Via::Form => 1,
        Via::Link => 2,
        Via::OneClick => 3,
        Via::Gate => 4,
        Via::Operator => 5,
    }
}

/// Digest of what was decided: the payload without what tells one record of a decision from another.
pub(super) fn content(payload: &Payload) -> Digest {
    // Strings, numbers, enums and maps with string keys: serialising them has no way to fail.
    sha256(&serde_json::to_vec(&Content::of(payload)).unwrap_or_default())
}

/// A payload as it is when `id` is empty, `signals` too, and `subject`, `prev` and `via` are absent. **Do not modify:** its
/// digest stands in the files.
#[derive(Serialize)]
struct Content<'a> {
    v: u32,
    id: &'a str,
    decision: &'a str,
    site: &'a str,
    time: u64,
    surface: Surface,
    action: Action,
    language: &'a str,
    jurisdiction: &'a str,
    model: Model,
    controller: &'a str,
    notice: &'a str,
    layer: &'a str,
    in_view: bool,
    signals: [&'a str; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a str>,
    purposes: &'a [PurposeAnswer],
}

impl<'a> Content<'a> {
    fn of(payload: &'a Payload) -> Self {
        Self {
            v: payload.v,
            id: "",
            decision: &payload.decision,
            site: &payload.site,
            time: payload.time,
            surface: payload.surface,
            action: payload.action,
            language: &payload.language,
            jurisdiction: &payload.jurisdiction,
            model: payload.model,
            controller: &payload.controller,
            notice: &payload.notice,
            layer: &payload.layer,
            in_view: payload.in_view,
            signals: [],
            about: payload.about.as_deref(),
            purposes: &payload.purposes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_is_the_payload_without_what_tells_records_apart() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../../vectors/receipt.json")).expect("JSON");
        let mut abouts = 0;
        for case in vectors["cases"].as_array().expect("cases") {
            let text = case["payload"].as_str().expect("a text");
            let payload: Payload = serde_json::from_str(text).expect("a payload");
            let bare = Payload {
                id: String::new(),
                subject: None,
                prev: None,
                via: None,
                signals: Vec::new(),
                ..payload.clone()
            };
            assert_eq!(content(&payload), sha256(&bare.to_bytes()), "{text}");
            abouts += u32::from(payload.about.is_some());
        }
        assert!(abouts > 0, "one of them is about an address");
    }
}
