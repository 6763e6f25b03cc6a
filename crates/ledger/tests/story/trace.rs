//! What an erasure leaves: nothing in any file, nothing in an older copy.

use std::path::Path;

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

use crate::bytes::{copy, found, search, spellings};
use crate::erasing::order;
use crate::open;
use crate::oracle;
use crate::person::Person;
use crate::telling::{self, ADA, NOW};

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
