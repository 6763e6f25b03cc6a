//! The tables, and the steps that brought them about. Steps are only ever added.

use rusqlite::{Connection, TransactionBehavior};

/// The newest schema this build knows.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// What migrating found.
pub(super) enum Migrated {
    /// The file is at [`VERSION`] now.
    Current,
    /// The file is already beyond it.
    TooNew(i64),
}

const STEPS: &[&str] = &[
    // 1: receipts, documents, addresses.
    "
    -- Receipts in log order. Rows are never changed.
    CREATE TABLE receipt (
        log_index  INTEGER PRIMARY KEY CHECK (log_index >= 0),
        hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
        id         TEXT NOT NULL UNIQUE,
        decision   TEXT NOT NULL,
        content    BLOB NOT NULL CHECK (length(content) = 32), -- what was decided, whoever signed it
        witnessed  INTEGER NOT NULL CHECK (witnessed IN (0, 1)),
        via        TEXT, -- how a witnessed decision came
        subject    TEXT,
        prev       TEXT,
        received   INTEGER NOT NULL,
        flags      TEXT NOT NULL,
        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
        jws        TEXT NOT NULL
    ) STRICT;
    CREATE INDEX receipt_decision ON receipt (decision);
    -- The server records a decision once, however often it is delivered; its confirmation by a mailed link is another
    -- receipt of the same decision.
    CREATE UNIQUE INDEX receipt_witnessed ON receipt (decision, via) WHERE witnessed = 1;
    CREATE INDEX receipt_subject ON receipt (subject) WHERE subject IS NOT NULL;

    -- Salts apart from what they hide: forgetting one makes its commitment say nothing.
    CREATE TABLE salt (
        log_index INTEGER PRIMARY KEY REFERENCES receipt (log_index),
        salt      BLOB NOT NULL CHECK (length(salt) = 32)
    ) STRICT;

    -- How many receipts there are: the next index. Moved only from the value that was read.
    CREATE TABLE head (
        one    INTEGER PRIMARY KEY CHECK (one = 1),
        size   INTEGER NOT NULL,
        origin TEXT -- the log's origin, set once
    ) STRICT;
    INSERT INTO head (one, size) VALUES (1, 0);

    -- What was shown, by digest.
    CREATE TABLE document (
        digest    BLOB NOT NULL CHECK (length(digest) = 32),
        kind      TEXT NOT NULL CHECK (kind IN ('notice', 'layer')),
        media     TEXT NOT NULL,
        about     TEXT NOT NULL,
        published INTEGER NOT NULL,
        body      BLOB NOT NULL,
        PRIMARY KEY (kind, digest)
    ) STRICT;

    -- Addresses: found by a keyed hash, sealed under a key that is not in this file.
    CREATE TABLE address (
        number  INTEGER PRIMARY KEY,
        look_up BLOB NOT NULL UNIQUE CHECK (length(look_up) = 32),
        email   BLOB NOT NULL,
        profile BLOB
    ) STRICT;
    CREATE TABLE subscription (
        address  INTEGER NOT NULL REFERENCES address (number),
        purpose  TEXT NOT NULL,
        revision INTEGER NOT NULL,
        status   TEXT NOT NULL CHECK (status IN ('Requested', 'Given', 'Withdrawn', 'Objected', 'Acknowledged')),
        changed  INTEGER NOT NULL,
        PRIMARY KEY (address, purpose)
    ) STRICT;
    -- Which receipts are about which address, with the salt that proves it.
    CREATE TABLE address_receipt (
        log_index INTEGER PRIMARY KEY REFERENCES receipt (log_index),
        address   INTEGER NOT NULL REFERENCES address (number),
        salt      BLOB NOT NULL
    ) STRICT;
    CREATE INDEX address_receipt_address ON address_receipt (address);
    CREATE TABLE token (
        hash    BLOB PRIMARY KEY CHECK (length(hash) = 32),
        address INTEGER NOT NULL REFERENCES address (number),
        kind    TEXT NOT NULL CHECK (kind IN ('confirm', 'unsubscribe')),
        issued  INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        used    INTEGER,
        body    BLOB NOT NULL
    ) STRICT;
    CREATE INDEX token_address ON token (address, issued);
    CREATE INDEX token_expires ON token (expires);
    CREATE TABLE mail (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        due      INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        body     BLOB NOT NULL
    ) STRICT;
    CREATE INDEX mail_due ON mail (due);
    ",
];

/// Brings a file to [`VERSION`], each step in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<Migrated> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migration (step INTEGER PRIMARY KEY, sqlite TEXT NOT NULL) STRICT",
    )?;
    loop {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done: i64 =
            tx.query_row("SELECT coalesce(max(step), 0) FROM migration", (), |row| {
                row.get(0)
            })?;
        if done > VERSION {
            return Ok(Migrated::TooNew(done));
        }
        let Some(step) = usize::try_from(done).ok().and_then(|done| STEPS.get(done)) else {
            return Ok(Migrated::Current);
        };
        tx.execute_batch(step)?;
        tx.execute(
            "INSERT INTO migration (step, sqlite) VALUES (?1, ?2)",
            (done + 1, rusqlite::version()),
        )?;
        tx.commit()?;
    }
}

/// Gives the log its origin, unless it has one, and says which it has.
pub(super) fn origin(connection: &Connection, origin: &str) -> rusqlite::Result<String> {
    connection.execute("UPDATE head SET origin = ?1 WHERE origin IS NULL", [origin])?;
    connection.query_row("SELECT origin FROM head WHERE one = 1", (), |row| {
        row.get(0)
    })
}
