//! Child processes that do not outlive their test.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Result;

/// A running child with its output in a file; killed when dropped.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program`, with standard output and error appended to `log`.
    pub(crate) fn start<A: AsRef<OsStr>>(program: &Path, args: &[A], log: &Path) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(args);
        Self::spawn(command, log)
    }

    /// Likewise, for a command that needs more than arguments.
    pub(crate) fn spawn(mut command: Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let output = File::options().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|error| format!("{name} does not start: {error}"))?;
        Ok(Self {
            name,
            child,
            log: log.to_owned(),
        })
    }

    /// Everything written so far.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// An error with the output if the child has ended although nobody asked it to.
    pub(crate) fn check(&mut self) -> Result {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                Err(format!("{} ended with {status}:\n{}", self.name, self.output()).into())
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
