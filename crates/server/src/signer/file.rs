//! Key files: one line each, readable by their owner alone.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sayso_core::digest::{decode_array, encode};

use super::Missing;
use crate::random::{Random, array};

/// What a key file begins with.
const MARK: &str = "sayso-secret-key-1";

/// The secrets of a site, as they lie in its files.
pub(super) struct Seeds {
    pub(super) countersignature: [u8; 32],
    pub(super) witness: [u8; 32],
    pub(super) address: [u8; 32],
}

/// The files, by what they are for.
const NAMES: [&str; 3] = ["countersignature", "witness", "address"];

/// Why a site's keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A database without its keys.
    #[error(
        "{path} is missing although the site has a database: restore the key from its backup; \
         with a new key, what is kept could no longer be read or shown to be ours"
    )]
    Missing {
        /// The file.
        path: String,
    },
    /// A file that should not be there yet.
    #[error("{path} exists already: keys are never overwritten; move the folder away first")]
    Exists {
        /// The file.
        path: String,
    },
    /// Not a key of ours.
    #[error("{path} does not hold a key: expected one line \"{MARK} {name} <43 characters>\"")]
    Form {
        /// The file.
        path: String,
        /// What the key is for.
        name: &'static str,
    },
    /// Others can read it.
    #[error("{path} can be read by others than its owner; run: chmod 600 {path}")]
    Open {
        /// The file.
        path: String,
    },
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What it said.
        source: io::Error,
    },
    /// The bytes make no key pair.
    #[error("the keys in {folder} cannot be used")]
    Unusable {
        /// The folder.
        folder: String,
    },
}

fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.key"))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.display().to_string();
    move |source| KeyError::Io { path, source }
}

/// Reads the keys, or makes them where that is allowed and there are none.
pub(super) fn open(
    folder: &Path,
    missing: Missing,
    random: &dyn Random,
) -> Result<Seeds, KeyError> {
    let there = NAMES
        .iter()
        .filter(|name| path_of(folder, name).exists())
        .count();
    if there == 0 && missing == Missing::Create {
        create(folder, random)?;
    }
    let [countersignature, witness, address] = NAMES.map(|name| read(folder, name));
    Ok(Seeds {
        countersignature: countersignature?,
        witness: witness?,
        address: address?,
    })
}

/// Makes all keys of a site.
pub(super) fn create(folder: &Path, random: &dyn Random) -> Result<(), KeyError> {
    fs::create_dir_all(folder).map_err(io_error(folder))?;
    restrict(folder, 0o700)?;
    for name in NAMES {
        write(&path_of(folder, name), name, &array(random))?;
    }
    // The folder's own entry, so that the keys are there after a power cut as surely as what they sign.
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error(folder))
}

fn write(path: &Path, name: &str, seed: &[u8; 32]) -> Result<(), KeyError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyError::Exists {
            path: path.display().to_string(),
        },
        _ => io_error(path)(source),
    })?;
    let line = format!("{MARK} {name} {}\n", encode(seed));
    file.write_all(line.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io_error(path))
}

fn read(folder: &Path, name: &'static str) -> Result<[u8; 32], KeyError> {
    let path = path_of(folder, name);
    let shown = || path.display().to_string();
    let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KeyError::Missing { path: shown() },
        _ => io_error(&path)(source),
    })?;
    if open_to_others(&path)? {
        return Err(KeyError::Open { path: shown() });
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let [MARK, found, seed] = words.as_slice() else {
        return Err(KeyError::Form {
            path: shown(),
            name,
        });
    };
    match decode_array(seed) {
        Some(seed) if *found == name => Ok(seed),
        _ => Err(KeyError::Form {
            path: shown(),
            name,
        }),
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(io_error(path))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Result<bool, KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(io_error(path))?
        .permissions()
        .mode();
    Ok(mode & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Result<bool, KeyError> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn made_once_and_read_the_same_ever_after() {
        let folder = tempfile::tempdir().expect("a folder");
        let random = OsRandom::new();
        let first = open(folder.path(), Missing::Create, &random).expect("made");
        let again = open(folder.path(), Missing::Refuse, &random).expect("read");
        assert_eq!(first.countersignature, again.countersignature);
        assert_ne!(first.countersignature, first.witness);
        assert!(matches!(
            create(folder.path(), &random),
            Err(KeyError::Exists { .. })
        ));
    }

    #[test]
    fn a_missing_key_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let random = OsRandom::new();
        assert!(matches!(
            open(folder.path(), Missing::Refuse, &random),
            Err(KeyError::Missing { .. })
        ));
        create(folder.path(), &random).expect("made");
        fs::remove_file(path_of(folder.path(), "witness")).expect("removed");
        assert!(matches!(
            open(folder.path(), Missing::Create, &random),
            Err(KeyError::Missing { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let random = OsRandom::new();
        create(folder.path(), &random).expect("made");
        let path = path_of(folder.path(), "address");
        restrict(&path, 0o644).expect("opened up");
        assert!(matches!(
            open(folder.path(), Missing::Refuse, &random),
            Err(KeyError::Open { .. })
        ));
    }

    #[test]
    fn a_key_of_another_use_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let random = OsRandom::new();
        create(folder.path(), &random).expect("made");
        fs::copy(
            path_of(folder.path(), "address"),
            path_of(folder.path(), "witness"),
        )
        .expect("copied");
        assert!(matches!(
            open(folder.path(), Missing::Refuse, &random),
            Err(KeyError::Form {
                name: "witness",
                ..
            })
        ));
    }
}
