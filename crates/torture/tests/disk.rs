//! The disk that forgets, tried on a database whose behaviour is known: what commits in full keeps every row, and what
//! does not loses some. A disk on which nothing can be lost would prove nothing.

#![cfg(target_os = "linux")]

use std::path::Path;

use rusqlite::Connection;
use sayso_torture::disk::Cut;
use sayso_torture::disk::fault::Errno;
use sayso_torture::disk::mount::{Mounted, obstacle};

const ROWS: i64 = 50;

fn mounted() -> Option<(tempfile::TempDir, Mounted)> {
    if let Some(reason) = obstacle() {
        assert!(
            std::env::var("SAYSO_STRICT").as_deref() != Ok("1"),
            "SKIPPED {reason}"
        );
        println!("SKIPPED the disk that forgets: {reason}");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let disk = Mounted::new(folder.path()).expect("mounted");
    Some((folder, disk))
}

fn open(folder: &Path, synchronous: &str) -> Connection {
    let db = Connection::open(folder.join("rows.db")).expect("opened");
    // Alone on it, SQLite keeps in its own memory what it would otherwise map from this disk, which this process serves.
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")
        .expect("alone");
    db.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    db.pragma_update(None, "synchronous", synchronous)
        .expect("a level");
    db.execute_batch("CREATE TABLE IF NOT EXISTS row (n INTEGER PRIMARY KEY, body BLOB)")
        .expect("a table");
    db
}

fn insert(db: &Connection) -> rusqlite::Result<usize> {
    db.execute("INSERT INTO row (body) VALUES (zeroblob(900))", ())
}

fn count(db: &Connection) -> i64 {
    let check: String = db
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .expect("checked");
    assert_eq!(check, "ok");
    db.query_row("SELECT count(*) FROM row", (), |row| row.get(0))
        .expect("counted")
}

/// Rows written, a copy of the disk as it was then cut, and the rows left: the connection is not closed in order, since
/// that would sync.
fn rows_after(synchronous: &str, cut: Cut) -> Option<i64> {
    let (_folder, mut disk) = mounted()?;
    let db = open(disk.path(), synchronous);
    for _ in 0..ROWS {
        insert(&db).expect("inserted");
    }
    let mut moment = disk.disk().clone();
    moment.cut(cut);
    drop(db);
    disk.replace(|_| moment).expect("the disk of that moment");
    let db = open(disk.path(), synchronous);
    Some(count(&db))
}

#[test]
fn what_commits_in_full_is_kept() {
    for cut in [Cut::Nothing, Cut::Torn(1), Cut::Torn(2), Cut::Torn(3)] {
        let Some(rows) = rows_after("FULL", cut) else {
            return;
        };
        assert_eq!(rows, ROWS, "{cut:?}");
    }
}

#[test]
fn what_does_not_is_lost() {
    let Some(rows) = rows_after("NORMAL", Cut::Nothing) else {
        return;
    };
    assert!(
        rows < ROWS,
        "all {rows} rows survived without having been synced"
    );
}

#[test]
fn the_step_that_is_told_to_fails() {
    let Some((_folder, disk)) = mounted() else {
        return;
    };
    let db = open(disk.path(), "FULL");
    insert(&db).expect("inserted");
    disk.disk().faults.arm(1, Errno::NoSpace, false);
    let error = insert(&db).expect_err("the first write fails");
    assert_eq!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DiskFull)
    );
    assert!(disk.disk().faults.failed().is_some());
    insert(&db).expect("there is room again");
    assert_eq!(count(&db), 2);
}
