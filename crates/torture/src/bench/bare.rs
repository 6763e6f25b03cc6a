//! What the machine can do at all: signatures checked and nothing else, rows committed and nothing else.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rusqlite::Connection;
use sayso_core::crypto::Verifier;
use sayso_server::crypto::RingVerifier;
use serde::Serialize;

use super::ingest::Loads;

/// The bare rates.
#[derive(Clone, Debug, Serialize)]
pub struct Bare {
    /// ES256 signatures checked per second on all cores, the key parsed each time.
    pub verifications: f64,
    /// Rows per second committed by one SQLite connection, by the number of rows in a commit.
    pub rows: Vec<(usize, f64)>,
}

impl Bare {
    /// Rows per second for commits of this many rows: the nearest size measured.
    pub fn rows_at(&self, batch: usize) -> f64 {
        let nearest = self
            .rows
            .iter()
            .min_by_key(|(size, _)| size.abs_diff(batch));
        nearest.map_or(0.0, |(_, rate)| *rate)
    }
}

/// Sizes of commits.
const BATCHES: [usize; 4] = [1, 10, 40, 200];

/// Measures both, with rows as long as a receipt is on this disk.
pub fn run(folder: &Path, loads: &Loads, time: Duration) -> Result<Bare> {
    let time = (time / 4).clamp(Duration::from_millis(500), Duration::from_secs(5));
    let verifications = verifications(time)?;
    println!("bare ES256 verifications: {verifications:.0}/s");
    let mut rows = Vec::new();
    for batch in BATCHES {
        let rate = commits(
            &folder.join(format!("bare-{batch}.db")),
            loads.bytes_sent as usize,
            batch,
            time,
        )?;
        println!("bare SQLite commits of {batch}: {rate:.0} rows/s");
        rows.push((batch, rate));
    }
    Ok(Bare {
        verifications,
        rows,
    })
}

fn verifications(time: Duration) -> Result<f64> {
    let random = SystemRandom::new();
    let unspecified = |_| anyhow::anyhow!("no key could be made");
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
        .map_err(unspecified)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
        .map_err(|_| anyhow::anyhow!("no key could be made"))?;
    let message = [0x5a; 900];
    let signature = pair.sign(&random, &message).map_err(unspecified)?;
    let (key, signature): (&[u8; 65], &[u8; 64]) = (
        pair.public_key().as_ref().try_into()?,
        signature.as_ref().try_into()?,
    );
    let threads = std::thread::available_parallelism()?.get();
    let begin = Instant::now();
    let count: usize = std::thread::scope(|scope| {
        let work = || {
            let mut count = 0;
            while begin.elapsed() < time {
                for _ in 0..50 {
                    count += usize::from(RingVerifier.es256(key, &message, signature));
                }
            }
            count
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or(0))
            .sum()
    });
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}

/// Rows of about a receipt's shape: a sealed body, a salt, three keyed look-ups, two tree nodes.
fn commits(path: &Path, length: usize, batch: usize, time: Duration) -> Result<f64> {
    let mut db = Connection::open(path).context("the bare database")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.execute_batch(
        "CREATE TABLE entry (n INTEGER PRIMARY KEY, body BLOB NOT NULL, salt BLOB NOT NULL, a BLOB NOT NULL UNIQUE,
             b BLOB NOT NULL UNIQUE, c BLOB NOT NULL) STRICT;
         CREATE INDEX entry_c ON entry (c);
         CREATE TABLE node (level INTEGER, n INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, n)) STRICT, WITHOUT ROWID;",
    )?;
    let mut dice = crate::dice::Dice::new(1);
    let mut random = |bytes: usize| -> Vec<u8> {
        let words = std::iter::repeat_with(|| dice.roll().to_le_bytes());
        words
            .take(bytes.div_ceil(8))
            .flatten()
            .take(bytes)
            .collect()
    };
    let body = random(length);
    let mut rows = 0i64;
    let begin = Instant::now();
    while begin.elapsed() < time {
        let tx = db.transaction()?;
        {
            let mut entry =
                tx.prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            let mut node = tx.prepare_cached("INSERT INTO node VALUES (?1, ?2, ?3)")?;
            for _ in 0..batch {
                entry.execute((rows, &body, random(32), random(16), random(16), random(16)))?;
                node.execute((0, rows, random(32)))?;
                if rows % 2 == 1 {
                    node.execute((1, rows / 2, random(32)))?;
                }
                rows += 1;
            }
        }
        tx.commit()?;
    }
    let rate = rows as f64 / begin.elapsed().as_secs_f64();
    drop(db);
    for end in ["", "-wal", "-shm"] {
        // The last two may be gone already.
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    Ok(rate)
}
