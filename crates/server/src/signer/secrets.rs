//! The secrets of a site as they lie in their files, before its log is open; and keys made ahead of a first start.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use sayso_core::crypto::Jwks;
use sayso_ledger::vault::Vault;

use super::head::LogKey;
use super::key::Keys;
use super::line::Line;
use super::{KeyError, Signer, file};
use crate::random::Random;
use crate::seed::Seed;

/// Whether missing keys may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A new site: make them.
    Create,
    /// There are receipts already: making new keys would orphan them.
    Refuse,
}

/// A site's secrets as they lie in their files, before its log is open.
pub struct Secrets {
    folder: PathBuf,
    countersignature: Line,
    witness: Line,
    address: Seed,
    log: Option<Seed>,
}

impl Secrets {
    /// Reads the keys in a folder, making them if there are none and that is allowed.
    pub fn open(folder: &Path, missing: Missing, random: &dyn Random) -> Result<Self, KeyError> {
        file::prepare(folder, missing, random)?;
        let log = match file::read_one(folder, "log") {
            Ok(seed) => Some(seed),
            // Whether that is an error, the log's size tells.
            Err(KeyError::Missing { .. }) => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            folder: folder.to_owned(),
            countersignature: file::read(folder, "countersignature")?,
            witness: file::read(folder, "witness")?,
            address: file::read_one(folder, "address")?,
            log,
        })
    }

    /// The key that addresses are sealed under.
    pub(crate) fn address_key(&self) -> &[u8; 32] {
        &self.address
    }

    /// The vault of the site's ledger.
    pub fn vault(&self, random: Arc<dyn Random>) -> Vault {
        Vault::new(self.address_key(), random)
    }

    /// The signer for a log of this origin and size. A log without entries that has no key gets one.
    pub fn into_signer(
        self,
        origin: &str,
        entries: u64,
        random: &dyn Random,
    ) -> Result<Signer, KeyError> {
        let path = |name: &str| self.folder.join(name).display().to_string();
        let seed = match self.log {
            Some(seed) => seed,
            None if entries == 0 => file::create(&self.folder, "log", random)?,
            None => {
                let path = path("log.key");
                return Err(KeyError::LogKey { path, entries });
            }
        };
        let log = LogKey::new(&seed, origin).ok_or_else(|| KeyError::Origin {
            origin: origin.to_owned(),
        })?;
        let keys = Keys::new(self.countersignature, self.witness, &log.key.public)
            .ok_or_else(|| KeyError::Unusable { path: path("") })?;
        Ok(Signer {
            folder: self.folder,
            log,
            keys: RwLock::new(Arc::new(keys)),
            rotation: tokio::sync::Mutex::default(),
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// The public keys of a site made ahead of its first start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// As they will be published.
    pub jwks: Jwks,
    /// The log's, which notes name by the log's origin.
    pub log: [u8; 32],
}

/// Makes a site's keys in a folder that has none, and gives the public ones.
pub fn generate(folder: &Path, random: &dyn Random) -> Result<Generated, KeyError> {
    file::create_all(folder, random)?;
    let signer = Secrets::open(folder, Missing::Refuse, random)?.into_signer("log", 0, random)?;
    Ok(Generated {
        jwks: signer.jwks(),
        log: signer.log.key.public,
    })
}
