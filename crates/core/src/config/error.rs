//! Faults in a configuration: where, what, and how to mend it.

use std::fmt;
use std::ops::Range;

/// A fault in a `sayso.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The field, such as `purposes.services.id`.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// How to mend it; empty where `what` says it already.
    pub remedy: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}: {}",
            self.file, self.line, self.field, self.what
        )?;
        if self.remedy.is_empty() {
            Ok(())
        } else {
            write!(f, "\n    to mend it: {}", self.remedy)
        }
    }
}

impl std::error::Error for ConfigError {}

/// A configuration's text with its name.
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// A fault at a place in the text.
    pub(super) fn fault(
        &self,
        span: Range<usize>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> ConfigError {
        let line = self.line(span.start);
        ConfigError {
            file: self.file.to_owned(),
            line,
            field: self.field(line),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// A fault found while reading the text into shapes.
    pub(super) fn toml_fault(&self, error: &toml::de::Error) -> ConfigError {
        let what = error.message().trim().replace('\n', " ");
        let remedy = if what.starts_with("unknown field") {
            "correct the name or take the line out"
        } else if what.starts_with("missing field") {
            "add the field to this table"
        } else if what.starts_with("unknown variant") {
            "use one of the values named"
        } else if what.starts_with("duplicate") {
            "write it once"
        } else {
            "correct the value; texts stand in quotes, tables by language look like { en = \"…\", de = \"…\" }"
        };
        self.fault(error.span().unwrap_or(0..0), what, remedy)
    }

    fn line(&self, offset: usize) -> usize {
        self.text
            .as_bytes()
            .iter()
            .take(offset)
            .filter(|b| **b == b'\n')
            .count()
            + 1
    }

    /// The dotted name of what stands on a line: the nearest table header above, and the key before the `=`.
    fn field(&self, line: usize) -> String {
        let lines: Vec<&str> = self.text.lines().take(line).collect();
        let header = lines
            .iter()
            .rev()
            .find_map(|l| l.trim().strip_prefix('['))
            .map(|l| {
                l.trim_start_matches('[')
                    .split(']')
                    .next()
                    .unwrap_or_default()
                    .trim()
            });
        let last = lines.last().map_or("", |l| l.trim());
        // One table of several in a list that goes over lines: the list's own key says where it is.
        let last = if last.starts_with('{') {
            let opens = |l: &&&str| l.trim_end().ends_with('[') && l.contains('=');
            lines.iter().rev().find(opens).map_or(last, |l| l.trim())
        } else {
            last
        };
        let key = last
            .split_once('=')
            .map(|(key, _)| key.trim())
            .filter(|_| !last.starts_with('['));
        match (header, key) {
            (Some(header), Some(key)) => format!("{header}.{key}"),
            (Some(only), None) | (None, Some(only)) => only.to_owned(),
            (None, None) => "the file".to_owned(),
        }
    }
}
