//! Key files: one [`Line`] of keys each, readable by their owner alone, replaced in one step or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::line::{Generation, Line, parse, text_of};
use super::{KeyError, Missing};
use crate::random::Random;
use crate::seed::Seed;

/// The files, by what they are for. The last may be made later than the others, see [`super::Secrets`].
pub(super) const NAMES: [&str; 4] = ["countersignature", "witness", "address", "log"];

fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.key"))
}

/// Where a key waits until the log has told of it.
fn next_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.key.next"))
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.display().to_string();
    move |source| KeyError::Io { path, source }
}

/// How many of the key files there are.
pub(super) fn count(folder: &Path) -> usize {
    let there = |name: &&&str| path_of(folder, name).exists();
    NAMES.iter().filter(there).count()
}

/// Makes all keys of a site, all or none: in a folder beside it, which then takes its place.
pub(super) fn create_all(folder: &Path, random: &dyn Random) -> Result<(), KeyError> {
    for name in NAMES {
        must_not_exist(&path_of(folder, name))?;
    }
    let draft = folder.with_extension("draft");
    // What a crash left half made was never relied upon.
    absent(fs::remove_dir_all(&draft)).map_err(io_error(&draft))?;
    fs::create_dir_all(&draft).map_err(io_error(&draft))?;
    restrict(&draft, 0o700)?;
    for name in NAMES {
        create(&draft, name, random)?;
    }
    fs::rename(&draft, folder).map_err(io_error(folder))?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// Makes one key.
pub(super) fn create(folder: &Path, name: &str, random: &dyn Random) -> Result<Seed, KeyError> {
    let seed = Seed::random(random);
    let path = path_of(folder, name);
    must_not_exist(&path)?;
    let key = Generation::new(seed.clone(), None).ok_or_else(|| KeyError::Unusable {
        path: path.display().to_string(),
    })?;
    write(folder, name, &Line(vec![key]), &path)?;
    Ok(seed)
}

fn must_not_exist(path: &Path) -> Result<(), KeyError> {
    if path.exists() {
        return Err(KeyError::Exists {
            path: path.display().to_string(),
        });
    }
    Ok(())
}

/// Reads a key that never changes.
pub(super) fn read_one(folder: &Path, name: &'static str) -> Result<Seed, KeyError> {
    let line = read(folder, name)?;
    match <[Generation; 1]>::try_from(line.0) {
        Ok(
            [
                Generation {
                    secret: Some(seed),
                    from: None,
                    ..
                },
            ],
        ) => Ok(seed),
        _ => Err(form(&path_of(folder, name), name)),
    }
}

/// Reads a key with those before it.
pub(super) fn read(folder: &Path, name: &'static str) -> Result<Line, KeyError> {
    read_path(&path_of(folder, name), name)?.ok_or_else(|| KeyError::Missing {
        path: path_of(folder, name).display().to_string(),
    })
}

/// Reads the key that waits to take over, if there is one.
pub(super) fn read_next(folder: &Path, name: &'static str) -> Result<Option<Line>, KeyError> {
    read_path(&next_of(folder, name), name)
}

fn read_path(path: &Path, name: &'static str) -> Result<Option<Line>, KeyError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(io_error(path)(source)),
    };
    if open_to_others(path)? {
        return Err(KeyError::Open {
            path: path.display().to_string(),
        });
    }
    parse(&text, name).map(Some).ok_or_else(|| form(path, name))
}

fn form(path: &Path, name: &'static str) -> KeyError {
    KeyError::Form {
        path: path.display().to_string(),
        name,
    }
}

/// Lays a key down to wait, in the place of one that already waits.
pub(super) fn write_next(folder: &Path, name: &'static str, line: &Line) -> Result<(), KeyError> {
    write(folder, name, line, &next_of(folder, name))
}

/// Writes a key whole and on stable storage, or not at all.
fn write(folder: &Path, name: &str, line: &Line, path: &Path) -> Result<(), KeyError> {
    let draft = folder.join(format!("{name}.key.draft"));
    // What a crash left half written was never relied upon.
    absent(fs::remove_file(&draft)).map_err(io_error(&draft))?;
    new_file(&draft)
        .and_then(|mut file| {
            file.write_all(text_of(line, name).as_bytes())?;
            file.sync_all()
        })
        .map_err(io_error(&draft))?;
    fs::rename(&draft, path).map_err(io_error(path))?;
    sync_folder(folder)
}

/// That something is not there is what removing it is for.
fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Puts the waiting key in the place of the one in use: the one moment at which a rotation happens.
pub(super) fn take_over(folder: &Path, name: &'static str) -> Result<(), KeyError> {
    let path = path_of(folder, name);
    fs::rename(next_of(folder, name), &path).map_err(io_error(&path))?;
    sync_folder(folder)
}

fn new_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The folder's own entries, so that a key is there after a power cut as surely as what it signs.
fn sync_folder(folder: &Path) -> Result<(), KeyError> {
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error(folder))
}

/// Whether the keys may be made, by what is there.
pub(super) fn prepare(
    folder: &Path,
    missing: Missing,
    random: &dyn Random,
) -> Result<(), KeyError> {
    if count(folder) == 0 && missing == Missing::Create {
        create_all(folder, random)?;
    }
    Ok(())
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

    fn made() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path(), Missing::Create, &OsRandom::new()).expect("made");
        folder
    }

    #[test]
    fn made_once_and_read_the_same_ever_after() {
        let folder = made();
        let first = read_one(folder.path(), "address").expect("read");
        prepare(folder.path(), Missing::Create, &OsRandom::new()).expect("left alone");
        assert_eq!(first, read_one(folder.path(), "address").expect("read"));
        assert_ne!(first, read_one(folder.path(), "log").expect("read"));
        assert!(matches!(
            create(folder.path(), "log", &OsRandom::new()),
            Err(KeyError::Exists { .. })
        ));
    }

    #[test]
    fn keys_half_made_are_made_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = folder.path().join("keys");
        let draft = keys.with_extension("draft");
        fs::create_dir(&draft).expect("made");
        create(&draft, "witness", &OsRandom::new()).expect("made");
        fs::write(draft.join("log.key.draft"), "sayso-secr").expect("written");
        prepare(&keys, Missing::Create, &OsRandom::new()).expect("made");
        assert_eq!(count(&keys), NAMES.len());
        assert!(!draft.exists());
        assert!(matches!(
            create_all(&keys, &OsRandom::new()),
            Err(KeyError::Exists { .. })
        ));
    }

    #[test]
    fn a_missing_key_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        prepare(folder.path(), Missing::Refuse, &OsRandom::new()).expect("nothing to do");
        assert!(matches!(
            read(folder.path(), "witness"),
            Err(KeyError::Missing { .. })
        ));
        let folder = made();
        fs::remove_file(path_of(folder.path(), "witness")).expect("removed");
        prepare(folder.path(), Missing::Create, &OsRandom::new()).expect("nothing to do");
        assert!(matches!(
            read(folder.path(), "witness"),
            Err(KeyError::Missing { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = made();
        restrict(&path_of(folder.path(), "address"), 0o644).expect("opened up");
        assert!(matches!(
            read_one(folder.path(), "address"),
            Err(KeyError::Open { .. })
        ));
    }

    #[test]
    fn a_key_of_another_use_is_refused() {
        let folder = made();
        let (from, to) = ("address", "witness");
        fs::copy(path_of(folder.path(), from), path_of(folder.path(), to)).expect("copied");
        assert!(matches!(
            read(folder.path(), to),
            Err(KeyError::Form {
                name: "witness",
                ..
            })
        ));
    }

    #[test]
    fn a_key_takes_over_in_one_step_and_the_one_before_the_last_is_forgotten() {
        let folder = made();
        let first = read(folder.path(), "witness").expect("read");
        let second = first
            .succeeded_by(Seed::random(&OsRandom::new()), 1_000)
            .expect("a key");
        write_next(folder.path(), "witness", &second).expect("written");
        let unchanged = read(folder.path(), "witness").expect("read");
        assert_eq!(unchanged.0.len(), 1, "it waits");
        take_over(folder.path(), "witness").expect("taken over");
        assert!(read_next(folder.path(), "witness").expect("read").is_none());
        let third = read(folder.path(), "witness")
            .expect("read")
            .succeeded_by(Seed::random(&OsRandom::new()), 2_000)
            .expect("a key");
        write_next(folder.path(), "witness", &third).expect("written");
        write_next(folder.path(), "witness", &third).expect("written again");
        take_over(folder.path(), "witness").expect("taken over");
        let line = read(folder.path(), "witness").expect("read").0;
        let shape: Vec<_> = line
            .iter()
            .map(|g| (g.secret.is_some(), g.from, g.until))
            .collect();
        assert_eq!(
            shape,
            [
                (true, Some(2_000), None),
                (true, Some(1_000), Some(2_000)),
                (false, None, Some(1_000)),
            ]
        );
        assert_eq!(line[2].public, first.0[0].public);
    }
}
