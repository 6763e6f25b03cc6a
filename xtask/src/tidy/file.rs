//! The files that rules look at: everything of ours that is text.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Finding;

/// Folders that hold nothing written by hand.
const SKIPPED: [&str; 6] = [
    ".git",
    ".sayso",
    "dist",
    "node_modules",
    "target",
    "__pycache__",
];

/// Written by tools, in the tools' own style.
const GENERATED: [&str; 1] = ["Cargo.lock"];

/// A text file, read once.
#[derive(Debug)]
pub(super) struct File {
    /// Relative to the checkout.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl File {
    pub(super) fn extension(&self) -> &str {
        self.path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.path
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default()
    }

    /// Numbered lines.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .split('\n')
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    pub(super) fn finding(&self, line: usize, text: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            text: text.into(),
        }
    }

    #[cfg(test)]
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.into(),
            text: text.to_owned(),
        }
    }
}

/// Every text file of the checkout, sorted by path.
pub(super) fn all(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    walk(root, root, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("listing {}", folder.display()))?;
        let path = entry.path();
        let name = entry.file_name();
        let is_folder = entry
            .file_type()
            .with_context(|| format!("asking after {}", path.display()))?
            .is_dir();
        if is_folder && !SKIPPED.iter().any(|s| name == *s) {
            walk(root, &path, files)?;
        }
        if is_folder || GENERATED.iter().any(|g| name == *g) {
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        // Pictures and other binary files have no lines.
        if let Ok(text) = String::from_utf8(bytes) {
            let path = path.strip_prefix(root).unwrap_or(&path).to_owned();
            files.push(File { path, text });
        }
    }
    Ok(())
}
