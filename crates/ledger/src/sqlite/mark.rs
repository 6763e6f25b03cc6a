//! Marks: eight bytes in a row that follow from its other columns, so that a bit that turned over in a file is noticed
//! also where nothing is hashed into the log or sealed. Triggers write them, whoever changes a row.
//!
//! Marks are for accidents: whoever may write to the file can write them, too.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use sayso_core::digest::sha256;

/// The tables whose rows carry a mark, and what it is made from.
pub(super) const TABLES: [(&str, &str); 7] = [
    ("checkpoint", "size, root, note, cosigned, time"),
    ("document", "number, digest, kind, media, about, published"),
    (
        "subscription",
        "address, purpose, revision, status, changed",
    ),
    ("token", "hash, address, kind, issued, expires, used"),
    ("mail", "id, address, due, attempts"),
    ("suppressed", "look_up"),
    ("forget", "number, log_index, address"),
];

/// Lets a connection make marks.
pub(super) fn install(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("mark", -1, flags, |context| {
        let mut bytes = Vec::with_capacity(128);
        for at in 0..context.len() {
            push(&mut bytes, context.get_raw(at));
        }
        Ok(sha256(&bytes).0[..8].to_vec())
    })
}

/// A value with its kind and length, so that different rows never give the same bytes.
fn push(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    let mut put = |kind: u8, value: &[u8]| {
        bytes.push(kind);
        bytes.extend((value.len() as u64).to_be_bytes());
        bytes.extend(value);
    };
    match value {
        ValueRef::Null => put(0, &[]),
        ValueRef::Integer(number) => put(1, &number.to_be_bytes()),
        ValueRef::Real(number) => put(2, &number.to_be_bytes()),
        ValueRef::Text(text) => put(3, text),
        ValueRef::Blob(blob) => put(4, blob),
    }
}

/// The step that gives the tables their marks.
pub(super) const STEP: &str = "
    ALTER TABLE checkpoint ADD COLUMN mark BLOB;
    CREATE TRIGGER checkpoint_put AFTER INSERT ON checkpoint BEGIN
        UPDATE checkpoint SET mark = mark(new.size, new.root, new.note, new.cosigned, new.time) WHERE size = new.size;
    END;
    CREATE TRIGGER checkpoint_set AFTER UPDATE OF size, root, note, cosigned, time ON checkpoint BEGIN
        UPDATE checkpoint SET mark = mark(new.size, new.root, new.note, new.cosigned, new.time) WHERE size = new.size;
    END;
    ALTER TABLE document ADD COLUMN mark BLOB;
    CREATE TRIGGER document_put AFTER INSERT ON document BEGIN
        UPDATE document SET mark = mark(new.number, new.digest, new.kind, new.media, new.about, new.published) WHERE number = new.number;
    END;
    CREATE TRIGGER document_set AFTER UPDATE OF number, digest, kind, media, about, published ON document BEGIN
        UPDATE document SET mark = mark(new.number, new.digest, new.kind, new.media, new.about, new.published) WHERE number = new.number;
    END;
    ALTER TABLE subscription ADD COLUMN mark BLOB;
    CREATE TRIGGER subscription_put AFTER INSERT ON subscription BEGIN
        UPDATE subscription SET mark = mark(new.address, new.purpose, new.revision, new.status, new.changed) WHERE address = new.address AND purpose = new.purpose;
    END;
    CREATE TRIGGER subscription_set AFTER UPDATE OF address, purpose, revision, status, changed ON subscription BEGIN
        UPDATE subscription SET mark = mark(new.address, new.purpose, new.revision, new.status, new.changed) WHERE address = new.address AND purpose = new.purpose;
    END;
    ALTER TABLE token ADD COLUMN mark BLOB;
    CREATE TRIGGER token_put AFTER INSERT ON token BEGIN
        UPDATE token SET mark = mark(new.hash, new.address, new.kind, new.issued, new.expires, new.used) WHERE hash = new.hash;
    END;
    CREATE TRIGGER token_set AFTER UPDATE OF hash, address, kind, issued, expires, used ON token BEGIN
        UPDATE token SET mark = mark(new.hash, new.address, new.kind, new.issued, new.expires, new.used) WHERE hash = new.hash;
    END;
    ALTER TABLE mail ADD COLUMN mark BLOB;
    CREATE TRIGGER mail_put AFTER INSERT ON mail BEGIN
        UPDATE mail SET mark = mark(new.id, new.address, new.due, new.attempts) WHERE id = new.id;
    END;
    CREATE TRIGGER mail_set AFTER UPDATE OF id, address, due, attempts ON mail BEGIN
        UPDATE mail SET mark = mark(new.id, new.address, new.due, new.attempts) WHERE id = new.id;
    END;
    ALTER TABLE suppressed ADD COLUMN mark BLOB;
    CREATE TRIGGER suppressed_put AFTER INSERT ON suppressed BEGIN
        UPDATE suppressed SET mark = mark(new.look_up) WHERE look_up = new.look_up;
    END;
    CREATE TRIGGER suppressed_set AFTER UPDATE OF look_up ON suppressed BEGIN
        UPDATE suppressed SET mark = mark(new.look_up) WHERE look_up = new.look_up;
    END;
    ALTER TABLE forget ADD COLUMN mark BLOB;
    CREATE TRIGGER forget_put AFTER INSERT ON forget BEGIN
        UPDATE forget SET mark = mark(new.number, new.log_index, new.address) WHERE number = new.number;
    END;
    CREATE TRIGGER forget_set AFTER UPDATE OF number, log_index, address ON forget BEGIN
        UPDATE forget SET mark = mark(new.number, new.log_index, new.address) WHERE number = new.number;
    END;
    -- Those that are there already.
    UPDATE checkpoint SET mark = mark(size, root, note, cosigned, time);
    UPDATE document SET mark = mark(number, digest, kind, media, about, published);
    UPDATE subscription SET mark = mark(address, purpose, revision, status, changed);
    UPDATE token SET mark = mark(hash, address, kind, issued, expires, used);
    UPDATE mail SET mark = mark(id, address, due, attempts);
    UPDATE suppressed SET mark = mark(look_up);
    UPDATE forget SET mark = mark(number, log_index, address);
    ";
