//! A disk that keeps apart what was written from what was synced, and can fail at any step.
//!
//! [`Disk`] is the model, in memory and without a kernel: files with what they hold, what of it a power cut would leave,
//! and what lies between; folders likewise, since a name is as lost as a byte until its folder was synced. [`mount`]
//! shows it to other processes.

pub mod fault;
pub mod file;
pub mod folder;
#[cfg(target_os = "linux")]
pub mod mount;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fault::{Errno, Faults, Operation};
use file::File;
use folder::Folder;

use crate::dice::Dice;

/// The number of the root folder.
pub const ROOT: u64 = 1;

/// Something with a number.
#[derive(Clone, Debug)]
pub enum Node {
    /// A file.
    File(File),
    /// A folder.
    Folder(Folder),
}

/// What survives of what was not synced when the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Nothing.
    Nothing,
    /// Any part of it, in any order, the sectors of one write apart: chosen by this seed.
    Torn(u64),
}

/// The disk.
#[derive(Clone, Debug)]
pub struct Disk {
    nodes: BTreeMap<u64, Node>,
    next: u64,
    /// Where it fails.
    pub faults: Faults,
}

type Answer<T> = Result<T, Errno>;

impl Default for Disk {
    fn default() -> Self {
        Self {
            nodes: BTreeMap::from([(ROOT, Node::Folder(Folder::new(0o755)))]),
            next: ROOT + 1,
            faults: Faults::default(),
        }
    }
}

impl Disk {
    /// What has this number.
    pub fn node(&self, number: u64) -> Answer<&Node> {
        self.nodes.get(&number).ok_or(Errno::NoEntry)
    }

    /// The file of this number.
    pub fn file(&mut self, number: u64) -> Answer<&mut File> {
        match self.nodes.get_mut(&number) {
            Some(Node::File(file)) => Ok(file),
            Some(Node::Folder(_)) => Err(Errno::IsFolder),
            None => Err(Errno::NoEntry),
        }
    }

    /// The folder of this number.
    pub fn folder(&mut self, number: u64) -> Answer<&mut Folder> {
        match self.nodes.get_mut(&number) {
            Some(Node::Folder(folder)) => Ok(folder),
            Some(Node::File(_)) => Err(Errno::NoFolder),
            None => Err(Errno::NoEntry),
        }
    }

    /// The number behind a name.
    pub fn look_up(&mut self, parent: u64, name: &OsStr) -> Answer<u64> {
        self.folder(parent)?.get(name).ok_or(Errno::NoEntry)
    }

    /// Makes a file or a folder.
    pub fn make(&mut self, parent: u64, name: &OsStr, node: Node) -> Answer<u64> {
        self.faults.pass(Operation::Name, name)?;
        if self.folder(parent)?.get(name).is_some() {
            return Err(Errno::Exists);
        }
        let number = self.next;
        self.next += 1;
        self.nodes.insert(number, node);
        self.folder(parent)?.set(name.to_owned(), Some(number));
        Ok(number)
    }

    /// Takes a name away. The node stays: somebody may have it open, and the name is on the disk until it is synced.
    pub fn remove(&mut self, parent: u64, name: &OsStr) -> Answer<()> {
        self.faults.pass(Operation::Name, name)?;
        let number = self.look_up(parent, name)?;
        if let Node::Folder(folder) = self.node(number)?
            && !folder.is_empty()
        {
            return Err(Errno::NotEmpty);
        }
        self.folder(parent)?.set(name.to_owned(), None);
        Ok(())
    }

    /// Gives a node another name, in one step.
    pub fn rename(&mut self, from: (u64, &OsStr), to: (u64, &OsStr)) -> Answer<()> {
        self.faults.pass(Operation::Name, to.1)?;
        let number = self.look_up(from.0, from.1)?;
        self.folder(to.0)?.set(to.1.to_owned(), Some(number));
        self.folder(from.0)?.set(from.1.to_owned(), None);
        Ok(())
    }

    /// Writes into a file.
    pub fn write(&mut self, number: u64, name: &OsStr, offset: u64, bytes: &[u8]) -> Answer<()> {
        self.faults.pass(Operation::Write, name)?;
        self.file(number)?.write(offset, bytes);
        Ok(())
    }

    /// Cuts a file off, or makes it longer.
    pub fn resize(&mut self, number: u64, name: &OsStr, length: u64) -> Answer<()> {
        self.faults.pass(Operation::Write, name)?;
        self.file(number)?.resize(length);
        Ok(())
    }

    /// Syncs a file. One that fails has lost what it should have synced, though it still reads back: so Linux does it.
    pub fn sync(&mut self, number: u64, name: &OsStr) -> Answer<()> {
        let passed = self.faults.pass(Operation::Sync, name);
        let file = self.file(number)?;
        match passed {
            Ok(()) => file.sync(),
            Err(_) => file.forget_to_sync(),
        }
        passed
    }

    /// Syncs the names in a folder.
    pub fn sync_folder(&mut self, number: u64) -> Answer<()> {
        self.faults.pass(Operation::Sync, OsStr::new(""))?;
        self.folder(number)?.sync();
        Ok(())
    }

    /// Takes the power away and gives it back: what was synced is there, and of the rest what the cut says.
    pub fn cut(&mut self, cut: Cut) {
        let mut dice = match cut {
            Cut::Nothing => None,
            Cut::Torn(seed) => Some(Dice::new(seed)),
        };
        // One chance for the whole cut, so that cuts after which almost everything, or almost nothing, is left occur too.
        let chance = dice.as_mut().map_or(0, |dice| dice.below(101));
        for node in self.nodes.values_mut() {
            let mut survives = || dice.as_mut().is_some_and(|dice| dice.below(100) < chance);
            match node {
                Node::File(file) => file.cut(&mut survives),
                Node::Folder(folder) => folder.cut(&mut survives),
            }
        }
        let reachable = self.reachable(ROOT);
        self.nodes.retain(|number, _| reachable.contains(number));
        self.faults = Faults::default();
    }

    fn reachable(&self, from: u64) -> Vec<u64> {
        let mut found = vec![from];
        let mut at = 0;
        while let Some(number) = found.get(at) {
            if let Some(Node::Folder(folder)) = self.nodes.get(number) {
                found.extend(folder.entries().map(|(_, number)| number));
            }
            at += 1;
        }
        found
    }

    /// Writes everything as it reads now into a real folder, for whoever must not use the mounted one.
    pub fn copy(&self, to: &Path) -> std::io::Result<()> {
        self.copy_folder(ROOT, to)
    }

    fn copy_folder(&self, number: u64, to: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(to)?;
        let Some(Node::Folder(folder)) = self.nodes.get(&number) else {
            return Ok(());
        };
        for (name, number) in folder.entries() {
            let path = to.join(name);
            let mode = match self.nodes.get(&number) {
                Some(Node::File(file)) => {
                    std::fs::write(&path, file.data())?;
                    file.mode
                }
                Some(Node::Folder(folder)) => {
                    self.copy_folder(number, &path)?;
                    folder.mode
                }
                None => continue,
            };
            std::fs::set_permissions(&path, Permissions::from_mode(mode.into()))?;
        }
        Ok(())
    }

    /// Changes permissions, where there is something to change them of.
    pub fn set_mode(&mut self, number: u64, mode: u16) {
        match self.nodes.get_mut(&number) {
            Some(Node::File(file)) => file.mode = mode,
            Some(Node::Folder(folder)) => folder.mode = mode,
            None => {}
        }
    }

    /// A name that a node has, or nothing.
    pub fn name_of(&self, number: u64) -> OsString {
        let folders = self.nodes.values().filter_map(|node| match node {
            Node::Folder(folder) => Some(folder),
            Node::File(_) => None,
        });
        let mut names = folders.flat_map(Folder::entries);
        names
            .find(|(_, own)| *own == number)
            .map_or_else(OsString::new, |(name, _)| name.to_owned())
    }

    /// The names in a folder with their numbers.
    pub fn list(&mut self, number: u64) -> Answer<Vec<(OsString, u64)>> {
        let folder = self.folder(number)?;
        Ok(folder
            .entries()
            .map(|(name, number)| (name.to_owned(), number))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_file(disk: &mut Disk, name: &str) -> u64 {
        disk.make(ROOT, OsStr::new(name), Node::File(File::new(0o600)))
            .expect("made")
    }

    #[test]
    fn only_what_was_synced_survives() {
        let mut disk = Disk::default();
        let (kept, lost) = (new_file(&mut disk, "kept"), new_file(&mut disk, "lost"));
        let name = OsStr::new("kept");
        disk.write(kept, name, 0, b"first").expect("written");
        disk.sync(kept, name).expect("synced");
        disk.sync_folder(ROOT).expect("synced");
        disk.write(kept, name, 5, b" second").expect("written");
        disk.write(lost, OsStr::new("lost"), 0, b"nothing")
            .expect("written");
        let later = new_file(&mut disk, "later");
        disk.sync(later, OsStr::new("later")).expect("synced");
        disk.cut(Cut::Nothing);
        assert_eq!(disk.file(kept).expect("kept").data(), b"first");
        assert_eq!(disk.file(lost).expect("its name was synced").data(), b"");
        assert!(
            disk.look_up(ROOT, OsStr::new("later")).is_err(),
            "its name was not"
        );
    }

    #[test]
    fn a_failed_sync_has_lost_what_still_reads_back() {
        let mut disk = Disk::default();
        let file = new_file(&mut disk, "file");
        disk.sync_folder(ROOT).expect("synced");
        disk.write(file, OsStr::new("file"), 0, b"bytes")
            .expect("written");
        disk.faults.arm(1, Errno::Io, false);
        assert_eq!(disk.sync(file, OsStr::new("file")), Err(Errno::Io));
        assert_eq!(disk.file(file).expect("there").data(), b"bytes");
        assert_eq!(disk.sync(file, OsStr::new("file")), Ok(()));
        disk.cut(Cut::Nothing);
        assert_eq!(disk.file(file).expect("there").data(), b"");
    }

    #[test]
    fn a_torn_write_leaves_whole_sectors_of_either_kind() {
        let mut torn = 0;
        for seed in 0..50 {
            let mut disk = Disk::default();
            let file = new_file(&mut disk, "file");
            disk.sync_folder(ROOT).expect("synced");
            let name = OsStr::new("file");
            disk.write(file, name, 0, &[1; 4096]).expect("written");
            disk.sync(file, name).expect("synced");
            disk.write(file, name, 0, &[2; 4096]).expect("written");
            disk.cut(Cut::Torn(seed));
            let data = disk.file(file).expect("there").data();
            assert_eq!(data.len(), 4096);
            let sectors: Vec<u8> = data.chunks(512).map(|sector| sector[0]).collect();
            assert!(
                data.chunks(512)
                    .all(|sector| sector.iter().all(|b| *b == sector[0]))
            );
            torn += usize::from(sectors.contains(&1) && sectors.contains(&2));
        }
        assert!(torn > 5, "only {torn} of 50 cuts tore the write");
    }

    #[test]
    fn a_renamed_file_is_under_one_of_its_names() {
        let mut disk = Disk::default();
        let file = new_file(&mut disk, "old");
        disk.sync_folder(ROOT).expect("synced");
        disk.rename((ROOT, OsStr::new("old")), (ROOT, OsStr::new("new")))
            .expect("renamed");
        disk.cut(Cut::Nothing);
        assert_eq!(disk.look_up(ROOT, OsStr::new("old")), Ok(file));
        assert!(disk.look_up(ROOT, OsStr::new("new")).is_err());
    }
}
