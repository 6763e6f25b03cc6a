//! How fast a whole ledger is checked and exported: `cargo run --release -p sayso-audit --example speed -- [N] [FOLDER]`.
//!
//! Makes a ledger of N receipts (a million unless said otherwise) of distinct visitors in a folder, unless one is there
//! already, then checks it by hashes alone, checks it whole, and exports it, and says how many went through in a second
//! and how much memory that took.

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use ring::rand::{SecureRandom, SystemRandom};
use sayso_audit::bundle::check::check as check_bundle;
use sayso_audit::export::{Countersigner, Format, export};
use sayso_audit::filter::Filter;
use sayso_audit::pool;
use sayso_audit::reading::Reading;
use sayso_audit::whole::{Options, check};
use sayso_core::verify::{Countersigned, Demands, verify_receipt};
use sayso_ledger::Ledger;
use sayso_ledger::log::{Head, Published};
use sayso_ledger::random::Random;
use sayso_ledger::receipt::{Append, Stored};
use sayso_ledger::sqlite::SqliteLedger;
use sayso_ledger::sqlite::inspect::Inspector;
use sayso_ledger::vault::Vault;
use support::{Place, Ring, START, Site, Visitor, payload, salt};

struct System;

impl Random for System {
    fn fill(&self, buffer: &mut [u8]) {
        SystemRandom::new().fill(buffer).expect("randomness");
    }
}

fn vault() -> Vault {
    Vault::new(&[7; 32], Arc::new(System))
}

struct Signing(Site);

impl Countersigner for Signing {
    fn countersign(&self, stored: &Stored) -> Result<Option<Countersigned>, String> {
        let statement = sayso_core::countersignature::Statement {
            v: 1,
            receipt_hash: stored.hash.to_string(),
            commitment: stored.commitment.to_string(),
            received: stored.received,
            index: stored.index,
            log: self.0.origin.clone(),
            flags: stored.flags.clone(),
        };
        let place = Place {
            index: stored.index,
            received: stored.received,
            hashes: Vec::new(),
            checkpoint: "",
        };
        Ok(Some(self.0.countersigned(
            &stored.jws,
            &stored.salt,
            &statement,
            place,
        )))
    }

    fn checkpoint(&self, head: &Head) -> Result<String, String> {
        Ok(self.0.signed_checkpoint(head.size, head.root))
    }
}

/// Signs receipts on all processors and appends them in batches.
fn make(path: &Path, site: &Site, count: u64) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .build()
        .expect("a runtime");
    let ledger = SqliteLedger::open(path, &site.origin, vault()).expect("the ledger opens");
    let mut starts = (0..count).step_by(500);
    let end: Option<()> = pool::ordered(
        pool::threads(),
        || starts.next(),
        |start| {
            let visitor = Visitor::new();
            (start..(start + 500).min(count))
                .map(|n| Append {
                    receipt: visitor.sign(&payload(&site.id, n, Some(visitor.subject()), None)),
                    salt: salt(n),
                    received: START + n,
                    flags: Vec::new(),
                })
                .collect::<Vec<_>>()
        },
        |batch| {
            runtime.block_on(ledger.append(batch)).expect("appended");
            ControlFlow::Continue(())
        },
    );
    assert!(end.is_none());
    let head = runtime.block_on(ledger.head()).expect("a head");
    let note = site.signed_checkpoint(head.size, head.root);
    let published = Published {
        size: head.size,
        root: head.root,
        note,
        cosigned: 0,
        time: START,
    };
    runtime
        .block_on(ledger.publish_checkpoint(published))
        .expect("published");
}

fn reading(path: &Path) -> Reading {
    let ledger = SqliteLedger::read(path, Some(vault())).expect("the ledger opens");
    Reading::new(Box::new(ledger)).expect("a runtime")
}

fn told(what: &str, count: u64, begun: Instant) {
    let seconds = begun.elapsed().as_secs_f64();
    let rate = count as f64 / seconds;
    println!("{what:<40} {seconds:>8.1} s  {rate:>10.0}/s  {}", memory());
}

/// The most memory that the process ever had.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}

/// Bare ES256 checks: what no check of signatures can be faster than.
fn bare(path: &Path, site: &Site) {
    let records = reading(path).scan(0, 512).expect("read");
    let texts: Vec<String> = records
        .into_iter()
        .filter_map(|record| match record.kind {
            sayso_ledger::record::RecordKind::Receipt(stored) => Some(stored.jws),
            _ => None,
        })
        .collect();
    let begun = Instant::now();
    let mut left = 40;
    let keys = site.jwks();
    let rounds: Option<()> = pool::ordered(
        pool::threads(),
        || {
            left -= 1;
            (left >= 0).then_some(())
        },
        |()| {
            texts
                .iter()
                .for_each(|text| drop(verify_receipt(text, &keys, &Ring).expect("it holds")))
        },
        |()| ControlFlow::Continue(()),
    );
    assert!(rounds.is_none());
    told(
        "receipts read and verified, in memory",
        40 * texts.len() as u64,
        begun,
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let folder = arguments.next().map_or_else(
        || std::env::temp_dir().join(format!("sayso-speed-{count}")),
        PathBuf::from,
    );
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("ledger.db");
    let site = Site::new("larkspur", 1);
    if !path.exists() {
        let begun = Instant::now();
        make(&path, &site, count);
        told("made", count, begun);
    }
    let bytes = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
    println!(
        "{count} receipts in {} + {} bytes, {} threads",
        bytes("ledger.db"),
        bytes("salts.db"),
        pool::threads()
    );
    let keys = site.jwks();
    let options = Options {
        keys: &keys,
        demands: Demands::default(),
        hashes_only: true,
        threads: pool::threads(),
        checkpoint: None,
        against: None,
    };
    let begun = Instant::now();
    let report = check(&reading(&path), None, &options, &Ring, |_| {}).expect("read");
    assert_eq!((report.exit_code, report.size), (0, count), "{report}");
    told("checked by hashes alone", count, begun);

    let begun = Instant::now();
    let inspector = Inspector::open(&path, Some(vault())).expect("it opens");
    let whole = Options {
        hashes_only: false,
        ..options
    };
    let report = check(&reading(&path), Some(&inspector), &whole, &Ring, |_| {}).expect("read");
    assert_eq!((report.exit_code, report.size), (0, count), "{report}");
    told("checked whole", count, begun);
    bare(&path, &site);

    let signing = Signing(site);
    for (name, format) in [
        ("bundle", Format::Bundle(&signing)),
        ("csv", Format::Csv),
        ("jsonld", Format::JsonLd),
    ] {
        let begun = Instant::now();
        let file = File::create(folder.join(name)).expect("a file");
        let done = export(
            &reading(&path),
            format,
            &Filter::default(),
            BufWriter::new(file),
            |_| {},
        )
        .expect("exported");
        assert_eq!(done.receipts, count);
        told(&format!("exported as {name}"), count, begun);
    }
    let begun = Instant::now();
    let file = File::open(folder.join("bundle")).expect("the file");
    let checked = check_bundle(
        BufReader::new(file),
        &keys,
        &Demands::default(),
        &Ring,
        pool::threads(),
        |_| {},
    );
    assert_eq!(checked.expect("it holds").signed, count);
    told("bundle checked", count, begun);
}
