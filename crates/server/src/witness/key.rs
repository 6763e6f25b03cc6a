//! The witness's key: made at the first start, in a file that only its owner can read, bound to one name.
//!
//! Beside the sites' `signer`, this is the only code that touches a private key; the two never share one.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use sayso_core::log::cosignature;
use sayso_core::log::note::{Algorithm, Signature, VerifierKey};
use zeroize::Zeroizing;

use super::{WitnessError, memory};
use crate::random::Random;
use crate::seed::{Seed, join};

/// What the key file begins with.
pub(super) const MARK: &str = "sayso-witness-key-1";

/// A key that cosigns.
pub(super) struct CosigningKey {
    pair: Ed25519KeyPair,
    public: VerifierKey,
}

fn path_of(data: &Path) -> PathBuf {
    data.join("witness.key")
}

/// Whether a key was made already.
pub(super) fn exists(data: &Path) -> bool {
    path_of(data).exists()
}

impl CosigningKey {
    /// Reads the key of a witness, making it if there is none.
    pub(super) fn open(data: &Path, name: &str, random: &dyn Random) -> Result<Self, WitnessError> {
        let path = path_of(data);
        if !path.exists() {
            write(&path, name, &Seed::random(random))?;
            memory::sync_folder(data)?;
        }
        let seed = read(&path, name)?;
        let form = || WitnessError::KeyForm {
            path: path.display().to_string(),
        };
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| form())?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| form())?;
        Ok(Self {
            pair,
            public: VerifierKey {
                name: name.to_owned(),
                algorithm: Algorithm::Cosignature,
                public,
            },
        })
    }

    pub(super) fn public(&self) -> &VerifierKey {
        &self.public
    }

    /// Cosigns a checkpoint's text at a time in seconds since 1970.
    pub(super) fn cosign(&self, time: u64, text: &str) -> Signature {
        let signature = self.pair.sign(cosignature::message(time, text).as_bytes());
        let signature = signature
            .as_ref()
            .try_into()
            .expect("an Ed25519 signature is 64 bytes");
        cosignature::line(&self.public, time, signature)
    }
}

impl fmt::Debug for CosigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CosigningKey")
            .field("public", &self.public.to_string())
            .finish_non_exhaustive()
    }
}

fn write(path: &Path, name: &str, seed: &Seed) -> Result<(), WitnessError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let line = join(&[MARK, " ", name, " ", &seed.text(), "\n"]);
    options
        .open(path)
        .and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            file.sync_all()
        })
        .map_err(WitnessError::io(path))
}

fn read(path: &Path, name: &str) -> Result<Seed, WitnessError> {
    let shown = || path.display().to_string();
    let text = Zeroizing::new(fs::read_to_string(path).map_err(WitnessError::io(path))?);
    if open_to_others(path)? {
        return Err(WitnessError::KeyOpen { path: shown() });
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let [MARK, found, seed] = words.as_slice() else {
        return Err(WitnessError::KeyForm { path: shown() });
    };
    if *found != name {
        return Err(WitnessError::KeyName {
            path: shown(),
            found: (*found).to_owned(),
            name: name.to_owned(),
        });
    }
    Seed::read(seed).ok_or_else(|| WitnessError::KeyForm { path: shown() })
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Result<bool, WitnessError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)
        .map_err(WitnessError::io(path))?
        .permissions()
        .mode();
    Ok(mode & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Result<bool, WitnessError> {
    Ok(false)
}
