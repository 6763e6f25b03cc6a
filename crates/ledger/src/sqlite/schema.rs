//! The tables of both files, and the steps that brought them about. Steps are only ever added.

use rusqlite::{Connection, TransactionBehavior};

use super::mark;

/// One of the two files: what marks it, and the steps to its newest form.
pub(super) struct Schema {
    /// SQLite's `application_id`: says whose file it is.
    mark: i32,
    steps: &'static [&'static str],
}

/// What migrating found.
pub(super) enum Migrated {
    /// The file is at the newest schema now.
    Current,
    /// The file is already beyond it.
    TooNew {
        /// Its schema.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// It has tables and is not one of ours, or one of the drafts before the log.
    Foreign,
}

/// `ledger.db`: everything but the salts. Nothing in it names a person or can be read without them.
pub(super) const LEDGER: Schema = Schema {
    mark: 0x5361_796f, // "Sayo"
    steps: &["
    -- Whose log this is, and the random name that it shares with its salts.
    CREATE TABLE log (
        one    INTEGER PRIMARY KEY CHECK (one = 1),
        name   BLOB NOT NULL CHECK (length(name) = 16),
        origin TEXT NOT NULL
    ) STRICT;

    -- The log, in its order: what is hashed into the tree, and the sealed body. Erasing empties a row and keeps it.
    CREATE TABLE entry (
        log_index  INTEGER PRIMARY KEY CHECK (log_index >= 0),
        kind       INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3), -- signed, witnessed, tombstone, key event
        received   INTEGER NOT NULL,
        flags      TEXT NOT NULL,
        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
        body       BLOB
    ) STRICT;
    -- What the rules of keeping look through.
    CREATE INDEX entry_due ON entry (kind, received) WHERE body IS NOT NULL;

    -- Complete nodes of the tree at every fourth level above the leaves; what lies between follows from these.
    CREATE TABLE node (
        level  INTEGER NOT NULL CHECK (level > 0 AND level % 4 = 0),
        number INTEGER NOT NULL CHECK (number >= 0),
        hash   BLOB NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (level, number)
    ) STRICT, WITHOUT ROWID;

    -- What receipts are found by: keyed hashes under a key that is not in this file. The first two outlive an erasure,
    -- so that what was erased is recognised and refused.
    CREATE TABLE hash (
        key       BLOB PRIMARY KEY CHECK (length(key) = 16),
        log_index INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE id (
        key       BLOB PRIMARY KEY CHECK (length(key) = 16),
        log_index INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE decision (
        key       BLOB NOT NULL CHECK (length(key) = 16),
        via       INTEGER NOT NULL, -- 0 signed; else how a witnessed decision came
        content   INTEGER NOT NULL, -- what was decided, whoever signed it
        log_index INTEGER NOT NULL,
        PRIMARY KEY (key, via, content, log_index)
    ) STRICT, WITHOUT ROWID;
    -- The server records a decision once, however often it is delivered; its confirmation by a mailed link is another
    -- receipt of the same decision.
    CREATE UNIQUE INDEX decision_witnessed ON decision (key, via) WHERE via > 0;
    CREATE TABLE subject (
        key       BLOB NOT NULL CHECK (length(key) = 16),
        prev      BLOB NOT NULL, -- the look-up of the predecessor's hash; empty where there is none
        log_index INTEGER NOT NULL,
        PRIMARY KEY (key, prev, log_index)
    ) STRICT, WITHOUT ROWID;

    -- Checkpoints that others have seen: the last of each day, and the newest.
    CREATE TABLE checkpoint (
        size     INTEGER PRIMARY KEY CHECK (size >= 0),
        root     BLOB NOT NULL CHECK (length(root) = 32),
        note     TEXT NOT NULL,
        cosigned INTEGER NOT NULL,
        time     INTEGER NOT NULL
    ) STRICT;

    -- What was shown, by digest. Packed bodies name documents by number.
    CREATE TABLE document (
        number    INTEGER PRIMARY KEY,
        digest    BLOB NOT NULL CHECK (length(digest) = 32),
        kind      TEXT NOT NULL CHECK (kind IN ('notice', 'layer')),
        media     TEXT NOT NULL,
        about     TEXT NOT NULL,
        published INTEGER NOT NULL,
        body      BLOB NOT NULL,
        UNIQUE (kind, digest)
    ) STRICT;

    -- Addresses: found by a keyed hash, sealed under a key from outside and the address's own salt. Numbers are never
    -- used again.
    CREATE TABLE address (
        number  INTEGER PRIMARY KEY AUTOINCREMENT,
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
        log_index INTEGER PRIMARY KEY REFERENCES entry (log_index),
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
        address  INTEGER NOT NULL REFERENCES address (number),
        due      INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        body     BLOB NOT NULL
    ) STRICT;
    CREATE INDEX mail_due ON mail (due);
    CREATE INDEX mail_address ON mail (address);
    -- Erased addresses, by their keyed hash alone: no import brings them back.
    CREATE TABLE suppressed (
        look_up BLOB PRIMARY KEY CHECK (length(look_up) = 32)
    ) STRICT, WITHOUT ROWID;

    -- Whose salts are to be forgotten, in order. The salts' file says how far it has come.
    CREATE TABLE forget (
        number    INTEGER PRIMARY KEY AUTOINCREMENT,
        log_index INTEGER,
        address   INTEGER
    ) STRICT;
    ", mark::STEP],
};

/// `salts.db`: what opens the bodies. A salt is forgotten by overwriting it with zeros where it lies: rows are never
/// moved or deleted, so no second copy of a salt is left behind in the file.
pub(super) const SALTS: Schema = Schema {
    mark: 0x5361_7973, // "Says"
    steps: &["
    CREATE TABLE log (
        one       INTEGER PRIMARY KEY CHECK (one = 1),
        name      BLOB NOT NULL CHECK (length(name) = 16),
        forgotten INTEGER NOT NULL -- up to which number of the ledger's `forget` table
    ) STRICT;
    CREATE TABLE salt (
        log_index INTEGER PRIMARY KEY,
        salt      BLOB NOT NULL CHECK (length(salt) = 32)
    ) STRICT;
    CREATE TABLE address (
        number INTEGER PRIMARY KEY,
        salt   BLOB NOT NULL CHECK (length(salt) = 32)
    ) STRICT;
    "],
};

impl Schema {
    /// Makes the tables in an empty database.
    pub(super) fn make(&self, connection: &Connection) -> rusqlite::Result<()> {
        mark::install(connection)?;
        self.steps
            .iter()
            .try_for_each(|step| connection.execute_batch(step))
    }
}

/// Brings a file to its newest schema, each step in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection, schema: &Schema) -> rusqlite::Result<Migrated> {
    loop {
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mark, done) = state(&tx)?;
        let tables: bool =
            tx.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_master)", (), |row| {
                row.get(0)
            })?;
        match check(schema, mark, done, tables) {
            Migrated::Current => {}
            refused => return Ok(refused),
        }
        let Some(step) = usize::try_from(done)
            .ok()
            .and_then(|done| schema.steps.get(done))
        else {
            return Ok(Migrated::Current);
        };
        tx.execute_batch(step)?;
        tx.pragma_update(None, "application_id", schema.mark)?;
        tx.pragma_update(None, "user_version", done + 1)?;
        tx.commit()?;
    }
}

/// Whether a file that will not be written is at the newest schema.
pub(super) fn inspect(connection: &Connection, schema: &Schema) -> rusqlite::Result<Migrated> {
    let (mark, done) = state(connection)?;
    if done < schema.steps.len() as i64 {
        return Ok(Migrated::Foreign);
    }
    Ok(check(schema, mark, done, true))
}

fn state(connection: &Connection) -> rusqlite::Result<(i32, i64)> {
    let mark = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let done = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((mark, done))
}

fn check(schema: &Schema, mark: i32, found: i64, tables: bool) -> Migrated {
    let known = schema.steps.len() as i64;
    if tables && mark != schema.mark {
        Migrated::Foreign
    } else if found > known {
        Migrated::TooNew { found, known }
    } else {
        Migrated::Current
    }
}
