//! What lies beside the log: documents, checkpoints, addresses, tokens, mail, and what is to be forgotten.

use rusqlite::Connection;
use sayso_core::address::about;
use sayso_core::digest::{Digest, sha256};

use super::Inspector;
use crate::address::Profile;
use crate::error::LedgerError;
use crate::sqlite::error::WorkError;
use crate::sqlite::reader::Files;
use crate::sqlite::{forget, mark, receipt};
use crate::vault::Vault;

impl Inspector {
    /// What does not hold beside the log, each in a sentence, and how many rows were looked at. `erased` lists the entries
    /// that are erased, in order.
    pub fn beside(&self, erased: &[u64]) -> Result<(u64, Vec<String>), LedgerError> {
        let mut look = Look {
            inspector: self,
            rows: 0,
            faults: Vec::new(),
        };
        look.all(erased).map_err(LedgerError::from)?;
        Ok((look.rows, look.faults))
    }
}

struct Look<'a> {
    inspector: &'a Inspector,
    rows: u64,
    faults: Vec<String>,
}

impl Look<'_> {
    fn all(&mut self, erased: &[u64]) -> Result<(), WorkError> {
        self.marks()?;
        self.documents()?;
        self.forgotten(erased)?;
        if let Some(vault) = &self.inspector.vault {
            self.addresses(vault)?;
            self.linked(vault)?;
        }
        Ok(())
    }

    fn db(&self) -> &Connection {
        &self.inspector.ledger
    }

    fn files(&self) -> Files<'_> {
        Files {
            db: &self.inspector.ledger,
            salts: &self.inspector.salts,
        }
    }

    fn fault(&mut self, what: String) {
        if self.faults.len() < 40 {
            self.faults.push(what);
        }
    }

    /// Rows that carry a digest of themselves.
    fn marks(&mut self) -> Result<(), WorkError> {
        for (table, columns) in mark::TABLES {
            let sql = format!(
                "SELECT count(*), coalesce(sum(mark IS NOT mark({columns})), 0) FROM {table}"
            );
            let (rows, bad): (i64, i64) = self
                .db()
                .query_row(&sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
            self.rows += rows.cast_unsigned();
            if bad > 0 {
                self.fault(format!("{bad} rows of the table {table} were changed"));
            }
        }
        Ok(())
    }

    fn documents(&mut self) -> Result<(), WorkError> {
        let mut bad = Vec::new();
        let mut query = self.db().prepare("SELECT digest, body FROM document")?;
        let mut rows = query.query(())?;
        while let Some(row) = rows.next()? {
            let digest = Digest(row.get(0)?);
            if sha256(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?) != digest {
                bad.push(format!(
                    "the document {digest} is not the text of its digest"
                ));
            }
        }
        drop(rows);
        drop(query);
        bad.into_iter().for_each(|what| self.fault(what));
        Ok(())
    }

    /// What is to be forgotten again when an older copy of the salts is put back.
    fn forgotten(&mut self, erased: &[u64]) -> Result<(), WorkError> {
        let mut query = self.db().prepare(
            "SELECT log_index FROM forget WHERE log_index IS NOT NULL ORDER BY log_index",
        )?;
        let listed: Vec<u64> = query
            .query_map((), |row| row.get::<_, i64>(0).map(i64::cast_unsigned))?
            .collect::<rusqlite::Result<_>>()?;
        drop(query);
        if listed != erased {
            self.fault("the list of salts to forget is not that of the erased entries".to_owned());
        }
        let last: i64 =
            self.db()
                .query_row("SELECT coalesce(max(number), 0) FROM forget", (), |row| {
                    row.get(0)
                })?;
        let salts = &self.inspector.salts;
        let done: i64 = salts.query_row("SELECT forgotten FROM log", (), |row| row.get(0))?;
        if done != last {
            self.fault(format!("salts.db has forgotten up to {done} of {last}: start the server once, or run it again"));
        }
        let sql = "SELECT address FROM forget WHERE address IS NOT NULL";
        let mut query = self.db().prepare(sql)?;
        let numbers = query
            .query_map((), |row| row.get::<_, i64>(0))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        drop(query);
        for number in numbers {
            if matches!(forget::address_salt(salts, number), Ok(Some(_)) | Err(_)) {
                self.fault(format!(
                    "the salt of the forgotten address {number} is not forgotten"
                ));
            }
        }
        Ok(())
    }

    fn addresses(&mut self, vault: &Vault) -> Result<(), WorkError> {
        let mut query = self
            .db()
            .prepare("SELECT number, look_up, email, profile FROM address")?;
        let all = query
            .query_map((), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?
            .collect::<rusqlite::Result<Vec<(i64, [u8; 32], Vec<u8>, Option<Vec<u8>>)>>>()?;
        drop(query);
        for (number, look_up, email, profile) in all {
            self.rows += 1;
            let open = || {
                let salt = forget::address_salt(&self.inspector.salts, number)
                    .map_err(LedgerError::from)?;
                let salt = salt.ok_or("its salt is forgotten")?;
                let email = vault.open(&salt, &[b"email", &look_up], &email)?;
                let email = String::from_utf8(email)?;
                if vault.look_up(&email) != look_up {
                    return Err("it is kept under another keyed hash".into());
                }
                if let Some(profile) = &profile {
                    let profile =
                        vault.open(&salt, &[b"profile", &number.to_be_bytes()], profile)?;
                    serde_json::from_slice::<Profile>(&profile)?;
                }
                Ok::<_, Box<dyn std::error::Error>>(())
            };
            if let Err(what) = open() {
                self.fault(format!("the address {number} does not open: {what}"));
            }
        }
        Ok(())
    }

    /// What hangs on addresses: which receipts are about them, tokens, mail.
    fn linked(&mut self, vault: &Vault) -> Result<(), WorkError> {
        let sql = "SELECT address, log_index, salt FROM address_receipt";
        for (address, index, sealed) in self.sealed::<i64>(sql)? {
            if let Err(what) = self.link(vault, address, index, &sealed) {
                self.fault(format!(
                    "what links entry {index} to the address {address} does not hold: {what}"
                ));
            }
        }
        let sql = "SELECT address, hash, body FROM token";
        for (address, hash, sealed) in self.sealed::<[u8; 32]>(sql)? {
            if let Err(what) = self.opens(vault, address, &[b"token", &hash], &sealed) {
                self.fault(format!(
                    "a token of the address {address} does not open: {what}"
                ));
            }
        }
        let sql = "SELECT address, id, body FROM mail";
        for (address, id, sealed) in self.sealed::<i64>(sql)? {
            if let Err(what) = self.opens(vault, address, &[b"mail"], &sealed) {
                self.fault(format!(
                    "the mail {id} to the address {address} does not open: {what}"
                ));
            }
        }
        Ok(())
    }

    fn sealed<T: rusqlite::types::FromSql>(
        &mut self,
        sql: &str,
    ) -> Result<Vec<(i64, T, Vec<u8>)>, WorkError> {
        let mut query = self.inspector.ledger.prepare(sql)?;
        let all = query
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        self.rows += all.len() as u64;
        Ok(all)
    }

    fn opens(
        &self,
        vault: &Vault,
        address: i64,
        place: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, LedgerError> {
        let salt = forget::address_salt(&self.inspector.salts, address)?;
        let salt =
            salt.ok_or_else(|| LedgerError::Damaged("its address's salt is forgotten".to_owned()))?;
        vault.open(&salt, place, sealed)
    }

    /// The receipt's own word of which address it is about, by the salt that proves it.
    fn link(
        &self,
        vault: &Vault,
        address: i64,
        index: i64,
        sealed: &[u8],
    ) -> Result<(), LedgerError> {
        let damaged = |what: &str| LedgerError::Damaged(what.to_owned());
        let salt = self.opens(
            vault,
            address,
            &[b"address_receipt", &index.to_be_bytes()],
            sealed,
        )?;
        let salt: [u8; 32] = salt
            .try_into()
            .map_err(|_| damaged("its salt is not 32 bytes"))?;
        let kept =
            receipt::by_index(self.files(), index.cast_unsigned()).map_err(LedgerError::from)?;
        let kept = kept.ok_or_else(|| damaged("there is no such receipt"))?;
        let (look_up, email): ([u8; 32], Vec<u8>) = self
            .db()
            .query_row(
                "SELECT look_up, email FROM address WHERE number = ?1",
                [address],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(WorkError::from)?;
        let email = self.opens(vault, address, &[b"email", &look_up], &email)?;
        let email = String::from_utf8(email).map_err(|_| damaged("the address is not text"))?;
        let jws = sayso_core::jws::Compact::parse(&kept.jws)
            .map_err(|_| damaged("the receipt does not read"))?;
        let payload = receipt::payload(kept.index, &jws).map_err(LedgerError::from)?;
        if payload.about.as_deref() != Some(&*about(&salt, &email).to_string()) {
            return Err(damaged("the receipt is about another address"));
        }
        Ok(())
    }
}
