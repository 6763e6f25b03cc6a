//! A folder: its names, which of them were synced, and the changes between.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its permissions.
    pub mode: u16,
    names: BTreeMap<OsString, u64>,
    synced: BTreeMap<OsString, u64>,
    changes: Vec<(OsString, Option<u64>)>,
}

impl Folder {
    /// An empty folder.
    pub fn new(mode: u16) -> Self {
        Self {
            mode,
            names: BTreeMap::new(),
            synced: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    /// What has this name.
    pub fn get(&self, name: &OsStr) -> Option<u64> {
        self.names.get(name).copied()
    }

    /// Whether it has no names.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Its names and what has them.
    pub fn entries(&self) -> impl Iterator<Item = (&OsStr, u64)> {
        self.names
            .iter()
            .map(|(name, number)| (name.as_os_str(), *number))
    }

    /// Gives a name to a node, or takes it away.
    pub fn set(&mut self, name: OsString, number: Option<u64>) {
        apply(&mut self.names, name.clone(), number);
        self.changes.push((name, number));
    }

    /// Makes its names safe.
    pub fn sync(&mut self) {
        for (name, number) in self.changes.drain(..) {
            apply(&mut self.synced, name, number);
        }
    }

    /// Leaves the names that were synced, and what else survives.
    pub fn cut(&mut self, survives: &mut impl FnMut() -> bool) {
        for (name, number) in self.changes.drain(..) {
            if survives() {
                apply(&mut self.synced, name, number);
            }
        }
        self.names = self.synced.clone();
    }
}

fn apply(names: &mut BTreeMap<OsString, u64>, name: OsString, number: Option<u64>) {
    match number {
        Some(number) => names.insert(name, number),
        None => names.remove(&name),
    };
}
