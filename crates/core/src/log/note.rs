//! Signed notes (C2SP signed-note v1): a text, a blank line, and lines that sign it.

use base64ct::{Base64, Encoding};

use crate::crypto::Verifier;
use crate::digest::sha256;

/// Longest note accepted, in bytes.
pub const MAX_LEN: usize = 64 * 1024;

/// What a key signs by, as notes count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// 0x01: Ed25519 over the note's text.
    Ed25519,
    /// 0x04: an Ed25519 cosignature with a time, see [`super::cosignature`].
    Cosignature,
}

impl Algorithm {
    fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// A named public key, written `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    /// Its name: a schema-less URL without spaces and plus signs.
    pub name: String,
    /// What it signs by.
    pub algorithm: Algorithm,
    /// The Ed25519 public key.
    pub public: [u8; 32],
}

/// A note with its signatures, none of them checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text, with the newline at its end.
    pub text: String,
    /// The signatures, in order.
    pub signatures: Vec<Signature>,
}

/// One line that signs a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The first four bytes of the key's hash.
    pub key_id: [u8; 4],
    /// What follows them.
    pub bytes: Vec<u8>,
}

/// Why a text is not a signed note or not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`MAX_LEN`].
    #[error("the note is longer than {MAX_LEN} bytes")]
    TooLong,
    /// No text, blank line and signatures.
    #[error("a signed note is a text, a blank line, and one or more lines that sign it")]
    Form,
    /// A signature line is malformed.
    #[error("a line that signs a note has the form: — name base64")]
    Signature,
    /// A key is malformed.
    #[error("a note's key has the form name+id+key, the id being that of name and key")]
    Key,
}

/// Whether a text may name a key or a log.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

impl VerifierKey {
    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ key).
    pub fn id(&self) -> [u8; 4] {
        let mut bytes = self.name.clone().into_bytes();
        bytes.extend([b'\n', self.algorithm.byte()]);
        bytes.extend(self.public);
        let [a, b, c, d, ..] = sha256(&bytes).0;
        [a, b, c, d]
    }

    /// Reads `name+id+key`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let bytes = Base64::decode_vec(key).map_err(|_| NoteError::Key)?;
        let (algorithm, public) = match bytes.split_first() {
            Some((1, public)) => (Algorithm::Ed25519, public),
            Some((4, public)) => (Algorithm::Cosignature, public),
            _ => return Err(NoteError::Key),
        };
        let public = public.try_into().map_err(|_| NoteError::Key)?;
        let key = Self {
            name: name.to_owned(),
            algorithm,
            public,
        };
        if is_name(name) && hex(key.id()) == id {
            Ok(key)
        } else {
            Err(NoteError::Key)
        }
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = vec![self.algorithm.byte()];
        bytes.extend(self.public);
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex(self.id()),
            Base64::encode_string(&bytes)
        )
    }
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

impl Note {
    /// Takes a signed note apart.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > MAX_LEN {
            return Err(NoteError::TooLong);
        }
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(NoteError::Form);
        }
        let at = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, lines) = (&note[..=at], &note[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let signatures = lines
            .split('\n')
            .map(Signature::parse)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The signatures by a key: same name, same id.
    pub fn by<'a>(&'a self, key: &'a VerifierKey) -> impl Iterator<Item = &'a Signature> {
        let id = key.id();
        self.signatures
            .iter()
            .filter(move |s| s.name == key.name && s.key_id == id)
    }

    /// Whether an Ed25519 key signed the text. Lines by other keys are ignored.
    pub fn is_signed_by(&self, key: &VerifierKey, verifier: &impl Verifier) -> bool {
        key.algorithm == Algorithm::Ed25519
            && self
                .by(key)
                .any(|signature| match signature.bytes.as_slice().try_into() {
                    Ok(bytes) => verifier.ed25519(&key.public, self.text.as_bytes(), bytes),
                    Err(_) => false,
                })
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|s| writeln!(f, "{s}"))
    }
}

impl Signature {
    /// A signature by a key.
    pub fn new(key: &VerifierKey, bytes: Vec<u8>) -> Self {
        Self {
            name: key.name.clone(),
            key_id: key.id(),
            bytes,
        }
    }

    /// Reads one line, without its newline.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let (name, text) = line
            .strip_prefix("— ")
            .and_then(|l| l.split_once(' '))
            .ok_or(NoteError::Signature)?;
        let bytes = Base64::decode_vec(text).map_err(|_| NoteError::Signature)?;
        let (id, rest) = bytes.split_first_chunk::<4>().ok_or(NoteError::Signature)?;
        if !is_name(name) || rest.is_empty() {
            return Err(NoteError::Signature);
        }
        Ok(Self {
            name: name.to_owned(),
            key_id: *id,
            bytes: rest.to_vec(),
        })
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = self.key_id.to_vec();
        bytes.extend(&self.bytes);
        write!(f, "— {} {}", self.name, Base64::encode_string(&bytes))
    }
}
