//! Proofs and starts at growing sizes: a ledger grown through its own trait, then the real server over it.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use sayso_core::receipt::Parsed;
use sayso_ledger::receipt::Append;
use sayso_server::clock::{Clock, SystemClock};
use sayso_server::crypto::RingVerifier;
use sayso_server::random::OsRandom;
use sayso_server::site::Site;
use serde::Serialize;

use super::{bytes, sign};
use crate::dice::Dice;
use crate::receipt::Shown;
use crate::server::Setup;

/// Receipts signed and appended at a time.
const STRIDE: usize = 50_000;
/// Receipts in one append.
const BATCH: usize = 500;
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
    /// Receipts appended per second on the way here, signing not counted.
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
    let (from, mut time) = (*at, 0.0);
    while *at < size {
        let count = STRIDE.min(usize::try_from(size - *at)?);
        let receipts = sign(shown, count, 1_000_000 + *at)?;
        let admitted: Vec<Append> = admit(&receipts[..count])?;
        let begin = Instant::now();
        for batch in admitted.chunks(BATCH) {
            site.ledger.append(batch.to_vec()).await?;
        }
        time += begin.elapsed().as_secs_f64();
        *at += count as u64;
    }
    Ok((size - from) as f64 / f64::max(time, f64::EPSILON))
}

fn admit(receipts: &[crate::receipt::Signed]) -> Result<Vec<Append>> {
    let random = OsRandom::new();
    let one = |signed: &crate::receipt::Signed| {
        Ok(Append {
            receipt: Parsed::read(&signed.jws)?.verify(&RingVerifier)?,
            salt: sayso_server::random::array(&random),
            received: SystemClock.now(),
            flags: Vec::new(),
        })
    };
    let threads = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let share =
            |part: &'_ [crate::receipt::Signed]| part.iter().map(one).collect::<Result<Vec<_>>>();
        let handles: Vec<_> = receipts
            .chunks(receipts.len().div_ceil(threads).max(1))
            .map(|part| scope.spawn(move || share(part)))
            .collect();
        let mut all = Vec::with_capacity(receipts.len());
        for handle in handles {
            all.extend(
                handle
                    .join()
                    .map_err(|_| anyhow::anyhow!("a thread panicked"))??,
            );
        }
        Ok(all)
    })
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
