//! What lies beneath the trait, in the files themselves: SQLite's own view, look-ups, salts, and what stands beside the
//! log.

use sayso_ledger::LedgerError;
use sayso_ledger::sqlite::inspect::{Expecting, Inspector, LookUps};

use super::erasure::Erasures;
use crate::report::{Book, Check, Remarks};

/// What receipts should be found by, summed up while they pass.
pub(super) struct Beneath<'a> {
    inspector: Option<&'a Inspector>,
    expected: LookUps,
}

/// Why what lies beneath is not looked at.
const NO_FILES: &str = "the ledger was not given as files";
const NO_KEY: &str = "this takes the site's address key, which is not beside the ledger";

impl<'a> Beneath<'a> {
    pub(super) fn new(inspector: Option<&'a Inspector>) -> Self {
        Self {
            inspector,
            expected: LookUps::default(),
        }
    }

    /// What says what each receipt adds to the sums; any thread may ask.
    pub(super) fn expecting(&self) -> Option<Expecting> {
        self.inspector.map(Inspector::expecting)
    }

    pub(super) fn add(&mut self, expected: &LookUps) {
        self.expected.add(expected);
    }

    /// The files before anything is read from them.
    pub(super) fn files(&self, book: &mut Book) {
        let Some(inspector) = self.inspector else {
            book.not_made(Check::Files, NO_FILES);
            return;
        };
        book.looked(Check::Files, 2);
        for what in inspector.files() {
            book.fault(Check::Files, None, what);
        }
    }

    /// Everything else, once all entries are known. Returns whether the look-ups are those of the receipts.
    pub(super) fn finish(
        &self,
        (size, now): (u64, u64),
        erasures: &Erasures,
        book: &mut Book,
        remarks: &mut Remarks,
    ) -> Result<bool, LedgerError> {
        let Some(inspector) = self.inspector else {
            book.not_made(Check::LookUps, NO_FILES);
            book.not_made(Check::Beside, NO_FILES);
            return Ok(true);
        };
        salts(inspector, (size, now), erasures, book, remarks)?;
        let erased: Vec<u64> = erasures.erased.all().collect();
        let (rows, faults) = inspector.beside(&erased)?;
        book.looked(Check::Beside, rows);
        for what in faults {
            book.fault(Check::Beside, None, what);
        }
        if !inspector.has_vault() {
            book.not_made(Check::LookUps, NO_KEY);
            return Ok(true);
        }
        let found = inspector.found(size, &|index| erasures.erased.has(index))?;
        book.looked(Check::LookUps, found.rows);
        for what in found.faults {
            book.fault(Check::LookUps, None, what);
        }
        let differing = self.expected.differing(&found.kept);
        for table in &differing {
            book.fault(
                Check::LookUps,
                None,
                format!("the table {table} does not hold what the receipts say"),
            );
        }
        let chains = inspector.chains()?;
        (remarks.forks, remarks.predecessor_not_kept) = (chains.forks, chains.not_kept);
        Ok(differing.is_empty())
    }
}

/// There is a salt for exactly what is not erased; bodies that opened have shown that theirs is the right one.
fn salts(
    inspector: &Inspector,
    (size, now): (u64, u64),
    erasures: &Erasures,
    book: &mut Book,
    remarks: &mut Remarks,
) -> Result<(), LedgerError> {
    let mut next = 0;
    inspector.salts(|index, forgotten| {
        book.looked(Check::Erasure, 1);
        if index >= size {
            // Entries that came while the ledger was looked at have theirs already.
            remarks.spare_salts += u64::from(index >= now);
            return;
        }
        for missing in next..index {
            book.fault(Check::Erasure, Some(missing), "it has no salt");
        }
        next = index + 1;
        match (erasures.erased.has(index), forgotten) {
            (true, false) => book.fault(
                Check::Erasure,
                Some(index),
                "it is erased, and its salt is not forgotten",
            ),
            (false, true) => book.fault(
                Check::Erasure,
                Some(index),
                "it is not erased, and its salt is forgotten",
            ),
            _ => {}
        }
    })?;
    for missing in next..size {
        book.fault(Check::Erasure, Some(missing), "it has no salt");
    }
    Ok(())
}
