//! Folders as bytes: copies as a power cut leaves them, and whether something stands in any file.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

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
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), std::fs::read(path).expect("a file")))
        .collect()
}

/// The files in which some bytes stand.
pub(crate) fn found(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    search(folder, &[(String::new(), needle.to_vec())])
        .into_iter()
        .map(|(path, _)| path)
        .collect()
}

/// Which of the needles stand in which files of a folder. Each file is gone through once.
pub(crate) fn search(folder: &Path, needles: &[(String, Vec<u8>)]) -> Vec<(PathBuf, String)> {
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
pub(crate) fn spellings(name: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
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
