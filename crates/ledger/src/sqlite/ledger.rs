//! The trait's methods: what goes to the writer, and what is read.

use std::ops::Range;
use std::sync::{Arc, PoisonError};

use sayso_core::digest::Digest;
use sayso_core::log::Entry;

use super::entry::Kind;
use super::erase::Target;
use super::error::WorkError;
use super::reader::{Files, Reading};
use super::writer::Task;
use super::{
    SqliteLedger, address, append, at_once, checkpoint, document, entry, erase, event, mail,
    receipt, retain, scan, tree,
};
use crate::address::{Address, AddressChange, AddressOutcome, Token};
use crate::document::{Document, DocumentKind};
use crate::erasure::{Erased, Erasure, Retention, Why};
use crate::error::LedgerError;
use crate::ledger::{Answer, Ledger};
use crate::log::{Head, Inclusion, Published};
use crate::mail::{Delivery, QueuedMail};
use crate::receipt::{Append, Outcome, Stored};
use crate::record::Record;
use crate::vault::Vault;
use crate::watch::Watcher;

impl SqliteLedger {
    /// Reads what is found by a keyed hash or sealed under the vault's key.
    fn read_with_vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(Reading<'_>, &Vault) -> Result<T, WorkError> + Send + 'static,
    ) -> Answer<'_, T> {
        match self.vault() {
            Ok(vault) => self.readers.read(move |reading| work(reading, &vault)),
            Err(error) => at_once(Err(error)),
        }
    }

    /// Erases step by step, until nothing of what is meant is left.
    async fn forget(
        &self,
        target: impl Fn(Files<'_>, &Vault, u64) -> Result<Target, WorkError> + Clone + Send + 'static,
        why: Why,
        mut salt: [u8; 32],
        now: u64,
    ) -> Result<Erased, LedgerError> {
        let (writer, vault) = self.writer()?;
        let (mut all, mut from) = (Erased::default(), 0);
        loop {
            let (target, why) = (target.clone(), why.clone());
            let work = move |batch: &mut super::store::Batch<'_>| {
                let target = target(batch.files(), batch.vault, from)?;
                let erased = erase::erase(batch, &target, &why, &salt, now)?;
                Ok((erased, target.next))
            };
            let (step, next) = writer
                .carry_out(|reply| Task::new(work, reply).scrubbed())
                .await?;
            add(&mut all, step);
            match next {
                Some(next) => from = next,
                None => return Ok(all),
            }
            salt = vault.salt();
        }
    }
}

fn add(all: &mut Erased, step: Erased) {
    all.receipts.extend(step.receipts);
    all.addresses += step.addresses;
    all.tombstone = step.tombstone.or(all.tombstone);
    all.already += step.already;
    all.newer += step.newer;
}

impl Ledger for SqliteLedger {
    fn log(&self) -> &str {
        &self.origin
    }

    fn append(&self, receipts: Vec<Append>) -> Answer<'_, Vec<Outcome>> {
        let (writer, vault) = match self.writer() {
            Ok(parts) => parts,
            Err(error) => return at_once(Err(error)),
        };
        let prepared: Vec<_> = receipts
            .into_iter()
            .map(|receipt| self.prepare(receipt, vault))
            .collect();
        let weight = prepared.len();
        writer.carry_out(|reply| {
            let work = move |batch: &mut super::store::Batch<'_>| {
                prepared
                    .iter()
                    .map(|receipt| append::append(batch, receipt))
                    .collect()
            };
            Task::new(work, reply).settled(weight, |outcomes: &mut Vec<Outcome>, batch| {
                outcomes
                    .iter_mut()
                    .try_for_each(|outcome| append::settle(outcome, batch))
            })
        })
    }

    fn key_event(&self, json: String, salt: [u8; 32], now: u64) -> Answer<'_, u64> {
        match self.writer() {
            Ok((writer, _)) => {
                writer.write(move |batch| event::append(batch, Kind::KeyEvent, &json, &salt, now))
            }
            Err(error) => at_once(Err(error)),
        }
    }

    fn size(&self) -> Answer<'_, u64> {
        self.readers
            .read(|Reading { files, .. }| Ok(entry::size(files.db)?))
    }

    fn by_index(&self, index: u64) -> Answer<'_, Option<Stored>> {
        self.readers
            .read(move |reading| receipt::proved(reading, index))
    }

    fn by_hash(&self, hash: Digest) -> Answer<'_, Option<Stored>> {
        self.read_with_vault(move |reading, vault| receipt::by_hash(reading, vault, &hash))
    }

    fn by_decision(&self, decision: String) -> Answer<'_, Vec<Stored>> {
        self.read_with_vault(move |reading, vault| receipt::by_decision(reading, vault, &decision))
    }

    fn scan(&self, from: u64, limit: u32) -> Answer<'_, Vec<Record>> {
        self.readers
            .read(move |reading| scan::scan(reading, from, limit))
    }

    fn scan_unproved(&self, from: u64, limit: u32) -> Answer<'_, Vec<Record>> {
        self.readers
            .read(move |reading| scan::scan_unproved(reading.files, from, limit))
    }

    fn head(&self) -> Answer<'_, Head> {
        self.readers.read(|reading| {
            let head = reading.heads.of(reading.files.db, None)?;
            head.ok_or_else(tree::missing)
        })
    }

    fn inclusion(&self, index: u64, size: Option<u64>) -> Answer<'_, Option<Inclusion>> {
        self.readers
            .read(move |reading| tree::inclusion(reading.files.db, reading.heads, index, size))
    }

    fn consistency(&self, old: u64, new: u64) -> Answer<'_, Option<Vec<Digest>>> {
        self.readers
            .read(move |Reading { files, .. }| tree::consistency(files.db, old, new))
    }

    fn nodes(&self, level: u8, range: Range<u64>) -> Answer<'_, Option<Vec<Digest>>> {
        self.readers
            .read(move |Reading { files, .. }| tree::nodes(files.db, level, range))
    }

    fn entries(&self, range: Range<u64>) -> Answer<'_, Option<Vec<Entry>>> {
        self.readers.read(move |Reading { files, .. }| {
            let wanted = range.end.checked_sub(range.start);
            if wanted.is_none_or(|wanted| wanted > tree::MOST) {
                return Ok(None);
            }
            let entries = entry::range(files.db, range)?;
            Ok((Some(entries.len() as u64) == wanted).then_some(entries))
        })
    }

    fn publish_checkpoint(&self, published: Published) -> Answer<'_, ()> {
        match self.writer() {
            Ok((writer, _)) => writer.write(move |batch| checkpoint::publish(batch, &published)),
            Err(error) => at_once(Err(error)),
        }
    }

    fn published(&self) -> Answer<'_, Option<Published>> {
        self.readers
            .read(|Reading { files, .. }| checkpoint::newest(files.db))
    }

    fn checkpoints(&self) -> Answer<'_, Vec<Published>> {
        self.readers
            .read(|Reading { files, .. }| checkpoint::all(files.db))
    }

    fn erase(&self, erasure: Erasure) -> Answer<'_, Erased> {
        let Erasure {
            what,
            why,
            now,
            salt,
        } = erasure;
        let target =
            move |files: Files<'_>, vault: &Vault, from| Target::of(files, vault, &what, from);
        Box::pin(self.forget(target, why, salt, now))
    }

    fn retain(&self, rules: Retention, now: u64) -> Answer<'_, Erased> {
        Box::pin(async move {
            let (writer, vault) = self.writer()?;
            let find = move |Reading { files, .. }: Reading<'_>| {
                let (due, more) = retain::due(files.db, rules, now)?;
                Ok((due, more, retain::has_stale_tokens(files.db, now)?))
            };
            let (due, more, tokens) = self.readers.read(find).await?;
            let mut all = Erased::default();
            for due in due {
                let why = Why::Retention {
                    rule: due.rule.clone(),
                };
                let target =
                    move |files: Files<'_>, _: &Vault, from| Target::due(files.db, &due, from);
                add(&mut all, self.forget(target, why, vault.salt(), now).await?);
            }
            if tokens {
                let work = move |batch: &mut super::store::Batch<'_>| {
                    batch.removed = true;
                    retain::remove_stale_tokens(batch.db, now)
                };
                writer
                    .carry_out(|reply| Task::new(work, reply).scrubbed())
                    .await?;
            }
            all.more = more;
            Ok(all)
        })
    }

    fn suppressed(&self, email: String) -> Answer<'_, bool> {
        self.read_with_vault(move |Reading { files, .. }, vault| {
            address::is_suppressed(files.db, vault, &email)
        })
    }

    fn publish(&self, documents: Vec<Document>) -> Answer<'_, ()> {
        let writer = match self.writer() {
            Ok((writer, _)) => writer,
            Err(error) => return at_once(Err(error)),
        };
        let numbered = writer.write(move |batch| {
            documents
                .iter()
                .map(|document| Ok((document.digest, document::publish(batch.db, document)?)))
                .collect::<Result<Vec<_>, _>>()
        });
        let shelf = Arc::clone(&self.shelf);
        Box::pin(async move {
            let numbered = numbered.await?;
            let mut shelf = shelf.write().unwrap_or_else(PoisonError::into_inner);
            for (digest, number) in numbered {
                shelf.put(digest, number);
            }
            Ok(())
        })
    }

    fn document(&self, kind: DocumentKind, digest: Digest) -> Answer<'_, Option<Document>> {
        self.readers
            .read(move |Reading { files, .. }| document::by_digest(files.db, kind, digest))
    }

    fn documents(&self, kind: DocumentKind) -> Answer<'_, Vec<Document>> {
        self.readers
            .read(move |Reading { files, .. }| document::all(files.db, kind))
    }

    fn record(&self, change: AddressChange) -> Answer<'_, AddressOutcome> {
        let (writer, vault) = match self.writer() {
            Ok(parts) => parts,
            Err(error) => return at_once(Err(error)),
        };
        let (receipt, change) = address::split(change);
        let receipt = self.prepare(receipt, vault);
        writer.carry_out(|reply| {
            let work = move |batch: &mut super::store::Batch<'_>| {
                address::record(batch, &receipt, &change)
            };
            Task::new(work, reply).settled(1, address::settle_record)
        })
    }

    fn address(&self, email: String) -> Answer<'_, Option<Address>> {
        self.read_with_vault(move |Reading { files, .. }, vault| {
            address::by_email(files, vault, &email)
        })
    }

    fn token(&self, hash: Digest) -> Answer<'_, Option<Token>> {
        self.read_with_vault(move |Reading { files, .. }, vault| address::token(files, vault, hash))
    }

    fn due_mail(&self, now: u64, limit: u32) -> Answer<'_, Vec<QueuedMail>> {
        self.read_with_vault(move |Reading { files, .. }, vault| {
            mail::due(files, vault, now, limit)
        })
    }

    fn delivered(&self, id: i64, delivery: Delivery) -> Answer<'_, ()> {
        match self.writer() {
            Ok((writer, _)) => writer.write(move |batch| mail::delivered(batch.db, id, delivery)),
            Err(error) => at_once(Err(error)),
        }
    }

    fn waiting_mail(&self) -> Answer<'_, u64> {
        self.readers
            .read(|Reading { files, .. }| mail::waiting(&files))
    }

    fn waiting(&self) -> u64 {
        self.writer()
            .map_or(0, |(writer, _)| writer.watched().waiting())
    }

    fn watch(&self, watcher: Arc<dyn Watcher>) {
        if let Ok((writer, _)) = self.writer() {
            writer.watched().by(watcher);
        }
    }

    fn ready(&self) -> Answer<'_, ()> {
        let writing = self.writer().and_then(|(writer, _)| writer.health());
        let reading = self
            .readers
            .read(|Reading { files, .. }| Ok(entry::size(files.db)?));
        Box::pin(async move {
            writing?;
            reading.await.map(|_| ())
        })
    }
}
