//! A program that we started and that never outlives us.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process::shown;

/// How long a program may take to stop in good order.
const GRACE: Duration = Duration::from_secs(10);

/// Stopped when dropped.
pub(super) struct Child {
    name: &'static str,
    process: std::process::Child,
}

impl Child {
    pub(super) fn start(name: &'static str, mut command: Command) -> Result<Self> {
        let process = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {name}: {}", shown(&command)))?;
        Ok(Self { name, process })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.process
            .try_wait()
            .with_context(|| format!("asking after {}", self.name))
    }

    /// Asks it to stop, and ends it if it does not.
    pub(super) fn stop(&mut self) {
        if matches!(self.process.try_wait(), Ok(Some(_))) {
            return;
        }
        self.ask();
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "the standard library cannot wait for a child with a deadline"
            )]
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("{} does not stop, so it is killed", self.name);
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    #[cfg(unix)]
    fn ask(&mut self) {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;

        // It has not been waited for, so the number is still its own.
        if let Ok(id) = i32::try_from(self.process.id()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGTERM);
        }
    }

    #[cfg(not(unix))]
    fn ask(&mut self) {
        let _ = self.process.kill();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn it_stops_when_asked_and_when_dropped() {
        let mut sleep = Command::new("sleep");
        sleep.arg("600");
        let mut child = Child::start("sleep", sleep).expect("starts");
        assert!(child.ended().expect("answers").is_none());
        child.stop();
        assert!(child.ended().expect("answers").is_some());
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Child::start("nothing", Command::new("/no/such/program")).err();
        assert!(error.is_some_and(|e| e.to_string().contains("nothing")));
    }
}
