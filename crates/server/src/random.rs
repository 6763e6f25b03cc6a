//! The only source of random bytes: the operating system's.

use ring::rand::{SecureRandom, SystemRandom};
pub use sayso_ledger::random::{Random, array};

/// The operating system's randomness.
#[derive(Debug)]
pub struct OsRandom(SystemRandom);

impl Default for OsRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl OsRandom {
    /// Ready to fill.
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Random for OsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness no salt hides and no key is secret: better no answer than a predictable one.
        self.0
            .fill(buffer)
            .expect("the operating system gives random bytes");
    }
}
