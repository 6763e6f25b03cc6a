//! The whole log in short pages.

use super::entry::{self, Kept, Kind, Opened};
use super::error::WorkError;
use super::reader::{Files, Reading};
use super::receipt;
use super::tree::Prover;
use crate::error::LedgerError;
use crate::receipt::Stored;
use crate::record::{Record, RecordKind};

/// The longest page: a read transaction is over before the write-ahead log grows much.
const PAGE: u32 = 1024;

/// The entries from an index on. One that does not read back is reported as such, and the next ones follow.
pub(super) fn scan(
    Reading { files, heads }: Reading<'_>,
    from: u64,
    limit: u32,
) -> Result<Vec<Record>, WorkError> {
    let mut prover = Prover::new(files.db, heads)?;
    page(files, from, limit, |stored| {
        receipt::prove(&mut prover, stored)
    })
}

/// The same without proofs.
pub(super) fn scan_unproved(
    files: Files<'_>,
    from: u64,
    limit: u32,
) -> Result<Vec<Record>, WorkError> {
    page(files, from, limit, Ok)
}

fn page(
    files: Files<'_>,
    from: u64,
    limit: u32,
    mut prove: impl FnMut(Stored) -> Result<Stored, WorkError>,
) -> Result<Vec<Record>, WorkError> {
    entry::page(files.db, from, limit.min(PAGE))?
        .into_iter()
        .map(|mut kept| {
            let kind = match record(files, &mut kept, &mut prove) {
                Ok(kind) => kind,
                Err(WorkError::Ledger(LedgerError::Damaged(why))) => RecordKind::Unreadable(why),
                Err(other) => return Err(other),
            };
            Ok(Record {
                index: kept.index,
                entry: kept.entry(),
                received: kept.received,
                kind,
            })
        })
        .collect()
}

fn record(
    files: Files<'_>,
    kept: &mut Kept,
    prove: &mut impl FnMut(Stored) -> Result<Stored, WorkError>,
) -> Result<RecordKind, WorkError> {
    if kept.kind.is_receipt() {
        return Ok(match receipt::read(files, kept)? {
            Some(stored) => RecordKind::Receipt(prove(stored)?),
            None => RecordKind::Erased,
        });
    }
    let Opened::Body(salt, body) = kept.open(files.salts)? else {
        let why = format!("entry {} is no receipt and has no body", kept.index);
        return Err(LedgerError::Damaged(why).into());
    };
    let body = String::from_utf8(body)
        .map_err(|_| LedgerError::Damaged(format!("entry {} is not text", kept.index)))?;
    Ok(match kept.kind {
        Kind::KeyEvent => RecordKind::KeyEvent { salt, body },
        _ => RecordKind::Tombstone { salt, body },
    })
}
