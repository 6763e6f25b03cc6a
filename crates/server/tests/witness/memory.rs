//! What a witness remembers through restarts, failed writes and damage, and that it never says two things.

use std::fs;
use std::path::{Path, PathBuf};

use sayso_server::witness::{Refused, Witness, WitnessError};

use super::support::{self, Log, ORIGIN};

fn open(name: &str, folder: &Path, log: &Log) -> Result<Witness, WitnessError> {
    support::open(name, folder, std::slice::from_ref(&log.key))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("logs")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_restart_keeps_key_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(ORIGIN, 9);
    let first = open("witness.example", folder.path(), &log).unwrap();
    let key = first.verifier_key().clone();
    first.add_checkpoint(log.request(0, 6).as_bytes()).unwrap();
    let standings = first.standings();
    drop(first);

    let again = open("witness.example", folder.path(), &log).unwrap();
    assert_eq!(again.verifier_key(), &key);
    assert_eq!(again.standings(), standings);
    for old in [0, 5] {
        assert_eq!(
            again.add_checkpoint(log.request(old, 9).as_bytes()),
            Err(Refused::Conflict { last: 6 })
        );
    }
    let fork = Log::new(ORIGIN, 10).without(0);
    assert_eq!(
        again.add_checkpoint(fork.request(6, 9).as_bytes()),
        Err(Refused::Proof { last: 6, size: 9 })
    );
    again.add_checkpoint(log.request(6, 9).as_bytes()).unwrap();
}

#[test]
fn what_cannot_be_stored_is_not_cosigned() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(ORIGIN, 9);
    let witness = open("witness.example", folder.path(), &log).unwrap();
    witness
        .add_checkpoint(log.request(0, 3).as_bytes())
        .unwrap();
    let (logs, away) = (folder.path().join("logs"), folder.path().join("away"));
    fs::rename(&logs, &away).unwrap();
    assert_eq!(
        witness.add_checkpoint(log.request(3, 9).as_bytes()),
        Err(Refused::Storage)
    );
    // It still stands where it stood, and goes on from there once it can write.
    assert_eq!(
        witness.add_checkpoint(log.request(9, 9).as_bytes()),
        Err(Refused::Conflict { last: 3 })
    );
    fs::rename(&away, &logs).unwrap();
    witness
        .add_checkpoint(log.request(3, 9).as_bytes())
        .unwrap();
}

#[test]
fn a_kill_between_any_two_steps_of_storing_leaves_the_old_or_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(ORIGIN, 9);
    let witness = open("witness.example", folder.path(), &log).unwrap();
    witness
        .add_checkpoint(log.request(0, 3).as_bytes())
        .unwrap();
    drop(witness);
    let [path] = files(folder.path()).try_into().unwrap();
    let stored = fs::read_to_string(&path).unwrap();
    // Killed while the new file was being written beside: empty, half, whole, and not yet renamed.
    for part in [0, stored.len() / 2, stored.len()] {
        fs::write(path.with_extension("part"), &stored[..part]).unwrap();
        let again = open("witness.example", folder.path(), &log).unwrap();
        let last = again.standings().remove(0).last.unwrap();
        assert_eq!(
            (last.checkpoint.size, last.note.as_str()),
            (3, stored.as_str())
        );
        assert_eq!(
            again.add_checkpoint(log.request(0, 2).as_bytes()),
            Err(Refused::Conflict { last: 3 })
        );
    }
    let again = open("witness.example", folder.path(), &log).unwrap();
    again.add_checkpoint(log.request(3, 9).as_bytes()).unwrap();
}

#[test]
fn a_memory_that_does_not_read_back_is_never_taken_for_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(ORIGIN, 9);
    let witness = open("witness.example", folder.path(), &log).unwrap();
    witness
        .add_checkpoint(log.request(0, 6).as_bytes())
        .unwrap();
    drop(witness);
    let [path] = files(folder.path()).try_into().unwrap();
    let stored = fs::read_to_string(&path).unwrap();
    let other = Log::new("other.example/sayso", 6);
    let forged = Log::new("stranger.example/log", 6).sign(&log.text(3));
    let damages = [
        String::new(),
        stored[..stored.len() / 2].to_owned(),
        stored.replace("\n6\n", "\n3\n"),
        other.checkpoint(6),
        forged,
    ];
    for damage in damages {
        fs::write(&path, &damage).unwrap();
        let opened = open("witness.example", folder.path(), &log);
        assert!(
            matches!(opened, Err(WitnessError::Damaged { .. })),
            "{damage:?}: {opened:?}"
        );
    }
    fs::write(&path, &stored).unwrap();
    assert!(open("witness.example", folder.path(), &log).is_ok());
}

#[test]
fn a_key_without_its_memory_refuses_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(ORIGIN, 9);
    drop(open("witness.example", folder.path(), &log).unwrap());
    fs::remove_dir_all(folder.path().join("logs")).unwrap();
    let opened = open("witness.example", folder.path(), &log);
    assert!(
        matches!(opened, Err(WitnessError::Forgotten { .. })),
        "{opened:?}"
    );
}

#[test]
fn one_folder_one_process_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(ORIGIN, 9);
    let witness = open("witness.example", folder.path(), &log).unwrap();
    let second = open("witness.example", folder.path(), &log);
    assert!(
        matches!(second, Err(WitnessError::InUse { .. })),
        "{second:?}"
    );
    drop(witness);
    let renamed = open("renamed.example", folder.path(), &log);
    assert!(
        matches!(renamed, Err(WitnessError::KeyName { .. })),
        "{renamed:?}"
    );
}

#[cfg(unix)]
#[test]
fn the_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new(ORIGIN, 9);
    let witness = open("witness.example", folder.path(), &log).unwrap();
    let path = folder.path().join("witness.key");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let secret = fs::read_to_string(&path).unwrap();
    let secret = secret.split_whitespace().last().unwrap();
    assert!(
        !format!("{witness:?}").contains(secret),
        "never in a log line"
    );
    drop(witness);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let opened = open("witness.example", folder.path(), &log);
    assert!(
        matches!(opened, Err(WitnessError::KeyOpen { .. })),
        "{opened:?}"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&path, "sayso-witness-key-1 witness.example short\n").unwrap();
    let opened = open("witness.example", folder.path(), &log);
    assert!(
        matches!(opened, Err(WitnessError::KeyForm { .. })),
        "{opened:?}"
    );
}
