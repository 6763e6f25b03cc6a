//! Proofs and starts at growing sizes: a ledger grown through its own trait, then the real server over it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use hdrhistogram::Histogram;
use sayso_core::crypto::Verifier;
use sayso_core::receipt::Parsed;
use sayso_ledger::receipt::Append;
use sayso_server::clock::{Clock, SystemClock};
use sayso_server::random::OsRandom;
use sayso_server::site::Site;
use serde::Serialize;
use tokio::sync::mpsc;

use super::bytes;
use crate::dice::Dice;
use crate::receipt::{Mint, Shown};
use crate::server::Setup;

/// Receipts in one append.
const BATCH: u64 = 1_000;
/// Appends under way at once.
const UNDER_WAY: usize = 3;
/// Visitors whose receipts they are, for each core.
const VISITORS: usize = 2_000;
/// How often to say how far it is.
const TELL: Duration = Duration::from_secs(10);
/// Proofs timed at each size.
const PROOFS: u64 = 2_000;

/// The figures at one size.
#[derive(Clone, Debug, Serialize)]
pub struct Size {
    /// Receipts.
    pub receipts: u64,
    /// Bytes per receipt in `ledger.db` and `salts.db`.
    pub bytes_per_receipt: f64,
    /// Microseconds to prove an entry somewhere in the log, half of them.
    pub proof_p50: f64,
    /// The same, 99 of 100.
    pub proof_p99: f64,
    /// Hashes in a proof.
    pub hashes: usize,
    /// Milliseconds from starting the process to being ready after it was killed.
    pub start: f64,
    /// Bytes of memory when ready.
    pub memory: u64,
    /// Receipts made and appended per second on the way here.
    pub appended: f64,
}

/// Grows a ledger to `count` receipts and measures at every power of ten on the way.
pub async fn run(folder: &Path, count: u64) -> Result<Vec<Size>> {
    let mut sizes = Vec::new();
    if count == 0 {
        return Ok(sizes);
    }
    let folder = folder.join("grown");
    std::fs::create_dir(&folder)?;
    let setup = Setup::new(&folder)?;
    let shown = {
        let server = setup.start().await?;
        let shown = server.shown().await?;
        server.stop()?;
        shown
    };
    let mut milestones: Vec<u64> = (3..)
        .map(|power| 10u64.pow(power))
        .take_while(|size| *size < count)
        .collect();
    milestones.push(count);
    let mut at = 0;
    for size in milestones {
        let appended = grow(&setup, &shown, &mut at, size).await?;
        let measured = measure(&setup, size, appended).await?;
        println!(
            "{size} receipts: proof p50 {:.0} µs, p99 {:.0} µs, {} hashes; start {:.0} ms; {:.0} B each",
            measured.proof_p50,
            measured.proof_p99,
            measured.hashes,
            measured.start,
            measured.bytes_per_receipt
        );
        sizes.push(measured);
    }
    Ok(sizes)
}

/// Appends until there are `size`; how many per second.
async fn grow(setup: &Setup, shown: &Shown, at: &mut u64, size: u64) -> Result<f64> {
    let site = crate::kept::open(&setup.data, Arc::new(SystemClock)).await?;
    let begin = Instant::now();
    let (from, mut told) = (*at, begin);
    let mut batches = filling(shown, from, size)?;
    let mut under_way = FuturesUnordered::new();
    while let Some(batch) = batches.recv().await {
        under_way.push(site.ledger.append(batch?));
        while under_way.len() == UNDER_WAY
            && let Some(kept) = under_way.next().await
        {
            *at += kept?.len() as u64;
        }
        if told.elapsed() >= TELL {
            told = Instant::now();
            let rate = (*at - from) as f64 / begin.elapsed().as_secs_f64();
            println!("{at} of {size} receipts, {rate:.0} appended per second");
        }
    }
    while let Some(kept) = under_way.next().await {
        *at += kept?.len() as u64;
    }
    ensure!(*at == size, "{at} receipts are kept, of {size}");
    let time = begin.elapsed().as_secs_f64();
    Ok((size - from) as f64 / f64::max(time, f64::EPSILON))
}

/// Receipts to fill a ledger with, made on every core: of the shape and size that visitors send, but for their signatures,
/// which are noise. Making and checking these would take most of the time, and no proof and no start depends on them.
fn filling(shown: &Shown, from: u64, to: u64) -> Result<mpsc::Receiver<Result<Vec<Append>>>> {
    let (send, batches) = mpsc::channel(UNDER_WAY);
    let next = Arc::new(AtomicU64::new(from));
    for thread in 0..std::thread::available_parallelism()?.get() as u64 {
        let (send, next) = (send.clone(), Arc::clone(&next));
        // No seed twice, at whatever size.
        let mut mint = Mint::new(shown.clone(), VISITORS, 1_000_000_000 + to * 1_000 + thread)?;
        std::thread::spawn(move || {
            loop {
                let first = next.fetch_add(BATCH, Ordering::Relaxed);
                let count = to.saturating_sub(first).min(BATCH);
                // Whoever took them is gone, if they are not taken.
                if count == 0 || send.blocking_send(fill(&mut mint, count)).is_err() {
                    return;
                }
            }
        });
    }
    Ok(batches)
}

fn fill(mint: &mut Mint, count: u64) -> Result<Vec<Append>> {
    let (random, now) = (OsRandom::new(), SystemClock.now());
    let one = |_| {
        Ok(Append {
            receipt: Parsed::read(&mint.filler(now)?)?.verify(&Unlooked)?,
            salt: sayso_server::random::array(&random),
            received: now,
            flags: Vec::new(),
        })
    };
    (0..count).map(one).collect()
}

/// Takes any signature for a good one: what it lets into a ledger is there to be measured, and is deleted afterwards.
struct Unlooked;

impl Verifier for Unlooked {
    fn es256(&self, _: &[u8; 65], _: &[u8], _: &[u8; 64]) -> bool {
        true
    }

    fn ed25519(&self, _: &[u8; 32], _: &[u8], _: &[u8; 64]) -> bool {
        true
    }
}

async fn measure(setup: &Setup, size: u64, appended: f64) -> Result<Size> {
    let site = crate::kept::open(&setup.data, Arc::new(SystemClock)).await?;
    let (proofs, hashes) = time_proofs(&site, size).await?;
    drop(site);
    // Killed once and started over what a kill leaves behind.
    setup.start().await?.kill();
    let server = setup.start().await?;
    let (start, memory) = (server.started().as_secs_f64() * 1000.0, server.spent()?.now);
    server.stop()?;
    Ok(Size {
        receipts: size,
        bytes_per_receipt: bytes(&setup.site(), &["ledger.db", "salts.db"])? as f64 / size as f64,
        proof_p50: proofs.value_at_quantile(0.5) as f64 / 1000.0,
        proof_p99: proofs.value_at_quantile(0.99) as f64 / 1000.0,
        hashes,
        start,
        memory,
        appended,
    })
}

/// Times proofs of entries anywhere in the log, in nanoseconds, and checks each.
async fn time_proofs(site: &Site, size: u64) -> Result<(Histogram<u64>, usize)> {
    let mut histogram = Histogram::new(3)?;
    let mut dice = Dice::new(size);
    let mut hashes = 0;
    for _ in 0..PROOFS {
        let index = dice.below(size);
        let begin = Instant::now();
        let proof = site.ledger.inclusion(index, None).await?;
        histogram.record(u64::try_from(begin.elapsed().as_nanos())?)?;
        let entries = site.ledger.entries(index..index + 1).await?;
        let leaf = entries.and_then(|entries| Some(entries.first()?.leaf_hash()));
        let holds = proof.zip(leaf).is_some_and(|(proof, leaf)| {
            hashes = hashes.max(proof.hashes.len());
            let (size, hashes, root) = (proof.size, &proof.hashes, &proof.root);
            sayso_core::log::tree::verify_inclusion(&leaf, index, size, hashes, root)
        });
        ensure!(holds, "the proof of entry {index} of {size} does not hold");
    }
    Ok((histogram, hashes))
}
