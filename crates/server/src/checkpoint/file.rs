//! The newest published checkpoint as a plain file beside the database: what a restored backup is held against.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::PublishError;

/// Its name in the site's folder.
pub const FILE: &str = "checkpoint";

/// Writes it in one step: whoever reads it finds the old one or the new one, after a power cut, too.
pub(super) async fn write(folder: &Path, note: &str) -> Result<(), PublishError> {
    let (folder, note) = (folder.to_owned(), note.to_owned());
    let path = folder.join(FILE).display().to_string();
    // Waiting for the disk is nothing for the threads that answer.
    let written = tokio::task::spawn_blocking(move || replace(&folder, &note)).await;
    written
        .unwrap_or_else(|panic| Err(io::Error::other(panic)))
        .map_err(|source| PublishError::File { path, source })
}

fn replace(folder: &Path, note: &str) -> io::Result<()> {
    let draft: PathBuf = folder.join("checkpoint.draft");
    let mut file = fs::File::create(&draft)?;
    file.write_all(note.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(FILE))?;
    fs::File::open(folder)?.sync_all()
}

/// Reads it, if there is one.
pub(super) fn read(folder: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(folder.join(FILE)) {
        Ok(note) => Ok(Some(note)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
