//! The machine that tests and figures run on: what it is and how busy, which programs it has, and its Chromium.

pub mod chromium;

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// The machine that figures are of, and how busy it was.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    /// The load average of the minute before, and of the last minute.
    before: f64,
    after: Option<f64>,
}

impl Machine {
    /// Looks at this one.
    pub fn look() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let processors = read("/proc/cpuinfo");
        let processor = processors
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned());
        Self {
            processor: processor.unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            before: load(),
            after: None,
        }
    }

    /// The same machine at the end of the run.
    pub fn after(self) -> Self {
        Self {
            after: Some(load()),
            ..self
        }
    }
}

/// The load average of the last minute; 0 where the system does not tell.
pub fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split_whitespace().next();
    first.and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} × {}, Linux {}, load average {:.2} before",
            self.cores, self.processor, self.kernel, self.before
        )?;
        match self.after {
            Some(after) => write!(f, " and {after:.2} at the end"),
            None => Ok(()),
        }
    }
}

/// Where a program lies on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
