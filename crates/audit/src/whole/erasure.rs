//! Which entries are erased, and which of them a tombstone accounts for: one bit for each entry and question.

use crate::report::{Book, Check};

use super::tombstone::Tombstone;

/// Bits by index.
#[derive(Debug, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Sets a bit, and says whether it was clear.
    pub(crate) fn set(&mut self, index: u64) -> bool {
        let (word, bit) = Self::place(index);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let was = self.0[word] & bit;
        self.0[word] |= bit;
        was == 0
    }

    /// Whether a bit is set.
    pub(crate) fn has(&self, index: u64) -> bool {
        let (word, bit) = Self::place(index);
        self.0.get(word).is_some_and(|found| found & bit != 0)
    }

    fn place(index: u64) -> (usize, u64) {
        (
            usize::try_from(index / 64).unwrap_or(usize::MAX),
            1 << (index % 64),
        )
    }

    /// The indexes whose bits are set.
    pub(crate) fn all(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().zip(0u64..).flat_map(|(word, at)| {
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| at * 64 + bit)
        })
    }

    /// The indexes whose bits are set here and not there.
    pub(crate) fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u64> + 'a {
        self.0.iter().zip(0u64..).flat_map(move |(word, at)| {
            let rest = word & !other.0.get(at as usize).copied().unwrap_or(0);
            (0..64)
                .filter(move |bit| rest >> bit & 1 == 1)
                .map(move |bit| at * 64 + bit)
        })
    }
}

/// Erasures, as the log tells of them.
#[derive(Debug, Default)]
pub(crate) struct Erasures {
    pub(crate) erased: Bits,
    told: Bits,
}

impl Erasures {
    /// An erased entry.
    pub(crate) fn erased(&mut self, index: u64) {
        self.erased.set(index);
    }

    /// A tombstone at an index.
    pub(crate) fn told(&mut self, at: u64, tombstone: &Tombstone, book: &mut Book) {
        for index in &tombstone.entries {
            if *index >= at {
                let what = format!("the tombstone tells of entry {index}, which came after it");
                book.fault(Check::Erasure, Some(at), what);
            } else if !self.told.set(*index) {
                let what = format!(
                    "the tombstone tells of entry {index}, which another one told of before"
                );
                book.fault(Check::Erasure, Some(at), what);
            }
        }
    }

    /// That exactly what is told of is erased.
    pub(crate) fn finish(&self, book: &mut Book) {
        for index in self.erased.without(&self.told) {
            book.fault(
                Check::Erasure,
                Some(index),
                "it is erased, and no tombstone says why",
            );
        }
        for index in self.told.without(&self.erased) {
            book.fault(
                Check::Erasure,
                Some(index),
                "a tombstone says that it is erased, and it is not",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_set_once_and_differences_found() {
        let (mut one, mut other) = (Bits::default(), Bits::default());
        for index in [0, 1, 63, 64, 65, 1000] {
            assert!(!one.has(index) && one.set(index) && one.has(index) && !one.set(index));
        }
        for index in [1, 64, 2000] {
            other.set(index);
        }
        assert!(one.without(&other).eq([0, 63, 65, 1000]));
        assert!(other.without(&one).eq([2000]));
    }
}
