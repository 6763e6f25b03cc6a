//! One story that every ledger must tell the same way, and SQLite telling it.

mod bytes;
mod crash;
mod erasing;
mod file;
mod log;
mod machine;
mod oracle;
mod person;
mod telling;
mod trace;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sayso_ledger::random::Random;
use sayso_ledger::sqlite::SqliteLedger;
use sayso_ledger::vault::Vault;
use sayso_ledger::{Ledger, LedgerError};

use person::Person;
use telling::Telling;

/// Bytes that differ every time and are the same in every run.
struct Counter(AtomicU64);

impl Random for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

fn vault(key: u8) -> Vault {
    Vault::new(&[key; 32], Arc::new(Counter(AtomicU64::new(1))))
}

/// The log's origin in all of these.
pub(crate) const ORIGIN: &str = "demo.example/sayso";

fn open(path: &std::path::Path) -> SqliteLedger {
    SqliteLedger::open(path, ORIGIN, vault(7)).expect("the ledger opens")
}

/// A SQLite file in a folder of its own, opened anew at every call.
struct Sqlite(tempfile::TempDir);

impl Telling for Sqlite {
    fn open(&self) -> Box<dyn Ledger> {
        Box::new(
            SqliteLedger::open(
                &self.0.path().join("ledger.db"),
                "demo.example/sayso",
                vault(7),
            )
            .expect("the ledger opens"),
        )
    }
}

fn sqlite() -> Sqlite {
    Sqlite(tempfile::tempdir().expect("a folder"))
}

#[tokio::test]
async fn sqlite_tells_the_story() {
    telling::receipts(&sqlite()).await;
    telling::decisions(&sqlite()).await;
    telling::documents(&sqlite()).await;
    telling::addresses(&sqlite()).await;
    telling::mail(&sqlite()).await;
}

#[tokio::test]
async fn sqlite_keeps_the_log() {
    log::proofs(&sqlite()).await;
    log::checkpoints(&sqlite()).await;
    log::scanned(&sqlite()).await;
    log::chains(&sqlite()).await;
}

#[tokio::test]
async fn sqlite_forgets() {
    erasing::orders(&sqlite()).await;
    erasing::requests(&sqlite()).await;
    erasing::addresses(&sqlite()).await;
    erasing::retention(&sqlite()).await;
}

#[tokio::test]
async fn sqlite_commits_together_and_numbers_without_gaps() {
    telling::many_at_once(&sqlite()).await;
}

#[tokio::test]
async fn a_full_queue_is_busy_and_stores_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::with_queue(&path, "demo.example/sayso", vault(7), 1)
        .expect("the ledger opens");
    // Another connection holds the write lock, so that the writer waits and the queue fills.
    let other = rusqlite::Connection::open(&path).expect("a second connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let person = Person::new();
    let waiting: Vec<_> = (0..8)
        .map(|_| ledger.append(vec![telling::entry(person.receipt())]))
        .collect();
    other.execute_batch("ROLLBACK").expect("the lock goes");
    let mut kept = 0;
    let mut busy = 0;
    for answer in waiting {
        match answer.await {
            Ok(_) => kept += 1,
            Err(LedgerError::Busy) => busy += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(
        busy >= 6,
        "one in the writer's hands, one queued: {busy} were turned away"
    );
    assert_eq!(ledger.size().await, Ok(kept));
}

#[tokio::test]
async fn a_failure_that_passes_is_told_and_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let person = Person::new();
    assert_eq!(ledger.ready().await, Ok(()));
    // For longer than the writer is patient, nothing can be written, as with a full disk.
    let other = rusqlite::Connection::open(&path).expect("a second connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let receipt = telling::entry(person.receipt());
    let answers = [
        ledger.append(vec![receipt.clone()]),
        ledger.append(vec![telling::entry(person.receipt())]),
    ];
    for answer in answers {
        let answer = answer.await;
        assert!(
            matches!(answer, Err(LedgerError::Unavailable(_))),
            "{answer:?}"
        );
    }
    assert!(ledger.ready().await.is_err());
    assert_eq!(ledger.size().await, Ok(0), "reading goes on");
    other.execute_batch("ROLLBACK").expect("the lock goes");
    // Without anybody's writing, it finds out by itself.
    while ledger.ready().await.is_err() {
        tokio::task::yield_now().await;
    }
    let outcomes = ledger.append(vec![receipt]).await.expect("written");
    assert_eq!(outcomes[0].stored().map(|stored| stored.index), Some(0));
}

#[tokio::test]
async fn no_address_is_readable_in_the_files() {
    let sqlite = sqlite();
    telling::addresses(&sqlite).await;
    for entry in std::fs::read_dir(sqlite.0.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a file");
        for secret in ["ada@larkspur.example", "Lovelace", "larkspur.example"] {
            let found = bytes
                .windows(secret.len())
                .any(|w| w.eq_ignore_ascii_case(secret.as_bytes()));
            assert!(!found, "{secret} stands in {}", path.display());
        }
    }
}

#[tokio::test]
async fn another_address_key_opens_no_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let change = telling::request(&Person::new(), 1);
    let hash = change.tokens[0].hash;
    {
        let ledger =
            SqliteLedger::open(&path, "demo.example/sayso", vault(7)).expect("the ledger opens");
        ledger.record(change).await.expect("it is recorded");
    }
    let ledger =
        SqliteLedger::open(&path, "demo.example/sayso", vault(8)).expect("the ledger opens");
    assert!(matches!(
        ledger.token(hash).await,
        Err(LedgerError::Damaged(_))
    ));
    assert!(
        ledger
            .address(telling::ADA.to_owned())
            .await
            .expect("it reads")
            .is_none()
    );
}

#[test]
fn a_file_from_a_later_version_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    drop(SqliteLedger::open(&path, "demo.example/sayso", vault(7)).expect("the ledger opens"));
    rusqlite::Connection::open(&path)
        .and_then(|db| db.execute_batch("PRAGMA user_version = 999"))
        .expect("the future");
    let error = SqliteLedger::open(&path, "demo.example/sayso", vault(7))
        .err()
        .expect("refused")
        .to_string();
    assert!(
        error.contains("written by a later version (schema 999"),
        "{error}"
    );
}
