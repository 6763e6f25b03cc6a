//! The files of SQLite's ledger: read without a change, refused when they are not ours, and told when they are damaged.

use std::path::Path;

use rusqlite::Connection;
use sayso_ledger::Ledger;
use sayso_ledger::erasure::What;
use sayso_ledger::record::RecordKind;
use sayso_ledger::sqlite::SqliteLedger;

use crate::bytes::files;
use crate::erasing::order;
use crate::oracle;
use crate::person::Person;
use crate::telling;
use crate::{ORIGIN, open, vault};

#[tokio::test]
async fn reading_alone_changes_nothing_and_sees_a_running_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let receipt = Person::new().receipt();
    ledger
        .append(vec![telling::entry(receipt.clone())])
        .await
        .expect("written");
    let reader = SqliteLedger::read(&path, Some(vault(7))).expect("it opens");
    assert_eq!(reader.log(), ORIGIN);
    assert_eq!(
        reader
            .by_hash(receipt.receipt_hash())
            .await
            .expect("read")
            .expect("there")
            .jws,
        receipt.jws()
    );
    ledger
        .append(vec![telling::entry(Person::new().receipt())])
        .await
        .expect("written");
    assert_eq!(oracle::agrees(&reader).await.len(), 2);
    drop(reader);
    drop(ledger);

    let sorted = || {
        let mut all = files(folder.path());
        all.sort();
        all
    };
    let before = sorted();
    let reader = SqliteLedger::read(&path, None).expect("it opens");
    oracle::agrees(&reader).await;
    assert!(
        reader.by_hash(receipt.receipt_hash()).await.is_err(),
        "that takes the key"
    );
    assert!(reader.append(vec![telling::entry(receipt)]).await.is_err());
    assert!(reader.erase(order(What::Index(0))).await.is_err());
    assert!(reader.ready().await.is_err());
    drop(reader);
    let after = sorted();
    assert!(before == after, "a file was changed or made");
    let names: Vec<_> = after
        .iter()
        .filter_map(|(path, _)| path.file_name())
        .collect();
    assert_eq!(
        names,
        ["ledger.db", "ledger.lock", "salts.db"],
        "nothing lies beside a closed ledger"
    );
}

#[tokio::test]
async fn what_is_no_ledger_of_this_version_is_refused() {
    let refused = |folder: &Path| {
        SqliteLedger::open(&folder.join("ledger.db"), ORIGIN, vault(7))
            .err()
            .expect("refused")
            .to_string()
    };
    let run = |folder: &Path, name: &str, sql: &str| {
        Connection::open(folder.join(name))
            .and_then(|db| db.execute_batch(sql))
            .expect("done");
    };
    let fresh = || {
        let folder = tempfile::tempdir().expect("a folder");
        drop(open(&folder.path().join("ledger.db")));
        folder
    };

    let draft = tempfile::tempdir().expect("a folder");
    run(
        draft.path(),
        "ledger.db",
        "CREATE TABLE migration (step INTEGER PRIMARY KEY, sqlite TEXT NOT NULL) STRICT",
    );
    assert!(refused(draft.path()).contains("a draft from before the first release"));

    let newer = fresh();
    run(newer.path(), "ledger.db", "PRAGMA user_version = 999");
    assert!(refused(newer.path()).contains("written by a later version (schema 999"));
    let newer = fresh();
    run(newer.path(), "salts.db", "PRAGMA user_version = 999");
    assert!(refused(newer.path()).contains("written by a later version (schema 999"));

    let (one, two) = (fresh(), tempfile::tempdir().expect("a folder"));
    drop(SqliteLedger::open(&two.path().join("ledger.db"), ORIGIN, vault(8)).expect("it opens"));
    run(two.path(), "salts.db", "UPDATE log SET name = zeroblob(16)");
    std::fs::copy(two.path().join("salts.db"), one.path().join("salts.db")).expect("copied");
    assert!(refused(one.path()).contains("belong to different ledgers"));

    let lost = fresh();
    {
        let ledger = open(&lost.path().join("ledger.db"));
        ledger
            .append(vec![telling::entry(Person::new().receipt())])
            .await
            .expect("written");
    }
    run(lost.path(), "salts.db", "DELETE FROM salt");
    assert!(refused(lost.path()).contains("1 entries, but salts for 0 only"));

    let held = fresh();
    let ledger = open(&held.path().join("ledger.db"));
    assert!(refused(held.path()).contains("another process has this ledger open"));
    drop(ledger);
    drop(open(&held.path().join("ledger.db")));
}

#[tokio::test]
async fn a_changed_byte_is_told_and_the_rest_is_still_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    {
        let ledger = open(&path);
        let receipts = (0..4)
            .map(|_| telling::entry(Person::new().receipt()))
            .collect();
        ledger.append(receipts).await.expect("written");
    }
    for (at, change) in [
        (
            0,
            "UPDATE entry SET body = zeroblob(length(body)) WHERE log_index = 0",
        ),
        (
            1,
            "UPDATE entry SET received = received + 1 WHERE log_index = 1",
        ),
        (2, "UPDATE entry SET flags = 'fork' WHERE log_index = 2"),
        (3, "UPDATE entry SET kind = 1 WHERE log_index = 3"),
    ] {
        Connection::open(&path)
            .and_then(|db| db.execute_batch(change))
            .expect("changed");
        let ledger = SqliteLedger::read(&path, None).expect("it opens");
        let records = ledger.scan(0, 10).await.expect("the others are read");
        let unreadable = records
            .iter()
            .filter(|record| matches!(record.kind, RecordKind::Unreadable(_)));
        assert_eq!(unreadable.count(), at + 1, "{change}");
        assert!(ledger.by_index(at as u64).await.is_err());
    }
    let ledger = open(&path);
    // Even what cannot be read can be erased.
    let erased = ledger.erase(order(What::Index(0))).await.expect("erased");
    assert_eq!(erased.receipts, [0]);
    assert_eq!(
        ledger.erase(order(What::Index(0))).await.map(|e| e.already),
        Ok(1)
    );
}
