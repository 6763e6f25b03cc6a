//! Skipping work whose inputs have not changed: one small file per step with the digest of what went in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::repo::Repo;

/// The digest of one step's inputs, this tool itself included.
pub(crate) struct Stamp {
    file: PathBuf,
    digest: String,
}

impl Stamp {
    /// Digests the inputs of the step `name`.
    pub(crate) fn of<'a>(
        repo: &Repo,
        name: &str,
        inputs: impl IntoIterator<Item = &'a [u8]>,
    ) -> Self {
        let digest = format!("{} {}", tool(), digest(inputs));
        let file = repo.target.join("web-stamps").join(name);
        Self { file, digest }
    }

    /// Whether the step was done with the same inputs and its outputs are still there.
    pub(crate) fn is_fresh<'a>(&self, outputs: impl IntoIterator<Item = &'a Path>) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|known| known == self.digest)
            && outputs.into_iter().all(Path::exists)
    }

    /// Notes that the step is done.
    pub(crate) fn keep(&self) -> Result<()> {
        write(&self.file, self.digest.as_bytes())
    }
}

/// SHA-256 of the inputs and their lengths, in hexadecimal digits.
pub(crate) fn digest<'a>(inputs: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for input in inputs {
        hasher.update((input.len() as u64).to_le_bytes());
        hasher.update(input);
    }
    hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// Writes a file and the folders above it, unless it has these bytes already.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

/// Reads a file, naming it when that fails.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

/// Reads a text file, naming it when that fails.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// What tells one build of this tool from another: a changed step must not be skipped.
fn tool() -> String {
    let built = std::env::current_exe()
        .and_then(fs::metadata)
        .and_then(|m| Ok((m.len(), m.modified()?)));
    match built {
        Ok((length, time)) => format!("{length} {time:?}"),
        Err(_) => String::new(),
    }
}
