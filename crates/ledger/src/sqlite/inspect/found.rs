//! What receipts are found by, summed up: equal sums are equal rows, whatever their order, in memory that does not grow.

use sayso_core::digest::sha256;

use super::{Inspector, Row, TABLES};
use crate::error::LedgerError;
use crate::sqlite::error::WorkError;
use crate::vault::is_whole;

/// A sum over rows: how many, and their digests added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many rows.
    pub rows: u64,
    digests: u128,
}

/// The sums over the four tables that receipts are found by: hash, id, decision, subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookUps {
    pub(super) tables: [Sum; 4],
}

/// What the four tables hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The rows of entries that are not erased.
    pub kept: LookUps,
    /// Rows that cannot be right, each in a sentence; the first of them.
    pub faults: Vec<String>,
    /// For each erased entry, how many rows of `hash` and `id` it has beyond or below one.
    pub rows: u64,
}

/// What the chains of receipts look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chains {
    /// Predecessors that more than one receipt of a key names.
    pub forks: u64,
    /// Receipts whose predecessor is not kept.
    pub not_kept: u64,
}

impl Sum {
    pub(super) fn add(&mut self, row: &Row) {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend(row.key);
        bytes.extend(row.via.to_be_bytes());
        bytes.extend(row.content.to_be_bytes());
        bytes.extend(row.index.to_be_bytes());
        bytes.extend(&row.prev);
        let [half @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = sha256(&bytes).0;
        self.rows += 1;
        self.digests = self.digests.wrapping_add(u128::from_be_bytes(half));
    }
}

impl LookUps {
    /// Adds what other receipts are found by.
    pub fn add(&mut self, other: &Self) {
        for (sum, other) in self.tables.iter_mut().zip(&other.tables) {
            sum.rows += other.rows;
            sum.digests = sum.digests.wrapping_add(other.digests);
        }
    }

    /// The tables in which two sums differ.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let pairs = TABLES.iter().zip(self.tables.iter().zip(&other.tables));
        pairs
            .filter(|(_, (one, other))| one != other)
            .map(|(table, _)| *table)
            .collect()
    }
}

/// At most so many faults are told.
const TOLD: usize = 20;

impl Inspector {
    /// Reads all that receipts are found by. `erased` says which entries are erased; rows of entries from `size` on came
    /// while the ledger was looked at, and are passed by.
    pub fn found(&self, size: u64, erased: &dyn Fn(u64) -> bool) -> Result<Found, LedgerError> {
        let mut found = Found::default();
        for (at, table) in TABLES.iter().enumerate() {
            self.table(at, table, (size, erased), &mut found)
                .map_err(LedgerError::from)?;
        }
        Ok(found)
    }

    fn table(
        &self,
        at: usize,
        table: &str,
        (size, erased): (u64, &dyn Fn(u64) -> bool),
        found: &mut Found,
    ) -> Result<(), WorkError> {
        let columns = match at {
            2 => "key, log_index, via, content, x''",
            3 => "key, log_index, 0, 0, prev",
            _ => "key, log_index, 0, 0, x''",
        };
        let mut query = self
            .ledger
            .prepare(&format!("SELECT {columns} FROM {table}"))?;
        let mut rows = query.query(())?;
        let (mut outlive, mut fault) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            found.rows += 1;
            let row = Row {
                key: row.get(0)?,
                index: row.get(1)?,
                via: row.get(2)?,
                content: row.get(3)?,
                prev: row.get(4)?,
            };
            let index = row.index.cast_unsigned();
            if !is_whole(&row.key) {
                fault.push(format!("a key in the table {table} is damaged"));
            } else if row.index >= 0 && index >= size {
                // Newer than what is looked at.
            } else if row.index < 0 || !erased(index) {
                found.kept.tables[at].add(&row);
            } else if at >= 2 {
                fault.push(format!(
                    "the erased entry {index} is still found in the table {table}"
                ));
            } else {
                outlive.push(index);
            }
            fault.truncate(TOLD);
        }
        found.faults.append(&mut fault);
        if at < 2 {
            once_each(outlive, size, erased, table, found);
        }
        Ok(())
    }

    /// What the chains look like, by what receipts are found by.
    pub fn chains(&self) -> Result<Chains, LedgerError> {
        let count = |sql: &str| {
            self.ledger
                .query_row(sql, (), |row| row.get::<_, i64>(0))
                .map(i64::cast_unsigned)
        };
        let read = || {
            Ok::<_, WorkError>(Chains {
                forks: count(
                    "SELECT count(*) FROM (SELECT 1 FROM subject WHERE prev <> x'' GROUP BY key, prev HAVING count(*) > 1)",
                )?,
                not_kept: count(
                    "SELECT count(*) FROM subject WHERE prev <> x'' AND NOT EXISTS (
                         SELECT 1 FROM hash JOIN entry USING (log_index) WHERE hash.key = subject.prev AND body IS NOT NULL)",
                )?,
            })
        };
        Ok(read()?)
    }
}

/// The hash and the id of what was erased outlive it, once each, so that it is recognised and refused.
fn once_each(
    mut outlive: Vec<u64>,
    size: u64,
    erased: &dyn Fn(u64) -> bool,
    table: &str,
    found: &mut Found,
) {
    outlive.sort_unstable();
    for pair in outlive.windows(2) {
        if pair[0] == pair[1] {
            found.faults.push(format!(
                "the erased entry {} is found twice in the table {table}",
                pair[0]
            ));
        }
    }
    let all = (0..size).filter(|index| erased(*index));
    let mut have = outlive.iter().copied().peekable();
    for index in all {
        while have.next_if(|found| *found < index).is_some() {}
        if have.peek() != Some(&index) {
            found.faults.push(format!(
                "the erased entry {index} is not found in the table {table} any more"
            ));
        }
    }
    found.faults.truncate(4 * TOLD);
}
