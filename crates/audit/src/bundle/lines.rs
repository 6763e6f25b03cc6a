//! The lines of a bundle, read in bounded memory and hashed as they go by.

use std::io::BufRead;

use sha2::{Digest as _, Sha256};

use super::MAX_LINE;
use super::error::BundleError;

/// Lines checked as one piece of work.
const LINES: usize = 64;

/// The lines of the input, hashed as they go by.
#[derive(Default)]
pub(super) struct Lines {
    number: u64,
    pub(super) hash: Sha256,
}

/// A line's number and its bytes without the newline.
pub(super) type Line = (u64, Vec<u8>);

impl Lines {
    /// The next line without its newline. The last line has one as well: a file cut within it is noticed.
    pub(super) fn next(
        &mut self,
        input: &mut impl BufRead,
    ) -> Result<Option<Vec<u8>>, BundleError> {
        match self.raw(input)? {
            None => Ok(None),
            Some(line) => {
                self.take(&line);
                Ok(Some(line))
            }
        }
    }

    fn raw(&mut self, input: &mut impl BufRead) -> Result<Option<Vec<u8>>, BundleError> {
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut *input, MAX_LINE as u64 + 1);
        limited
            .read_until(b'\n', &mut line)
            .map_err(|e| BundleError::Io(e.to_string()))?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        if line.pop() == Some(b'\n') {
            Ok(Some(line))
        } else if line.len() >= MAX_LINE {
            Err(BundleError::Form {
                line: self.number,
                what: format!("it is longer than {MAX_LINE} bytes"),
            })
        } else {
            Err(BundleError::Cut)
        }
    }

    fn take(&mut self, line: &[u8]) {
        self.hash.update(line);
        self.hash.update(b"\n");
    }

    /// Some lines, and the last one of the bundle if it has come; that one is not hashed.
    pub(super) fn batch(
        &mut self,
        input: &mut impl BufRead,
    ) -> Result<(Vec<Line>, Option<Line>), BundleError> {
        let mut batch = Vec::with_capacity(LINES);
        while batch.len() < LINES {
            let Some(line) = self.raw(input)? else {
                return Err(BundleError::Cut);
            };
            if line.starts_with(br#"{"end":"#) {
                return Ok((batch, Some((self.number, line))));
            }
            self.take(&line);
            batch.push((self.number, line));
        }
        Ok((batch, None))
    }
}
