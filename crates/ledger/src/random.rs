//! Where random bytes come from: an argument, so that tests can repeat them.

/// A source of random bytes. The operating system's in production, a seeded one in tests.
pub trait Random: Send + Sync {
    /// Fills the buffer. Implementations that can fail must panic rather than return predictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// An array of random bytes.
pub fn array<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}
