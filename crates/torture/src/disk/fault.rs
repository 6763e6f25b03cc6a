//! Failing at a chosen step: the k-th write, sync or change of a name, once or from then on.

use std::ffi::OsStr;
use std::fmt;

/// Why an operation failed, as the kernel numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// Input/output error.
    Io,
    /// No space left.
    NoSpace,
    /// No such file or folder.
    NoEntry,
    /// There already.
    Exists,
    /// A folder where a file was expected.
    IsFolder,
    /// A file where a folder was expected.
    NoFolder,
    /// The folder is not empty.
    NotEmpty,
}

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Writing, cutting off.
    Write,
    /// Syncing a file or a folder.
    Sync,
    /// Making, removing and renaming.
    Name,
}

/// Where a disk fails, and what has happened so far.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    count: u64,
    armed: Option<Armed>,
    failed: Option<Failed>,
}

#[derive(Clone, Copy, Debug)]
struct Armed {
    at: u64,
    errno: Errno,
    for_ever: bool,
}

/// What failed first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    operation: Operation,
    name: String,
}

impl Faults {
    /// Lets the `at`-th operation from now fail (the first is 1), alone or with all that follow.
    pub fn arm(&mut self, at: u64, errno: Errno, for_ever: bool) {
        *self = Self {
            count: 0,
            armed: Some(Armed {
                at,
                errno,
                for_ever,
            }),
            failed: None,
        };
    }

    /// Lets everything succeed from now on.
    pub fn disarm(&mut self) {
        self.armed = None;
    }

    /// What failed first since it was armed, if anything did.
    pub fn failed(&self) -> Option<&Failed> {
        self.failed.as_ref()
    }

    /// How many operations there were since it was armed.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Counts an operation, and fails it if it is its turn.
    pub fn pass(&mut self, operation: Operation, name: &OsStr) -> Result<(), Errno> {
        // What is shared between processes by mapping it: SQLite makes it anew, and the kernel writes it when it likes.
        if name.to_string_lossy().ends_with("-shm") {
            return Ok(());
        }
        self.count += 1;
        let Some(armed) = self.armed else {
            return Ok(());
        };
        let due = if armed.for_ever {
            self.count >= armed.at
        } else {
            self.count == armed.at
        };
        if !due {
            return Ok(());
        }
        self.failed.get_or_insert_with(|| Failed {
            operation,
            name: name.to_string_lossy().into_owned(),
        });
        Err(armed.errno)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.operation {
            Operation::Write => "writing",
            Operation::Sync => "syncing",
            Operation::Name => "naming",
        };
        let name = if self.name.is_empty() {
            "a folder"
        } else {
            &self.name
        };
        write!(f, "{verb} {name}")
    }
}
