//! What lies in the files beyond what the trait shows, for whoever checks a ledger whole. Nothing here writes.

mod beside;
mod files;
mod found;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use sayso_core::digest::Digest;
use sayso_core::receipt::Payload;

use super::error::WorkError;
use super::{append, open};
use crate::error::{LedgerError, OpenError};
use crate::vault::Vault;
pub use found::{Chains, Found, LookUps, Sum};

/// Both files, looked at as they lie there.
pub struct Inspector {
    ledger: Connection,
    salts: Connection,
    vault: Option<Arc<Vault>>,
}

/// Says what receipts should be found by; any thread may ask.
#[derive(Clone)]
pub struct Expecting(Option<Arc<Vault>>);

/// The tables that receipts are found by.
const TABLES: [&str; 4] = ["hash", "id", "decision", "subject"];

impl Inspector {
    /// Looks at a ledger's files. Without a vault, nothing can be said of what is under its keys.
    pub fn open(path: &Path, vault: Option<Vault>) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Sqlite {
            path: path.display().to_string(),
            source,
        };
        Ok(Self {
            ledger: open::for_reading(path, true).map_err(failed)?,
            salts: open::for_reading(&open::salts_of(path), true).map_err(failed)?,
            vault: vault.map(Arc::new),
        })
    }

    /// Whether it has the keys that look-ups and addresses are under.
    pub fn has_vault(&self) -> bool {
        self.vault.is_some()
    }

    /// What says what receipts should be found by.
    pub fn expecting(&self) -> Expecting {
        Expecting(self.vault.clone())
    }

    /// The tables in which a receipt is not found by what it says.
    pub fn missing(
        &self,
        index: u64,
        hash: &Digest,
        payload: &Payload,
    ) -> Result<Vec<&'static str>, LedgerError> {
        let mut missing = Vec::new();
        for (table, row) in TABLES.iter().zip(
            self.expecting()
                .rows(index, hash, payload)
                .into_iter()
                .flatten(),
        ) {
            if let Some(row) = row
                && !self.has_row(table, &row)?
            {
                missing.push(*table);
            }
        }
        Ok(missing)
    }

    fn has_row(&self, table: &str, row: &Row) -> Result<bool, LedgerError> {
        let condition = match table {
            "decision" => "key = ?1 AND log_index = ?2 AND via = ?3 AND content = ?4",
            "subject" => "key = ?1 AND log_index = ?2 AND prev = ?5",
            _ => "key = ?1 AND log_index = ?2",
        };
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM {table} WHERE {condition}) FROM (SELECT ?1, ?2, ?3, ?4, ?5)"
        );
        let found = || {
            self.ledger.prepare_cached(&sql)?.query_row(
                (row.key, row.index, row.via, row.content, &row.prev),
                |row| row.get(0),
            )
        };
        Ok(found().map_err(WorkError::from)?)
    }
}

impl Expecting {
    /// What a receipt should be found by; nothing without a vault.
    pub fn expected(&self, index: u64, hash: &Digest, payload: &Payload) -> LookUps {
        let mut sums = LookUps::default();
        if let Some(rows) = self.rows(index, hash, payload) {
            for (sum, row) in sums.tables.iter_mut().zip(&rows) {
                row.iter().for_each(|row| sum.add(row));
            }
        }
        sums
    }

    fn rows(&self, index: u64, hash: &Digest, payload: &Payload) -> Option<[Option<Row>; 4]> {
        let vault = self.0.as_ref()?;
        let prev = payload
            .prev
            .as_deref()
            .and_then(Digest::parse)
            .map(|prev| vault.hash(&prev));
        let subject = payload
            .subject
            .as_deref()
            .map(|subject| vault.subject(subject));
        let via = append::via(payload);
        let content = vault.content(&append::content(payload));
        let row = |key, via, content, prev| Row {
            key,
            via,
            content,
            prev,
            index: index.cast_signed(),
        };
        let plain = |key| Some(row(key, 0, 0, Vec::new()));
        Some([
            plain(vault.hash(hash)),
            plain(vault.id(&payload.id)),
            Some(row(
                vault.decision(&payload.decision),
                via,
                content,
                Vec::new(),
            )),
            subject.map(|key| row(key, 0, 0, prev.map(Vec::from).unwrap_or_default())),
        ])
    }
}

/// One row of a table that receipts are found by; what a table does not have is nought.
#[derive(Default)]
struct Row {
    key: [u8; 16],
    via: i64,
    content: i64,
    prev: Vec<u8>,
    index: i64,
}
