//! The machine that the figures are of, and how busy it was.

use std::fmt;

use serde::Serialize;

/// A machine.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    /// The load average of the minute before, and of the last minute.
    before: f64,
    after: Option<f64>,
}

impl Machine {
    /// Looks at this one.
    pub(crate) fn look() -> Self {
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
    pub(crate) fn after(self) -> Self {
        Self {
            after: Some(load()),
            ..self
        }
    }
}

fn load() -> f64 {
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
