//! Thirty-two secret bytes that lie in one place in memory, and are wiped there when they are let go.

use std::ops::Deref;

use sayso_core::digest::{decode, encode};
use zeroize::Zeroizing;

use crate::random::Random;

/// A secret. It is boxed and filled where it lies: a value that is moved leaves its bytes behind, and nobody wipes those.
#[cfg_attr(test, derive(Debug))]
#[derive(PartialEq, Eq)]
pub(crate) struct Seed(Box<Zeroizing<[u8; 32]>>);

impl Seed {
    fn filled(fill: impl FnOnce(&mut [u8; 32])) -> Self {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        fill(&mut bytes);
        Self(bytes)
    }

    /// A new one.
    pub(crate) fn random(random: &dyn Random) -> Self {
        Self::filled(|bytes| random.fill(bytes))
    }

    /// Reads 43 characters of base64url.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // As long as it will be from the start: a vector that grows leaves what it held before.
        let read = Zeroizing::new(decode(text)?);
        (read.len() == 32).then(|| Self::filled(|bytes| bytes.copy_from_slice(&read)))
    }

    /// Those 43 characters.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(encode(&self[..]))
    }
}

impl Clone for Seed {
    fn clone(&self) -> Self {
        Self::filled(|bytes| bytes.copy_from_slice(&self[..]))
    }
}

impl Deref for Seed {
    type Target = [u8; 32];

    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The parts as one text. Its length is known beforehand, as that of `format!` is not, so it lies in one place alone.
pub(crate) fn join(parts: &[&str]) -> Zeroizing<String> {
    Zeroizing::new(parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let seed = Seed::filled(|bytes| bytes.fill(7));
        assert_eq!(Seed::read(&seed.text()), Some(seed.clone()));
        assert_eq!(*seed, [7; 32]);
        for wrong in [
            "",
            &seed.text()[1..],
            &encode(&[7; 33]),
            &seed.text().replace('B', "*"),
        ] {
            assert_eq!(Seed::read(wrong), None, "{wrong}");
        }
    }
}
