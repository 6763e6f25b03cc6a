//! Keys that lie outside the database: sealing what could name a person, and keyed hashes to find things by.

use std::fmt;
use std::sync::Arc;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use sayso_core::digest::{Digest, sha256};
use sayso_core::id;

use crate::error::LedgerError;
use crate::random::{self, Random};

/// What something in the log is found by: 16 bytes that tell nothing without the key.
pub(crate) type LookUp = [u8; 16];

/// Seals and opens personal data at rest, and hashes what it is found by.
///
/// Without the key the database gives neither what is sealed nor a way to test guesses. What is sealed for an address
/// needs that address's salt as well, so that forgetting the salt forgets it in every old copy of the database.
pub struct Vault {
    seal: hmac::Key,
    address: hmac::Key,
    log: hmac::Key,
    random: Arc<dyn Random>,
}

impl Vault {
    /// A vault under this key.
    pub fn new(key: &[u8; 32], random: Arc<dyn Random>) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, key);
        let derive = |label: &str| {
            hmac::Key::new(
                hmac::HMAC_SHA256,
                hmac::sign(&root, label.as_bytes()).as_ref(),
            )
        };
        Self {
            seal: derive("sayso/address/seal/1"),
            address: derive("sayso/address/look-up/1"),
            log: derive("sayso/log/look-up/1"),
            random,
        }
    }

    /// 32 random bytes.
    pub(crate) fn salt(&self) -> [u8; 32] {
        random::array(self.random.as_ref())
    }

    /// The keyed hash under which a normalised address is found.
    pub fn look_up(&self, address: &str) -> [u8; 32] {
        hmac::sign(&self.address, address.as_bytes())
            .as_ref()
            .try_into()
            .expect("an HMAC-SHA-256 tag is 32 bytes")
    }

    /// What a receipt is found by, by the hash of what was signed.
    pub(crate) fn hash(&self, hash: &Digest) -> LookUp {
        self.log_look_up("hash", &hash.0)
    }

    /// What a receipt is found by, by its id.
    pub(crate) fn id(&self, id: &str) -> LookUp {
        self.in_time(id, self.log_look_up("id", id.as_bytes()))
    }

    /// What receipts are found by, by their decision's id.
    pub(crate) fn decision(&self, decision: &str) -> LookUp {
        self.in_time(decision, self.log_look_up("decision", decision.as_bytes()))
    }

    /// What receipts are found by, by their subject.
    pub(crate) fn subject(&self, subject: &str) -> LookUp {
        self.log_look_up("subject", subject.as_bytes())
    }

    /// What was decided, short: tells whether two receipts of one decision say the same.
    pub(crate) fn content(&self, content: &Digest) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.log_look_up("content", &content.0);
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    fn log_look_up(&self, kind: &str, value: &[u8]) -> LookUp {
        let mut context = hmac::Context::with_key(&self.log);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(value);
        let tag = context.sign();
        let mut key = LookUp::default();
        key.copy_from_slice(&tag.as_ref()[..16]);
        with_check(key)
    }

    /// Puts the minute inside a UUIDv7 before its keyed hash: ids of the same time lie side by side, so that writing one
    /// more touches a page that is in memory, however many there are. The log's order tells as much.
    fn in_time(&self, id: &str, mut key: LookUp) -> LookUp {
        let minute = id::time_of(id).unwrap_or_default() >> 16;
        key[..4].copy_from_slice(&(minute as u32).to_be_bytes());
        with_check(key)
    }

    /// Seals a text under an address's salt. `place` says where it will lie (table and row), so that a sealed value moved
    /// elsewhere does not open.
    pub(crate) fn seal(&self, salt: &[u8; 32], place: &[&[u8]], plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random::array(self.random.as_ref());
        let mut sealed = plain.to_vec();
        self.key(salt)
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

    /// Opens what [`Vault::seal`] sealed under the same salt at the same place.
    pub(crate) fn open(
        &self,
        salt: &[u8; 32],
        place: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, LedgerError> {
        let damaged = || {
            LedgerError::Damaged(
                "a sealed value does not open; is this the right address key?".to_owned(),
            )
        };
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut body = body.to_vec();
        let plain = self
            .key(salt)
            .open_in_place(nonce, Aad::from(join(place)), &mut body)
            .map_err(|_| damaged())?;
        Ok(plain.to_vec())
    }

    fn key(&self, salt: &[u8; 32]) -> LessSafeKey {
        let key = hmac::sign(&self.seal, salt);
        let key = UnboundKey::new(&AES_256_GCM, key.as_ref())
            .expect("an HMAC-SHA-256 tag is an AES-256 key long");
        LessSafeKey::new(key)
    }
}

/// Bytes at the end of a look-up that check the others: what a receipt is found by outlives it, and a bit that turned over
/// there could not be told by anything else.
const CHECK: usize = 3;

fn with_check(mut key: LookUp) -> LookUp {
    let (value, check) = key.split_at_mut(16 - CHECK);
    check.copy_from_slice(&sha256(value).0[..CHECK]);
    key
}

/// Whether a look-up is as it was made.
pub(crate) fn is_whole(key: &LookUp) -> bool {
    with_check(*key) == *key
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

    const SALT: [u8; 32] = [3; 32];

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
        let sealed = vault.seal(&SALT, &[b"address", b"row 1"], b"ada@example.org");
        assert!(!sealed.windows(3).any(|w| w == b"ada"));
        assert_eq!(
            vault
                .open(&SALT, &[b"address", b"row 1"], &sealed)
                .as_deref(),
            Ok(b"ada@example.org".as_slice())
        );
        for place in [
            &[b"address".as_slice(), b"row 2"][..],
            &[b"addressrow 1"],
            &[b"address", b"", b"row 1"],
        ] {
            assert!(matches!(
                vault.open(&SALT, place, &sealed),
                Err(LedgerError::Damaged(_))
            ));
        }
        assert!(
            vault
                .open(&[4; 32], &[b"address", b"row 1"], &sealed)
                .is_err(),
            "another address's salt"
        );
    }

    #[test]
    fn another_key_or_a_changed_byte_does_not_open() {
        let sealed = vault(1).seal(&SALT, &[b"x"], b"secret");
        assert!(vault(2).open(&SALT, &[b"x"], &sealed).is_err());
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert!(vault(1).open(&SALT, &[b"x"], &bent).is_err(), "byte {at}");
        }
        assert!(vault(1).open(&SALT, &[b"x"], b"short").is_err());
    }

    #[test]
    fn equal_texts_seal_differently_and_look_up_alike() {
        let vault = vault(1);
        assert_ne!(
            vault.seal(&SALT, &[], b"same"),
            vault.seal(&SALT, &[], b"same")
        );
        assert_eq!(vault.look_up("a@b.example"), vault.look_up("a@b.example"));
        assert_ne!(
            vault.look_up("a@b.example"),
            self::vault(2).look_up("a@b.example")
        );
    }

    #[test]
    fn ids_of_one_minute_lie_together_and_nothing_else_does() {
        let vault = vault(1);
        let of = |millis| vault.id(&id::uuid_v7(millis, [7; 10]));
        assert_eq!(of(1 << 30)[..4], of((1 << 30) + 65_000)[..4]);
        assert_ne!(of(1 << 30)[4..], of((1 << 30) + 65_000)[4..]);
        assert!(of(1 << 30) < of(1 << 31), "in the order of time");
        let uuid = id::uuid_v7(5, [7; 10]);
        assert_ne!(vault.id(&uuid), vault.decision(&uuid));
        assert_ne!(vault.id(&uuid), self::vault(2).id(&uuid));
    }
}
