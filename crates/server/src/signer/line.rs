//! One key after another of the same use, as lines of text.
//!
//! The first line is the key in use. After a rotation it is followed by the one before it, and by the public halves of
//! all earlier ones.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use sayso_core::digest::{decode_array, encode};
use zeroize::Zeroizing;

use crate::seed::Seed;

/// What a line with a secret begins with.
const SECRET: &str = "sayso-secret-key-1";
/// What a line with a public half begins with.
const PUBLIC: &str = "sayso-public-key-1";

/// One key after another of the same use, newest first; never empty.
#[derive(Clone)]
pub(super) struct Line(pub(super) Vec<Generation>);

/// One of them.
#[derive(Clone)]
pub(super) struct Generation {
    /// Its secret, unless it was wiped.
    pub(super) secret: Option<Seed>,
    /// Its public half.
    pub(super) public: [u8; 32],
    /// From when it signs, if not from the beginning.
    pub(super) from: Option<u64>,
    /// Until when it signed, if it does no more.
    pub(super) until: Option<u64>,
}

impl Generation {
    /// A key that signs from a moment on.
    pub(super) fn new(secret: Seed, from: Option<u64>) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(secret.as_slice()).ok()?;
        Some(Self {
            public: pair.public_key().as_ref().try_into().ok()?,
            secret: Some(secret),
            from,
            until: None,
        })
    }
}

impl Line {
    /// The line after a new key takes over. The key before it stays able to give its old answers again; the secrets of
    /// all earlier ones are forgotten.
    pub(super) fn succeeded_by(&self, secret: Seed, from: u64) -> Option<Self> {
        let mut generations = vec![Generation::new(secret, Some(from))?];
        generations.extend(self.0.iter().cloned());
        for (age, generation) in generations.iter_mut().enumerate().skip(1) {
            generation.until.get_or_insert(from);
            if age > 1 {
                generation.secret = None;
            }
        }
        Some(Self(generations))
    }
}

/// Reads the keys of a use.
pub(super) fn parse(text: &str, name: &str) -> Option<Line> {
    let generations: Vec<Generation> = text
        .lines()
        .map(|line| parse_line(line, name))
        .collect::<Option<_>>()?;
    let first = generations.first()?;
    (first.secret.is_some() && first.until.is_none()).then_some(Line(generations))
}

fn parse_line(line: &str, name: &str) -> Option<Generation> {
    let mut words = line.split_whitespace();
    let mark = words.next()?;
    if words.next()? != name {
        return None;
    }
    let key = words.next()?;
    let mut words = words.peekable();
    let mut time = |what: &str| -> Option<Option<u64>> {
        match words.next_if(|word| word.starts_with(what)) {
            Some(word) => word[what.len()..].parse().ok().map(Some),
            None => Some(None),
        }
    };
    let (from, until) = (time("from=")?, time("until=")?);
    if words.next().is_some() {
        return None;
    }
    let generation = match mark {
        SECRET => Generation::new(Seed::read(key)?, from)?,
        PUBLIC => Generation {
            secret: None,
            public: decode_array(key)?,
            from,
            until: None,
        },
        _ => return None,
    };
    Some(Generation {
        until,
        ..generation
    })
}

/// Writes them.
pub(super) fn text_of(line: &Line, name: &str) -> Zeroizing<String> {
    // Long enough from the start: a text that grows leaves copies behind that nobody wipes.
    let mut text = Zeroizing::new(String::with_capacity(160 * line.0.len()));
    for generation in &line.0 {
        match &generation.secret {
            Some(secret) => text.extend([SECRET, " ", name, " ", secret.text().as_str()]),
            None => text.extend([PUBLIC, " ", name, " ", &encode(&generation.public)]),
        }
        if let Some(from) = generation.from {
            text.push_str(&format!(" from={from}"));
        }
        if let Some(until) = generation.until {
            text.push_str(&format!(" until={until}"));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_out_of_shape_are_no_keys() {
        let key = encode(&[1; 32]);
        let cases = [
            String::new(),
            format!("{SECRET} log"),
            format!("{SECRET} log {key} more"),
            format!("{SECRET} log {key} until=5"),
            format!("{SECRET} log {key} from=x"),
            format!("{SECRET} log {}", &key[1..]),
            format!("{PUBLIC} log {key}"),
            format!("{SECRET} log {key}\nrubbish"),
            format!("another log {key}"),
        ];
        for case in cases {
            assert!(parse(&case, "log").is_none(), "{case}");
        }
    }
}
