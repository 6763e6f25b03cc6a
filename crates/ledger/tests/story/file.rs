//! The files of SQLite's ledger: what stands in them after an erasure, what a copy or a crash brings back, and what is
//! refused.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use rusqlite::Connection;
use sayso_core::digest::{Digest, decode};
use sayso_core::jws::Compact;
use sayso_ledger::Ledger;
use sayso_ledger::address::Profile;
use sayso_ledger::erasure::What;
use sayso_ledger::receipt::Outcome;
use sayso_ledger::record::RecordKind;
use sayso_ledger::sqlite::SqliteLedger;

use crate::erasing::order;
use crate::oracle;
use crate::person::Person;
use crate::telling::{self, ADA, NOW};
use crate::{ORIGIN, open, vault};

/// A copy of the files as they lie there, whoever has them open: what a power cut at this moment leaves.
pub(crate) fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        // The shared-memory file does not outlive a power cut, and the lock is the process's.
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if !name.ends_with("-shm") && !name.ends_with(".lock") {
            std::fs::copy(&path, to.path().join(name)).expect("copied");
        }
    }
    to
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), std::fs::read(path).expect("a file")))
        .collect()
}

/// The files in which some bytes stand.
fn found(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    search(folder, &[(String::new(), needle.to_vec())])
        .into_iter()
        .map(|(path, _)| path)
        .collect()
}

/// Which of the needles stand in which files of a folder. Each file is gone through once.
fn search(folder: &Path, needles: &[(String, Vec<u8>)]) -> Vec<(PathBuf, String)> {
    let mut by_start: HashMap<&[u8], Vec<&(String, Vec<u8>)>> = HashMap::new();
    for needle in needles {
        assert!(needle.1.len() >= 8, "so short that chance could find it");
        by_start.entry(&needle.1[..8]).or_default().push(needle);
    }
    let mut found = BTreeSet::new();
    for (path, bytes) in files(folder) {
        for (at, window) in bytes.windows(8).enumerate() {
            for (name, needle) in by_start.get(window).into_iter().flatten() {
                if bytes[at..].starts_with(needle) {
                    found.insert((path.clone(), name.clone()));
                }
            }
        }
    }
    found.into_iter().collect()
}

/// Bytes in the spellings in which they could lie somewhere.
fn spellings(name: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![
        (format!("{name}, plain"), bytes.to_vec()),
        (format!("{name}, hex"), hex.clone().into_bytes()),
        (format!("{name}, HEX"), hex.to_uppercase().into_bytes()),
    ];
    // Base64 of a longer text differs by where in it the bytes begin.
    for shift in 0..3 {
        let mut longer = vec![0; shift];
        longer.extend(bytes);
        let (begin, end) = (shift.div_ceil(3) * 4, longer.len() / 3 * 4);
        let url = Base64UrlUnpadded::encode_string(&longer).into_bytes();
        let plain = Base64::encode_string(&longer).into_bytes();
        all.push((
            format!("{name}, base64url {shift}"),
            url[begin..end].to_vec(),
        ));
        all.push((
            format!("{name}, base64 {shift}"),
            plain[begin..end].to_vec(),
        ));
    }
    all
}

/// All that is Ada's in a receipt.
fn secrets(stored: &sayso_ledger::receipt::Stored) -> Vec<(String, Vec<u8>)> {
    let jws = Compact::parse(&stored.jws).expect("a JWS");
    let payload: serde_json::Value = serde_json::from_slice(jws.payload_bytes()).expect("JSON");
    let raw = |text: &str| decode(text).expect("base64url");
    let uuid = |text: &str| {
        let hex: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
        let digit = |byte: u8| (byte as char).to_digit(16).expect("a digit") as u8;
        hex.chunks(2)
            .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
            .collect::<Vec<u8>>()
    };
    let header: serde_json::Value = serde_json::from_str(
        &String::from_utf8(raw(stored.jws.split('.').next().expect("a part"))).expect("text"),
    )
    .expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let mut secrets = Vec::new();
    for (name, bytes) in [
        ("the JWS", stored.jws.as_bytes().to_vec()),
        ("the payload", jws.payload_bytes().to_vec()),
        ("the payload's end", jws.payload_bytes()[60..].to_vec()),
        ("the signature", jws.signature().to_vec()),
        ("the subject", raw(&text(&payload["subject"]))),
        ("the key", raw(&text(&header["jwk"]["x"]))),
        ("the hash", stored.hash.0.to_vec()),
        ("the id", stored.id.as_bytes().to_vec()),
        ("the id's bytes", uuid(&stored.id)),
        ("the decision", stored.decision.as_bytes().to_vec()),
        ("the decision's bytes", uuid(&stored.decision)),
        ("the salt", stored.salt.to_vec()),
    ] {
        secrets.extend(spellings(name, &bytes));
    }
    secrets
}

/// The sealed bodies of entries, and what else a file's rows hold of them.
fn rows(path: &Path, indexes: &[u64]) -> Vec<(String, Vec<u8>)> {
    let db = Connection::open(path).expect("it opens");
    let mut rows = Vec::new();
    for index in indexes {
        for sql in [
            "SELECT body FROM entry WHERE log_index = ?1",
            "SELECT key FROM decision WHERE log_index = ?1",
            "SELECT key FROM subject WHERE log_index = ?1",
            "SELECT salt FROM address_receipt WHERE log_index = ?1",
        ] {
            let row = db.query_row(sql, [index.cast_signed()], |row| row.get::<_, Vec<u8>>(0));
            if let Ok(bytes) = row {
                rows.push((sql.to_owned(), bytes));
            }
        }
    }
    rows
}

fn address_rows(path: &Path) -> Vec<(String, Vec<u8>)> {
    let db = Connection::open(path).expect("it opens");
    let mut rows = Vec::new();
    for sql in [
        "SELECT email FROM address",
        "SELECT body FROM token",
        "SELECT body FROM mail",
    ] {
        let mut query = db.prepare(sql).expect("it reads");
        let found = query
            .query_map((), |row| row.get::<_, Vec<u8>>(0))
            .expect("it reads");
        rows.extend(found.map(|row| (sql.to_owned(), row.expect("a row"))));
    }
    rows
}

/// How many sealed bodies of a file open with any of the salts at hand.
fn opened(ledger: &Path, salts: &Path) -> usize {
    let salts = Connection::open(salts).expect("it opens");
    let mut query = salts.prepare("SELECT salt FROM salt").expect("it reads");
    let salts: Vec<[u8; 32]> = query
        .query_map((), |row| row.get(0))
        .expect("it reads")
        .collect::<Result<_, _>>()
        .expect("it reads");
    let db = Connection::open(ledger).expect("it opens");
    let mut query = db
        .prepare("SELECT log_index, kind, received, flags, commitment, body FROM entry WHERE body IS NOT NULL")
        .expect("it reads");
    let mut rows = query.query(()).expect("it reads");
    let mut count = 0;
    while let Some(row) = rows.next().expect("it reads") {
        let mut place = row
            .get::<_, i64>(0)
            .expect("a number")
            .to_be_bytes()
            .to_vec();
        place.push(row.get(1).expect("a number"));
        place.extend(row.get::<_, i64>(2).expect("a number").to_be_bytes());
        place.extend(row.get::<_, [u8; 32]>(4).expect("a digest"));
        place.extend(row.get::<_, String>(3).expect("a text").into_bytes());
        let body: Vec<u8> = row.get(5).expect("a body");
        let opens = |salt: &[u8; 32]| {
            let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), b"sayso/body/1");
            let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).expect("a key"));
            let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
            key.open_in_place(nonce, Aad::from(&place), &mut body.clone())
                .is_ok()
        };
        count += usize::from(salts.iter().any(opens));
    }
    count
}

/// Ada signs twice and asks for the newsletter; Bob signs, too. Gives Ada and her stored receipts.
async fn live(ledger: &dyn Ledger) -> (Person, Vec<sayso_ledger::receipt::Stored>) {
    let (ada, bob) = (Person::new(), Person::new());
    let first = ada.receipt();
    let mut second = ada.payload();
    second.prev = Some(first.receipt_hash().to_string());
    let mut appends = vec![first, ada.sign(&second)];
    appends.extend((0..60).map(|_| bob.receipt()));
    let appends = appends.into_iter().map(telling::entry).collect();
    ledger.append(appends).await.expect("written");
    let mut request = telling::request(&ada, 1);
    request.profile = Some(Profile {
        last_name: "Lovelace".to_owned(),
        ..Profile::default()
    });
    ledger.record(request).await.expect("recorded");
    let after = (0..200).map(|_| telling::entry(bob.receipt())).collect();
    ledger.append(after).await.expect("written");
    let mut stored = Vec::new();
    for index in [0, 1, 62] {
        stored.push(ledger.by_index(index).await.expect("read").expect("there"));
    }
    (ada, stored)
}

#[tokio::test]
async fn an_erasure_leaves_nothing_in_any_file_nor_in_an_older_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    let ledger = open(&path);
    let (ada, stored) = live(&ledger).await;
    let mut secrets: Vec<_> = stored.iter().flat_map(secrets).collect();
    secrets.extend(spellings("the address", ADA.as_bytes()));
    secrets.extend(spellings("the name", b"Lovelace"));
    let older = copy(folder.path());
    let old = older.path().join("ledger.db");
    let mut sealed = rows(&old, &[0, 1, 62]);
    sealed.extend(address_rows(&old));
    assert!(sealed.len() >= 12, "{} rows", sealed.len());
    // What the search would find is there before: the salts, and what is sealed.
    for one in &stored {
        assert!(!found(folder.path(), &one.salt).is_empty());
    }
    for needle in &sealed {
        assert!(
            !search(older.path(), std::slice::from_ref(needle)).is_empty(),
            "{}",
            needle.0
        );
    }
    assert_eq!(opened(&old, &older.path().join("salts.db")), 263);

    let erased = ledger
        .erase(order(What::Subject(ada.subject())))
        .await
        .expect("erased");
    assert_eq!(erased.receipts, [0, 1, 62]);
    let erased = ledger
        .erase(order(What::Address(ADA.to_owned())))
        .await
        .expect("erased");
    assert_eq!(erased.addresses, 1);

    // At once, while the ledger is open: in no file at all, write-ahead logs and shared memory among them.
    let all: Vec<_> = secrets.iter().chain(&sealed).cloned().collect();
    assert_eq!(search(folder.path(), &all), []);
    for name in ["ledger.db-wal", "salts.db-wal"] {
        let length = std::fs::metadata(folder.path().join(name)).map_or(0, |file| file.len());
        assert_eq!(length, 0, "{name}");
    }
    let entries = oracle::agrees(&ledger).await;
    assert_eq!(entries.len(), 265);
    drop(ledger);

    // One backup cycle later: an older ledger with the salts of today.
    std::fs::copy(
        folder.path().join("salts.db"),
        older.path().join("salts.db"),
    )
    .expect("copied");
    let _ = std::fs::remove_file(older.path().join("salts.db-wal"));
    assert_eq!(search(older.path(), &secrets), []);
    assert_eq!(opened(&old, &older.path().join("salts.db")), 260);
    let restored = open(&old);
    let old_entries = oracle::agrees(&restored).await;
    assert_eq!(old_entries, entries[..263], "the log as it was");
    for one in &stored {
        assert_eq!(restored.by_index(one.index).await, Ok(None));
        assert_eq!(restored.by_hash(one.hash).await, Ok(None));
        assert_eq!(
            restored.by_decision(one.decision.clone()).await,
            Ok(Vec::new())
        );
        let kind = restored
            .scan(one.index, 1)
            .await
            .expect("read")
            .remove(0)
            .kind;
        assert_eq!(kind, RecordKind::Erased);
    }
    assert!(
        restored
            .address(ADA.to_owned())
            .await
            .expect("read")
            .is_none()
    );
    assert!(
        restored
            .token(Digest([1; 32]))
            .await
            .expect("read")
            .is_none()
    );
    assert!(restored.due_mail(NOW, 99).await.expect("read").is_empty());
    // The order can be carried out again there, and then the restored file is as clean as the other.
    let again = restored
        .erase(order(What::Subject(ada.subject())))
        .await
        .expect("answered");
    assert_eq!((again.receipts, again.already), (vec![], 3));
    let resent = ada.receipt();
    let back = restored
        .append(vec![telling::entry(resent)])
        .await
        .expect("written");
    assert!(
        matches!(back[0], Outcome::New(_)),
        "a new receipt is a new decision"
    );
    // She may come back to the newsletter, too.
    restored
        .record(telling::request(&ada, 9))
        .await
        .expect("recorded");
    assert!(
        restored
            .address(ADA.to_owned())
            .await
            .expect("read")
            .is_some()
    );
}

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
