//! Opening the two files: for writing, making or migrating them; for reading, without a change to anything.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::mark;
use super::schema::{self, Migrated, Schema};
use crate::error::OpenError;
use crate::vault::Vault;

/// The oldest SQLite that keeps a write-ahead log whole (3.51.3).
const OLDEST: i32 = 3_051_003;

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 64;

/// How long to wait for another process's lock.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// The two files, open for writing.
pub(super) struct Opened {
    pub(super) ledger: Connection,
    pub(super) salts: Connection,
    /// Two more, for the thread that moves the write-ahead logs.
    pub(super) moving: (Connection, Connection),
    pub(super) origin: String,
    /// Held for as long as the ledger is open: no second process writes to it.
    pub(super) lock: File,
}

/// Where the salts of a ledger lie.
pub(super) fn salts_of(ledger: &Path) -> PathBuf {
    ledger.with_file_name("salts.db")
}

/// Opens both files for writing.
pub(super) fn for_writing(path: &Path, origin: &str, vault: &Vault) -> Result<Opened, OpenError> {
    check_version()?;
    let lock = lock(path)?;
    let salts_path = salts_of(path);
    let mut ledger = open(path, &schema::LEDGER)?;
    let mut salts = open(&salts_path, &schema::SALTS)?;
    let (name, origin) = own(&mut ledger, origin, vault).map_err(|e| failed(path, e))?;
    pair(&mut salts, name)
        .and_then(|theirs| agree(&ledger, &salts, path, name == theirs))
        .map_err(|e| failed(&salts_path, e))??;
    let moving = (
        configured(path).map_err(|e| failed(path, e))?,
        configured(&salts_path).map_err(|e| failed(&salts_path, e))?,
    );
    Ok(Opened {
        ledger,
        salts,
        moving,
        origin,
        lock,
    })
}

/// Checks both files for reading alone, and gives the log's origin.
pub(super) fn inspect(path: &Path) -> Result<String, OpenError> {
    check_version()?;
    let salts_path = salts_of(path);
    for (path, schema) in [(path, &schema::LEDGER), (&salts_path, &schema::SALTS)] {
        let connection = for_reading(path, true).map_err(|e| failed(path, e))?;
        let found = schema::inspect(&connection, schema).map_err(|e| failed(path, e))?;
        refuse(path, found)?;
    }
    let read = || {
        let ledger = for_reading(path, true)?;
        let salts = for_reading(&salts_path, true)?;
        let (name, origin): ([u8; 16], String) =
            ledger.query_row("SELECT name, origin FROM log", (), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let theirs: [u8; 16] = salts.query_row("SELECT name FROM log", (), |row| row.get(0))?;
        Ok((origin, agree(&ledger, &salts, path, name == theirs)?))
    };
    let (origin, agreed) = read().map_err(|e| failed(path, e))?;
    agreed?;
    Ok(origin)
}

/// A connection that only reads. `alone` allows for a file that nobody has open, in a folder that may not be written.
pub(super) fn for_reading(path: &Path, alone: bool) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name).exists()
    };
    // Without a write-ahead log nobody has the file open; SQLite would make one even to read.
    let connection = if alone && path.exists() && !beside("-wal") {
        Connection::open_with_flags(still(path), flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(path, flags)?
    };
    common(&connection)?;
    Ok(connection)
}

fn common(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    mark::install(connection)?;
    // Otherwise a prepared query is planned anew whenever its range is bound to other numbers.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Nothing is ever spilt into a file of its own.
    connection.pragma_update(None, "temp_store", "MEMORY")
}

/// The address of a file that does not change while it is read.
fn still(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut address = "file:".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => address.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address + "?immutable=1"
}

fn check_version() -> Result<(), OpenError> {
    if rusqlite::version_number() < OLDEST {
        return Err(OpenError::SqliteTooOld {
            found: rusqlite::version(),
        });
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let path = path.with_extension("lock");
    let io = |source| OpenError::Lock {
        path: path.display().to_string(),
        source,
    };
    let file = File::create(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.display().to_string(),
        }),
        Err(TryLockError::Error(error)) => Err(io(error)),
    }
}

fn open(path: &Path, schema: &Schema) -> Result<Connection, OpenError> {
    let open = || {
        let mut connection = configured(path)?;
        let found = schema::migrate(&mut connection, schema)?;
        Ok((connection, found))
    };
    let (connection, found) = open().map_err(|error| failed(path, error))?;
    refuse(path, found)?;
    Ok(connection)
}

fn configured(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    common(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -32_768)?;
    // A thread beside the writer does that.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

fn refuse(path: &Path, found: Migrated) -> Result<(), OpenError> {
    let path = || path.display().to_string();
    match found {
        Migrated::Current => Ok(()),
        Migrated::TooNew { found, known } => Err(OpenError::SchemaTooNew {
            path: path(),
            found,
            known,
        }),
        Migrated::Foreign => Err(OpenError::Foreign { path: path() }),
    }
}

/// Gives the log its name and origin, unless it has them, and says which it has.
fn own(
    ledger: &mut Connection,
    origin: &str,
    vault: &Vault,
) -> rusqlite::Result<([u8; 16], String)> {
    let [name, _]: [[u8; 16]; 2] = halves(vault.salt());
    ledger.execute(
        "INSERT INTO log (one, name, origin) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
        (name, origin),
    )?;
    ledger.query_row("SELECT name, origin FROM log", (), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

fn halves(bytes: [u8; 32]) -> [[u8; 16]; 2] {
    let mut halves = [[0; 16]; 2];
    halves[0].copy_from_slice(&bytes[..16]);
    halves[1].copy_from_slice(&bytes[16..]);
    halves
}

fn pair(salts: &mut Connection, name: [u8; 16]) -> rusqlite::Result<[u8; 16]> {
    salts.execute(
        "INSERT INTO log (one, name, forgotten) VALUES (1, ?1, 0) ON CONFLICT DO NOTHING",
        [name],
    )?;
    salts.query_row("SELECT name FROM log", (), |row| row.get(0))
}

/// The two files must be of one ledger, and no entry without a salt.
fn agree(
    ledger: &Connection,
    salts: &Connection,
    path: &Path,
    same: bool,
) -> rusqlite::Result<Result<(), OpenError>> {
    let newest = |connection: &Connection, table: &str| {
        let sql = format!("SELECT max(log_index) FROM {table}");
        connection
            .query_row(&sql, (), |row| row.get::<_, Option<i64>>(0))
            .optional()
            .map(Option::flatten)
    };
    let path = || path.display().to_string();
    if !same {
        return Ok(Err(OpenError::Strangers { path: path() }));
    }
    let (entries, salts) = (newest(ledger, "entry")?, newest(salts, "salt")?);
    if entries > salts {
        return Ok(Err(OpenError::SaltsBehind {
            path: path(),
            entries: entries.map_or(0, |last| last + 1),
            salts: salts.map_or(0, |last| last + 1),
        }));
    }
    Ok(Ok(()))
}

fn failed(path: &Path, source: rusqlite::Error) -> OpenError {
    OpenError::Sqlite {
        path: path.display().to_string(),
        source,
    }
}
