//! The disk as a filesystem of this machine (FUSE), for the server that is to be tortured.
//!
//! Only other processes may map its files into memory, as SQLite does with its `-shm` file: a fault on such a page holds
//! this process's memory still until this process has answered it. Whoever wants to read a database here takes a copy.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno as Kernel, FileAttr, FileHandle, FileType,
    Filesystem, FopenFlags, Generation, INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags,
    ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use super::fault::Errno;
use super::file::File;
use super::folder::Folder;
use super::{Cut, Disk, Node};

/// Nothing is cached: the next power cut changes everything.
const TTL: Duration = Duration::ZERO;

/// A disk that other processes can use until it is dropped.
#[derive(Debug)]
pub struct Mounted {
    disk: Arc<Mutex<Disk>>,
    session: Option<BackgroundSession>,
    path: PathBuf,
}

impl Mounted {
    /// Mounts an empty disk at a folder.
    pub fn new(path: &Path) -> Result<Self> {
        let mut mounted = Self {
            disk: Arc::default(),
            session: None,
            path: path.to_owned(),
        };
        mounted.mount()?;
        Ok(mounted)
    }

    fn mount(&mut self) -> Result<()> {
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::FSName("sayso-torture".to_owned()),
            MountOption::NoAtime,
            MountOption::NoDev,
            MountOption::NoSuid,
        ];
        let files = Files(Arc::clone(&self.disk));
        let session = fuser::spawn_mount(files, &self.path, &config)
            .with_context(|| format!("mounting a filesystem at {}", self.path.display()))?;
        self.session = Some(session);
        Ok(())
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The disk behind it.
    pub fn disk(&self) -> MutexGuard<'_, Disk> {
        lock(&self.disk)
    }

    /// Takes the power away and gives it back. Whoever used the disk must be gone.
    pub fn cut(&mut self, cut: Cut) -> Result<()> {
        self.unmount()?;
        self.disk().cut(cut);
        self.mount()
    }

    /// Puts another disk in its place.
    pub fn replace(&mut self, change: impl FnOnce(Disk) -> Disk) -> Result<()> {
        self.unmount()?;
        let disk = std::mem::take(&mut *self.disk());
        *self.disk() = change(disk);
        self.mount()
    }

    fn unmount(&mut self) -> Result<()> {
        let Some(session) = self.session.take() else {
            return Ok(());
        };
        match session.umount_and_join() {
            // What the kernel may tell a filesystem that is unmounted while it waits for the next request.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => Ok(()),
            done => done.with_context(|| format!("unmounting {}", self.path.display())),
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Err(error) = self.unmount() {
            eprintln!("{error:#}");
        }
    }
}

/// Why nothing can be mounted here, if that is so.
pub fn obstacle() -> Option<String> {
    let folder = tempfile::tempdir().ok()?;
    match Mounted::new(folder.path()) {
        Ok(_) => None,
        Err(error) => Some(format!(
            "no FUSE filesystem can be mounted here: {error:#}; it needs /dev/fuse, and either root or \
             fusermount3 (on Debian: apt-get install fuse3)"
        )),
    }
}

fn lock(disk: &Mutex<Disk>) -> MutexGuard<'_, Disk> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Files(Arc<Mutex<Disk>>);

impl From<Errno> for Kernel {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::Io => Self::EIO,
            Errno::NoSpace => Self::ENOSPC,
            Errno::NoEntry => Self::ENOENT,
            Errno::Exists => Self::EEXIST,
            Errno::IsFolder => Self::EISDIR,
            Errno::NoFolder => Self::ENOTDIR,
            Errno::NotEmpty => Self::ENOTEMPTY,
        }
    }
}

fn attributes(number: u64, node: &Node) -> FileAttr {
    let (kind, size, mode, nlink) = match node {
        Node::File(file) => (
            FileType::RegularFile,
            file.data().len() as u64,
            file.mode,
            1,
        ),
        Node::Folder(folder) => (FileType::Directory, 0, folder.mode, 2),
    };
    FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm: mode,
        nlink,
        uid: nix::unistd::geteuid().as_raw(),
        gid: nix::unistd::getegid().as_raw(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

fn permissions(mode: u32) -> u16 {
    u16::try_from(mode & 0o777).unwrap_or(0o600)
}

impl Files {
    /// A name of a file, for the log of what failed. Files here have one.
    fn name(&self, number: INodeNo) -> OsString {
        lock(&self.0).name_of(number.0)
    }

    fn entry(&self, number: Result<u64, Errno>, reply: ReplyEntry) {
        let disk = lock(&self.0);
        match number.and_then(|number| Ok(attributes(number, disk.node(number)?))) {
            Ok(found) => reply.entry(&TTL, &found, Generation(0)),
            Err(error) => reply.error(error.into()),
        }
    }
}

fn done(outcome: Result<(), Errno>, reply: ReplyEmpty) {
    match outcome {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error.into()),
    }
}

impl Filesystem for Files {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let number = lock(&self.0).look_up(parent.0, name);
        self.entry(number, reply);
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match lock(&self.0).node(number.0) {
            Ok(node) => reply.attr(&TTL, &attributes(number.0, node)),
            Err(error) => reply.error(error.into()),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        number: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<std::time::SystemTime>,
        _: Option<FileHandle>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<std::time::SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let name = self.name(number);
        let mut disk = lock(&self.0);
        let mut change = || -> Result<FileAttr, Errno> {
            if let Some(mode) = mode {
                disk.set_mode(number.0, permissions(mode));
            }
            if let Some(size) = size {
                disk.resize(number.0, &name, size)?;
            }
            Ok(attributes(number.0, disk.node(number.0)?))
        };
        match change() {
            Ok(found) => reply.attr(&TTL, &found),
            Err(error) => reply.error(error.into()),
        }
    }

    fn mkdir(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        let folder = Node::Folder(Folder::new(permissions(mode & !umask)));
        let number = lock(&self.0).make(parent.0, name, folder);
        self.entry(number, reply);
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        done(lock(&self.0).remove(parent.0, name), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        done(lock(&self.0).remove(parent.0, name), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let outcome = lock(&self.0).rename((parent.0, name), (new_parent.0, new_name));
        done(outcome, reply);
    }

    fn open(&self, _: &Request, number: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), handling(&self.name(number)));
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        let file = Node::File(File::new(permissions(mode & !umask)));
        let mut disk = lock(&self.0);
        let made = disk.make(parent.0, name, file);
        match made.and_then(|number| Ok(attributes(number, disk.node(number)?))) {
            Ok(found) => {
                reply.created(&TTL, &found, Generation(0), FileHandle(0), handling(name));
            }
            Err(error) => reply.error(error.into()),
        }
    }

    fn read(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match lock(&self.0).file(number.0) {
            Ok(file) => {
                let data = file.data();
                let start = usize::try_from(offset).map_or(data.len(), |at| at.min(data.len()));
                let end = data.len().min(start.saturating_add(size as usize));
                reply.data(&data[start..end]);
            }
            Err(error) => reply.error(error.into()),
        }
    }

    fn write(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let name = self.name(number);
        match lock(&self.0).write(number.0, &name, offset, bytes) {
            Ok(()) => reply.written(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
            Err(error) => reply.error(error.into()),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let name = self.name(number);
        done(lock(&self.0).sync(number.0, &name), reply);
    }

    fn fsyncdir(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        done(lock(&self.0).sync_folder(number.0), reply);
    }

    fn readdir(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let mut disk = lock(&self.0);
        let names = match disk.list(number.0) {
            Ok(names) => names,
            Err(error) => return reply.error(error.into()),
        };
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        for (at, (name, number)) in names.iter().enumerate().skip(skip) {
            let kind = match disk.node(*number) {
                Ok(Node::Folder(_)) => FileType::Directory,
                _ => FileType::RegularFile,
            };
            if reply.add(INodeNo(*number), at as u64 + 1, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        // Room for whoever looks before writing; what fails, fails by its turn.
        reply.statfs(1 << 20, 1 << 19, 1 << 19, 1 << 20, 1 << 19, 4096, 255, 4096);
    }
}

/// Files are written through at once; only what SQLite maps into memory needs the kernel's pages.
fn handling(name: &OsStr) -> FopenFlags {
    if name.to_string_lossy().ends_with("-shm") {
        FopenFlags::empty()
    } else {
        FopenFlags::FOPEN_DIRECT_IO
    }
}
