//! What a witness declares in a file of its own: its name, and the logs it follows.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::error::{ConfigError, Source};
use crate::log::note::{Algorithm, VerifierKey, is_name};

/// A witness's configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// The witness's name: part of its key and of every cosignature.
    pub name: String,
    /// The logs it follows.
    pub logs: Vec<FollowedLog>,
}

/// A log that a witness follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedLog {
    /// The first line of its checkpoints.
    pub origin: String,
    /// The key that signs them.
    pub key: VerifierKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    version: Spanned<u32>,
    name: Spanned<String>,
    #[serde(default)]
    logs: Vec<Log>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    key: Spanned<String>,
    origin: Option<Spanned<String>>,
}

impl Following {
    /// Reads the text of a witness's configuration. `file` is only for the errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<ConfigError>> {
        let source = Source { file, text };
        let raw: Root = toml::from_str(text).map_err(|error| vec![source.toml_fault(&error)])?;
        let mut check = Check {
            source,
            faults: Vec::new(),
        };
        let read = check.root(raw);
        if check.faults.is_empty() {
            Ok(read)
        } else {
            Err(check.faults)
        }
    }
}

struct Check<'a> {
    source: Source<'a>,
    faults: Vec<ConfigError>,
}

impl Check<'_> {
    fn fault(&mut self, span: Range<usize>, what: impl Into<String>, remedy: &str) {
        self.faults.push(self.source.fault(span, what, remedy));
    }

    fn root(&mut self, raw: Root) -> Following {
        if *raw.version.get_ref() != 1 {
            self.fault(
                raw.version.span(),
                "this version of the file is not known",
                "write version = 1",
            );
        }
        if !is_name(raw.name.get_ref()) {
            self.fault(
                raw.name.span(),
                format!("{:?} is not a witness's name", raw.name.get_ref()),
                "write it like witness.example: no scheme, no spaces, no '+'",
            );
        }
        if raw.logs.is_empty() {
            self.fault(
                0..0,
                "no log is followed",
                "add [[logs]] with key = \"…\", as the log's operator published it",
            );
        }
        let mut logs: Vec<FollowedLog> = Vec::new();
        for log in raw.logs {
            if let Some(log) = self.log(log, raw.name.get_ref(), &logs) {
                logs.push(log);
            }
        }
        Following {
            name: raw.name.into_inner(),
            logs,
        }
    }

    fn log(&mut self, raw: Log, name: &str, others: &[FollowedLog]) -> Option<FollowedLog> {
        let key = match VerifierKey::parse(raw.key.get_ref()) {
            Ok(key) if key.algorithm == Algorithm::Ed25519 => key,
            Ok(key) => {
                self.fault(
                    raw.key.span(),
                    format!("the key {} cosigns; a log's key signs notes", key.name),
                    "ask the log's operator for its verifier key (its base64 begins with \"A\")",
                );
                return None;
            }
            Err(error) => {
                self.fault(
                    raw.key.span(),
                    error.to_string(),
                    "paste the verifier key as the log's operator published it, like shop.example/sayso+0123abcd+AQ…",
                );
                return None;
            }
        };
        let (origin, span) = match raw.origin {
            Some(origin) => {
                let span = origin.span();
                (origin.into_inner(), span)
            }
            None => (key.name.clone(), raw.key.span()),
        };
        if !is_name(&origin) {
            self.fault(
                span.clone(),
                format!("{origin:?} is not a log's origin"),
                "write the first line of its checkpoints, like shop.example/sayso",
            );
        }
        if origin == name {
            self.fault(
                span.clone(),
                format!("{origin} would witness itself"),
                "give the witness a name of its own; a log is witnessed by others",
            );
        }
        if others.iter().any(|other| other.origin == origin) {
            self.fault(
                span,
                format!("the log {origin} is listed twice"),
                "list it once; a log with a new key is a new log with a new origin",
            );
        }
        Some(FollowedLog { origin, key })
    }
}
