//! Crashes between commits, and older copies put back.

use std::path::PathBuf;

use rusqlite::Connection;
use sayso_ledger::Ledger;
use sayso_ledger::erasure::What;
use sayso_ledger::receipt::Outcome;
use sayso_ledger::record::RecordKind;
use sayso_ledger::sqlite::SqliteLedger;

use crate::bytes::{copy, found};
use crate::erasing::order;
use crate::oracle;
use crate::person::Person;
use crate::telling;
use crate::{ORIGIN, open, vault};

#[tokio::test]
async fn an_older_copy_of_the_salts_is_forgotten_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let receipts = (0..5)
        .map(|_| telling::entry(Person::new().receipt()))
        .collect();
    ledger.append(receipts).await.expect("written");
    let salt = ledger.by_index(2).await.expect("read").expect("there").salt;
    // Nothing follows the tombstone's own salt, so that the older copy covers all entries but it.
    let earlier = copy(folder.path());
    ledger.erase(order(What::Index(2))).await.expect("erased");
    drop(ledger);
    let behind = copy(folder.path());
    for name in ["salts.db", "salts.db-wal"] {
        let _ = std::fs::copy(earlier.path().join(name), behind.path().join(name));
    }
    assert!(!found(behind.path(), &salt).is_empty());
    let error = SqliteLedger::open(&behind.path().join("ledger.db"), ORIGIN, vault(7))
        .err()
        .expect("refused")
        .to_string();
    assert!(error.contains("6 entries, but salts for 5 only"), "{error}");
    // With the missing salt put back by hand, as from a newer copy, it opens and forgets what it must.
    let newer = Connection::open(folder.path().join("salts.db")).expect("it opens");
    let last: [u8; 32] = newer
        .query_row("SELECT salt FROM salt WHERE log_index = 5", (), |row| {
            row.get(0)
        })
        .expect("it is there");
    Connection::open(behind.path().join("salts.db"))
        .and_then(|db| db.execute("INSERT INTO salt (log_index, salt) VALUES (5, ?1)", [last]))
        .expect("put back");
    let ledger = open(&behind.path().join("ledger.db"));
    assert_eq!(found(behind.path(), &salt), Vec::<PathBuf>::new());
    oracle::agrees(&ledger).await;
}

#[tokio::test]
async fn a_crash_between_the_two_commits_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let person = Person::new();
    let acknowledged = person.receipt();
    ledger
        .append(vec![telling::entry(acknowledged.clone())])
        .await
        .expect("written");
    let crashed = copy(folder.path());
    let lost = person.receipt();
    ledger
        .append(vec![telling::entry(lost.clone())])
        .await
        .expect("written");
    // The salt of the second receipt is there, the receipt is not.
    for name in ["salts.db", "salts.db-wal"] {
        let _ = std::fs::copy(folder.path().join(name), crashed.path().join(name));
    }
    let ledger = open(&crashed.path().join("ledger.db"));
    assert_eq!(ledger.size().await, Ok(1));
    let other = person.receipt();
    let outcomes = ledger
        .append(vec![
            telling::entry(other.clone()),
            telling::entry(lost),
            telling::entry(acknowledged),
        ])
        .await
        .expect("written");
    assert!(matches!(&outcomes[0], Outcome::New(stored) if stored.index == 1));
    assert!(matches!(&outcomes[1], Outcome::New(stored) if stored.index == 2));
    assert!(matches!(&outcomes[2], Outcome::Same(stored) if stored.index == 0));
    let kept = ledger.by_index(1).await.expect("read").expect("there");
    assert_eq!(kept.jws, other.jws());
    oracle::agrees(&ledger).await;
}

#[tokio::test]
async fn a_crash_after_an_erasure_is_committed_is_completed_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let receipts = (0..3)
        .map(|_| telling::entry(Person::new().receipt()))
        .collect();
    ledger.append(receipts).await.expect("written");
    let salt = ledger.by_index(1).await.expect("read").expect("there").salt;
    drop(ledger);
    let before = copy(folder.path());
    let ledger = open(&path);
    ledger.erase(order(What::Index(1))).await.expect("erased");
    let tombstone = ledger.scan(3, 1).await.expect("read").remove(0);
    let RecordKind::Tombstone { salt: last, .. } = tombstone.kind else {
        panic!("{tombstone:?}")
    };
    drop(ledger);
    // The salts' file as it was when the ledger's commit returned: with the tombstone's salt, and the erased one still.
    Connection::open(before.path().join("salts.db"))
        .and_then(|db| db.execute("INSERT INTO salt (log_index, salt) VALUES (3, ?1)", [last]))
        .expect("written");
    std::fs::copy(&path, before.path().join("ledger.db")).expect("copied");
    assert!(!found(before.path(), &salt).is_empty());
    let ledger = open(&before.path().join("ledger.db"));
    assert_eq!(found(before.path(), &salt), Vec::<PathBuf>::new());
    assert_eq!(ledger.by_index(1).await, Ok(None));
    assert_eq!(
        ledger.erase(order(What::Index(1))).await.map(|e| e.already),
        Ok(1)
    );
    oracle::agrees(&ledger).await;
}
