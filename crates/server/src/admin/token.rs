//! The administrator's token: made at the first start, kept in one file, known here by its digest alone.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use sayso_core::digest::sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::random::Random;
use crate::seed::{Seed, join};

/// The file's name in the data folder.
pub const FILE: &str = "admin-token";

/// What a write must bring.
pub struct AdminToken {
    digest: [u8; 32],
}

/// Why the token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Others can read it.
    #[error("{path} can be read by others than its owner; run: chmod 600 {path}")]
    Open {
        /// The file.
        path: String,
    },
    /// Not a token of ours.
    #[error(
        "{path} does not hold a token of 43 characters; remove it, and the next start makes a new one"
    )]
    Form {
        /// The file.
        path: String,
    },
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        source: io::Error,
    },
}

impl AdminToken {
    /// Reads the token of a data folder, making it where there is none.
    pub fn open(data: &Path, random: &dyn Random) -> Result<Self, TokenError> {
        let path = data.join(FILE);
        let io = |source| TokenError::Io {
            path: path.display().to_string(),
            source,
        };
        if !path.try_exists().map_err(io)? {
            create(&path, random).map_err(io)?;
        }
        if open_to_others(&path).map_err(io)? {
            return Err(TokenError::Open {
                path: path.display().to_string(),
            });
        }
        let text = Zeroizing::new(fs::read_to_string(&path).map_err(io)?);
        Self::new(text.trim()).ok_or_else(|| TokenError::Form {
            path: path.display().to_string(),
        })
    }

    /// The token of this text, if it has a token's form.
    fn new(text: &str) -> Option<Self> {
        Seed::read(text)?;
        Some(Self {
            digest: sha256(text.as_bytes()).0,
        })
    }

    /// Whether this is the token. Digests are compared, in constant time: how long that takes says nothing.
    pub fn is(&self, offered: &str) -> bool {
        sha256(offered.as_bytes()).0.ct_eq(&self.digest).into()
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminToken")
    }
}

fn create(path: &Path, random: &dyn Random) -> io::Result<()> {
    let line = join(&[&Seed::random(random).text(), "\n"]);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    #[test]
    fn made_once_and_the_same_ever_after() {
        let data = tempfile::tempdir().expect("a folder");
        let random = OsRandom::new();
        AdminToken::open(data.path(), &random).expect("made");
        let text = fs::read_to_string(data.path().join(FILE)).expect("a file");
        let token = AdminToken::open(data.path(), &random).expect("read");
        assert!(token.is(text.trim()));
        assert_eq!(
            fs::read_to_string(data.path().join(FILE)).expect("a file"),
            text
        );
        for wrong in ["", "x", &text, &text.trim()[1..], &"A".repeat(43)] {
            assert!(!token.is(wrong), "{wrong:?}");
        }
        assert_eq!(format!("{token:?}"), "AdminToken");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().expect("a folder");
        let random = OsRandom::new();
        AdminToken::open(data.path(), &random).expect("made");
        let path = data.path().join(FILE);
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("opened up");
        assert!(matches!(
            AdminToken::open(data.path(), &random),
            Err(TokenError::Open { .. })
        ));
    }

    #[test]
    fn a_file_that_holds_something_else_is_refused() {
        let data = tempfile::tempdir().expect("a folder");
        let path = data.path().join(FILE);
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).expect("made");
        file.write_all(b"password").expect("written");
        let refused = AdminToken::open(data.path(), &OsRandom::new());
        assert!(matches!(refused, Err(TokenError::Form { .. })));
    }
}
