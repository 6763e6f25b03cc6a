//! Writing a bundle, line by line.

use std::io::{self, Write};

use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_core::verify::Countersigned;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Header, Opaque, Shown, Trailer};

/// A bundle being written.
pub struct Writer<W> {
    out: W,
    hash: Sha256,
    receipts: u64,
    documents: u64,
}

/// What the last line says beside what the writer counts itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries of the log that were looked through.
    pub entries: u64,
    /// How many of them are erased.
    pub erased: u64,
    /// Receipts that the filter left out.
    pub left_out: u64,
    /// Receipts that no key may countersign any more.
    pub unsigned: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a bundle.
    pub fn new(out: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self {
            out,
            hash: Sha256::new(),
            receipts: 0,
            documents: 0,
        };
        writer.line(header)?;
        Ok(writer)
    }

    /// Adds a receipt, the file that a visitor would keep, in one line.
    pub fn receipt(&mut self, file: &Countersigned) -> io::Result<()> {
        self.receipts += 1;
        self.line(file)
    }

    /// Adds a receipt as the bytes of its file.
    pub(crate) fn receipt_line(&mut self, file: &[u8]) -> io::Result<()> {
        self.receipts += 1;
        self.bytes(file.to_vec())
    }

    /// Adds a line that is no receipt and no document.
    pub(crate) fn other(&mut self, line: &[u8]) -> io::Result<()> {
        self.bytes(line.to_vec())
    }

    /// Adds an entry that cannot be shown.
    pub fn opaque(&mut self, index: u64, entry: Entry) -> io::Result<()> {
        self.line(&Opaque::new(index, entry))
    }

    /// Adds a text that was shown.
    pub fn shown(&mut self, shown: &Shown) -> io::Result<()> {
        self.documents += 1;
        self.line(shown)
    }

    /// Ends it, and gives back where it was written to.
    pub fn end(mut self, counts: Counts) -> io::Result<W> {
        let mut trailer = Trailer {
            end: self.receipts,
            entries: counts.entries,
            erased: counts.erased,
            left_out: counts.left_out,
            unsigned: counts.unsigned,
            documents: self.documents,
            digest: Digest([0; 32]),
        };
        let line = serde_json::to_vec(&trailer)?;
        self.hash.update(Trailer::covered(&line));
        trailer.digest = Digest(self.hash.clone().finalize().into());
        self.line(&trailer)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.bytes(serde_json::to_vec(value)?)
    }

    fn bytes(&mut self, mut line: Vec<u8>) -> io::Result<()> {
        line.push(b'\n');
        self.hash.update(&line);
        self.out.write_all(&line)
    }
}
