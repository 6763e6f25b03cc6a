//! Reading back what a server left behind, through the ledger's own trait, and holding it against what was promised.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use sayso_core::config::SiteConfig;
use sayso_core::crypto::Jwks;
use sayso_core::digest::{Digest, decode_array};
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::Note;
use sayso_core::log::proof::Proof;
use sayso_core::log::tree::Frontier;
use sayso_core::verify::{Countersigned, Demands};
use sayso_ledger::Ledger;
use sayso_server::clock::{Clock, SystemClock};
use sayso_server::crypto::RingVerifier;
use sayso_server::locale::Locales;
use sayso_server::piece::Pieces;
use sayso_server::random::OsRandom;
use sayso_server::site::{Site, World};
use tokio::sync::Notify;

use crate::acknowledged::Acknowledged;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many entries the log has.
    pub entries: u64,
    /// How many receipts of them.
    pub receipts: u64,
    /// How many of these had been acknowledged.
    pub acknowledged: usize,
}

/// Opens a site's data as the server does, with a clock of one's own choice.
pub async fn open(data: &Path, clock: Arc<dyn Clock>) -> Result<Site> {
    let config = SiteConfig::parse("sayso.toml", &crate::site::text())
        .map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let world = World {
        clock,
        random: Arc::new(OsRandom::new()),
        mail: Arc::new(Notify::new()),
        address: None,
    };
    let locales = Locales::embedded()?;
    let site = Site::open(config, data, &locales, &Pieces::embedded(), &world).await;
    site.context("opening what the server left behind")
}

/// Checks a countersigned receipt offline, as a visitor would; its index and the hash that names it.
pub fn verify(file: &Countersigned, keys: &Jwks) -> Result<(u64, Digest)> {
    let file = serde_json::to_vec(file)?;
    let verified = sayso_core::verify::verify(&file, keys, &Demands::default(), &RingVerifier)?;
    Ok((verified.statement.index, verified.receipt.receipt_hash()))
}

/// Holds what lies in `data` against what was acknowledged: every receipt is there, at the index it was given, with the
/// salt it was given; indexes have no gap and receipts no double; the log's tree is the tree of its entries; and every
/// proof ever handed out leads to a root that the tree had at that size.
pub async fn check(data: &Path, acknowledged: &Acknowledged) -> Result<Found> {
    let site = open(data, Arc::new(SystemClock)).await?;
    let ledger = site.ledger.as_ref();
    let mut promised = acknowledged.iter().peekable();
    let mut roots = claimed_roots(acknowledged)?;
    let mut tree = Frontier::default();
    let mut seen = BTreeMap::new();
    let mut receipts = 0;
    let size = ledger.head().await?.size;
    while tree.size() < size {
        let records = ledger.scan(tree.size(), 1000).await?;
        ensure!(
            !records.is_empty(),
            "the log ends at {} of {size}",
            tree.size()
        );
        for record in records {
            let index = tree.size();
            ensure!(record.index == index, "{} follows {index}", record.index);
            tree.append(record.entry.leaf_hash());
            if let Some(root) = roots.remove(&tree.size()) {
                ensure!(
                    root == tree.root(),
                    "a proof led to another tree of {}",
                    tree.size()
                );
            }
            let Some(stored) = receipt(&record) else {
                continue;
            };
            receipts += 1;
            ensure!(
                stored.index == index,
                "entry {index} says it is {}",
                stored.index
            );
            ensure!(
                record.entry == Entry::Receipt(stored.commitment),
                "entry {index} is not its receipt's commitment"
            );
            if let Some(first) = seen.insert(stored.hash, index) {
                anyhow::bail!("the receipt at {first} is at {index} again");
            }
            if let Some((_, hash, file)) = promised.next_if(|(at, ..)| *at == index) {
                ensure!(
                    stored.hash == hash,
                    "entry {index} is another receipt than acknowledged"
                );
                ensure!(
                    decode_array(&file.salt) == Some(stored.salt) && file.receipt == stored.jws,
                    "entry {index} is kept otherwise than acknowledged"
                );
            }
        }
    }
    if let Some((index, ..)) = promised.next() {
        anyhow::bail!("entry {index} was acknowledged and is not there");
    }
    ensure!(
        roots.is_empty(),
        "proofs were handed out for sizes that the log never had"
    );
    prove(ledger, &tree, acknowledged).await?;
    Ok(Found {
        entries: size,
        receipts,
        acknowledged: acknowledged.len(),
    })
}

fn receipt(record: &sayso_ledger::record::Record) -> Option<&sayso_ledger::receipt::Stored> {
    match &record.kind {
        sayso_ledger::record::RecordKind::Receipt(stored) => Some(stored),
        _ => None,
    }
}

/// The roots that the proofs handed out lead to, by the size of their tree.
fn claimed_roots(acknowledged: &Acknowledged) -> Result<BTreeMap<u64, Digest>> {
    let mut roots = BTreeMap::new();
    for (index, _, file) in acknowledged.iter() {
        let proof = file
            .proof
            .as_deref()
            .with_context(|| format!("the answer for index {index} has no proof"))?;
        let note = Note::parse(&Proof::parse(proof)?.checkpoint)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        let known = roots.insert(checkpoint.size, checkpoint.root);
        ensure!(
            known.is_none_or(|known| known == checkpoint.root),
            "two roots were signed for the size {}",
            checkpoint.size
        );
    }
    Ok(roots)
}

/// That the ledger's own proofs lead to the root of its entries.
async fn prove(ledger: &dyn Ledger, tree: &Frontier, acknowledged: &Acknowledged) -> Result<()> {
    let head = ledger.head().await?;
    ensure!(
        head.root == tree.root(),
        "the tree's root is not that of its entries"
    );
    // Every one of a few, some of many.
    let step = 1 + acknowledged.len() / 500;
    for (index, ..) in acknowledged.iter().step_by(step) {
        let inclusion = ledger.inclusion(index, None).await?;
        let inclusion = inclusion.with_context(|| format!("no proof of entry {index}"))?;
        let entries = ledger.entries(index..index + 1).await?;
        let leaf = entries
            .and_then(|entries| Some(entries.first()?.leaf_hash()))
            .with_context(|| format!("no entry {index}"))?;
        ensure!(
            inclusion.root == head.root
                && sayso_core::log::tree::verify_inclusion(
                    &leaf,
                    index,
                    inclusion.size,
                    &inclusion.hashes,
                    &inclusion.root
                ),
            "the proof of entry {index} does not lead to the root"
        );
    }
    Ok(())
}
