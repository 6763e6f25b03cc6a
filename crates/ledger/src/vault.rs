//! Sealing what could name a person: AES-256-GCM under a key that lies outside the database, and a keyed hash for look-up.

use std::fmt;
use std::sync::Arc;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use crate::error::LedgerError;
use crate::random::{self, Random};

/// Seals and opens personal data at rest.
///
/// Two keys are derived from the one given: one seals, one hashes addresses for look-up. Without the key the database
/// gives neither the addresses nor a way to test guesses at them.
pub struct Vault {
    seal: LessSafeKey,
    look_up: hmac::Key,
    random: Arc<dyn Random>,
}

impl Vault {
    /// A vault under this key.
    pub fn new(key: &[u8; 32], random: Arc<dyn Random>) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, key);
        let seal = hmac::sign(&root, b"sayso/address/seal/1");
        let look_up = hmac::sign(&root, b"sayso/address/look-up/1");
        let seal = UnboundKey::new(&AES_256_GCM, seal.as_ref())
            .expect("an HMAC-SHA-256 tag is an AES-256 key long");
        Self {
            seal: LessSafeKey::new(seal),
            look_up: hmac::Key::new(hmac::HMAC_SHA256, look_up.as_ref()),
            random,
        }
    }

    /// The keyed hash under which a normalised address is found.
    pub fn look_up(&self, address: &str) -> [u8; 32] {
        hmac::sign(&self.look_up, address.as_bytes())
            .as_ref()
            .try_into()
            .expect("an HMAC-SHA-256 tag is 32 bytes")
    }

    /// Seals a text. `place` says where it will lie (table and row), so that a sealed value moved elsewhere does not open.
    pub fn seal(&self, place: &[&[u8]], plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random::array(self.random.as_ref());
        let mut sealed = plain.to_vec();
        self.seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(join(place)),
                &mut sealed,
            )
            .expect("a row is far shorter than AES-GCM's limit");
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        out
    }

    /// Opens what [`Vault::seal`] sealed at the same place.
    pub fn open(&self, place: &[&[u8]], sealed: &[u8]) -> Result<Vec<u8>, LedgerError> {
        let damaged = || {
            LedgerError::Damaged(
                "a sealed value does not open; is this the right address key?".to_owned(),
            )
        };
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut body = body.to_vec();
        let plain = self
            .seal
            .open_in_place(nonce, Aad::from(join(place)), &mut body)
            .map_err(|_| damaged())?;
        Ok(plain.to_vec())
    }
}

/// Length-prefixed, so that different lists never give the same bytes.
fn join(place: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in place {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    fn vault(key: u8) -> Vault {
        Vault::new(&[key; 32], Arc::new(Counting(AtomicU8::new(0))))
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_and_nowhere_else() {
        let vault = vault(1);
        let sealed = vault.seal(&[b"address", b"row 1"], b"ada@example.org");
        assert!(!sealed.windows(3).any(|w| w == b"ada"));
        assert_eq!(
            vault.open(&[b"address", b"row 1"], &sealed).as_deref(),
            Ok(b"ada@example.org".as_slice())
        );
        for place in [
            &[b"address".as_slice(), b"row 2"][..],
            &[b"addressrow 1"],
            &[b"address", b"", b"row 1"],
        ] {
            assert!(matches!(
                vault.open(place, &sealed),
                Err(LedgerError::Damaged(_))
            ));
        }
    }

    #[test]
    fn another_key_or_a_changed_byte_does_not_open() {
        let sealed = vault(1).seal(&[b"x"], b"secret");
        assert!(vault(2).open(&[b"x"], &sealed).is_err());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(vault(1).open(&[b"x"], &bent).is_err(), "byte {at}");
        }
        assert!(vault(1).open(&[b"x"], b"short").is_err());
    }

    #[test]
    fn equal_texts_seal_differently_and_look_up_alike() {
        let vault = vault(1);
        assert_ne!(vault.seal(&[], b"same"), vault.seal(&[], b"same"));
        assert_eq!(vault.look_up("a@b.example"), vault.look_up("a@b.example"));
        assert_ne!(
            vault.look_up("a@b.example"),
            self::vault(2).look_up("a@b.example")
        );
    }
}
