//! The site's log as this browser has seen it: the newest checkpoint, and every one that did not extend it.
//!
//! A log that is only ever added to can prove that each of its checkpoints extends the one before. A site that takes
//! something out, or shows different visitors different logs, cannot; whoever comes back with an older checkpoint
//! notices. Whether the log's key signed a checkpoint is for `sayso verify`, which has the site's published keys.

use sayso_core::digest::Digest;
use sayso_core::log::tree;

use crate::json::{self, Object, Stored, Value};

/// Most breaches kept; the first ones stay.
pub const MAX_BREACHES: usize = 4;
/// Longest checkpoint kept, in bytes: three lines and some forty witnesses.
pub const MAX_NOTE: usize = 8 * 1024;

/// What this browser knows of the site's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The newest checkpoint seen, a signed note; empty before the first.
    pub seen: String,
    /// Checkpoints that did not extend the one seen before, oldest first.
    pub breaches: Vec<Breach>,
}

/// Two checkpoints of which neither extends the other: evidence for whoever has the log's public key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breach {
    /// When it was noticed, milliseconds since 1970, by the visitor's clock.
    pub time: u64,
    /// The checkpoint seen before.
    pub seen: String,
    /// The one that does not extend it.
    pub shown: String,
}

/// A tree head, as a checkpoint's first three lines say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// The log's name.
    pub origin: &'a str,
    /// How many leaves.
    pub size: u64,
    /// The root, in base64.
    pub root: &'a str,
}

/// What a checkpoint is beside the one seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The same, or none that can be read.
    Known,
    /// The first one.
    First,
    /// Larger or smaller: the site has to prove that the one extends the other.
    Prove {
        /// The smaller size.
        from: u64,
        /// The larger size.
        to: u64,
    },
    /// The same size with another root, or another log.
    Breach,
}

/// The checkpoint in a countersigned receipt's proof, or in a proof by itself.
pub fn checkpoint(proof: &str) -> Option<&str> {
    let mut at = 0;
    proof.split('\n').find_map(|line| {
        at += line.len() + 1;
        line.is_empty().then(|| proof.get(at..)).flatten()
    })
}

/// Reads a checkpoint's first three lines.
pub fn head(note: &str) -> Option<Head<'_>> {
    let mut lines = note.split('\n');
    let head = Head {
        origin: lines.next()?,
        size: lines.next()?.parse().ok()?,
        root: lines.next()?,
    };
    (!head.origin.is_empty() && note.len() <= MAX_NOTE).then_some(head)
}

impl Head<'_> {
    /// The root's bytes.
    pub fn digest(&self) -> Option<Digest> {
        let letter = |c| match c {
            '+' => '-',
            '/' => '_',
            c => c,
        };
        let text: String = self
            .root
            .trim_end_matches('=')
            .chars()
            .map(letter)
            .collect();
        Digest::parse(&text)
    }
}

impl Log {
    /// What a checkpoint is beside the one seen before.
    pub fn step(&self, note: &str) -> Step {
        let Some(new) = head(note) else {
            return Step::Known;
        };
        match head(&self.seen) {
            None => Step::First,
            Some(seen) if seen.origin != new.origin => Step::Breach,
            Some(seen) if seen.size != new.size => Step::Prove {
                from: seen.size.min(new.size),
                to: seen.size.max(new.size),
            },
            Some(seen) if seen.root != new.root => Step::Breach,
            Some(_) => Step::Known,
        }
    }

    /// Whether the server's answer (`{v, from, to, hashes}`) proves that of this checkpoint and the one seen before, the
    /// larger extends the smaller.
    pub fn proves(&self, note: &str, answer: &Value) -> bool {
        let digests = |values: &[Value]| -> Option<Vec<Digest>> {
            values.iter().map(|v| Digest::parse(v.as_text()?)).collect()
        };
        let proved = || {
            let (seen, new) = (head(&self.seen)?, head(note)?);
            let (old, new) = if seen.size < new.size {
                (seen, new)
            } else {
                (new, seen)
            };
            let hashes = digests(answer.get("hashes").items())?;
            Some(tree::verify_consistency(
                old.size,
                new.size,
                &old.digest()?,
                &new.digest()?,
                &hashes,
            ))
        };
        proved().unwrap_or(false)
    }

    /// Takes a checkpoint in, once it is known whether it belongs to the one seen before. One that does not is kept
    /// beside it as a breach and followed from here on, so that each breach is told of once.
    pub fn take(&mut self, note: &str, sound: bool, now: u64) {
        if !sound && self.breaches.len() < MAX_BREACHES {
            self.breaches.push(Breach {
                time: now,
                seen: self.seen.clone(),
                shown: note.to_owned(),
            });
        }
        let size = |note| head(note).map_or(0, |head| head.size);
        if !sound || size(&self.seen) < size(note) {
            self.seen = note.to_owned();
        }
    }
}

impl Stored for Log {
    fn read(value: &Value) -> Self {
        Self {
            seen: value.text("seen").to_owned(),
            breaches: value
                .get("breaches")
                .items()
                .iter()
                .map(Breach::read)
                .collect(),
        }
    }

    fn write(&self) -> String {
        let mut object = Object::new();
        object.text("seen", &self.seen);
        if !self.breaches.is_empty() {
            object.raw("breaches", &json::list(&self.breaches, Breach::write));
        }
        object.end()
    }
}

impl Breach {
    fn read(value: &Value) -> Self {
        Self {
            time: value.number("time"),
            seen: value.text("seen").to_owned(),
            shown: value.text("shown").to_owned(),
        }
    }

    /// Writes it as JSON.
    pub fn write(&self) -> String {
        Object::new()
            .number("time", self.time)
            .text("seen", &self.seen)
            .text("shown", &self.shown)
            .end()
    }
}
