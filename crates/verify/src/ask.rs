//! Signatures that somebody else checks: what is not known yet is noted and, for the moment, taken to hold.

use std::cell::RefCell;
use std::collections::BTreeMap;

use sayso_core::crypto::Verifier;
use sayso_core::digest::{encode, sha256};
use serde::Serialize;

/// What is known so far: for each question, by its id, whether that signature holds.
pub type Answers = BTreeMap<String, bool>;

/// A signature to be checked. Key, message and signature are base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Question {
    /// Names it: a digest of everything else.
    id: String,
    /// `ES256` or `Ed25519`.
    alg: &'static str,
    /// The raw public key.
    key: String,
    /// What was signed.
    message: String,
    /// The signature.
    signature: String,
}

/// A verifier that knows some answers and notes what it does not know.
pub(crate) struct Asking<'a> {
    known: &'a Answers,
    open: RefCell<BTreeMap<String, Question>>,
}

impl<'a> Asking<'a> {
    pub(crate) fn new(known: &'a Answers) -> Self {
        Self {
            known,
            open: RefCell::default(),
        }
    }

    /// What is still to be asked.
    pub(crate) fn open(self) -> Vec<Question> {
        self.open.into_inner().into_values().collect()
    }

    fn ask(&self, alg: &'static str, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let mut all = alg.as_bytes().to_vec();
        // The parts before the message have the lengths that the algorithm says.
        all.extend([key, signature, message].concat());
        let id = sha256(&all).to_string();
        if let Some(holds) = self.known.get(&id) {
            return *holds;
        }
        self.open.borrow_mut().insert(
            id.clone(),
            Question {
                id,
                alg,
                key: encode(key),
                message: encode(message),
                signature: encode(signature),
            },
        );
        true
    }
}

impl Verifier for Asking<'_> {
    fn es256(&self, key: &[u8; 65], message: &[u8], signature: &[u8; 64]) -> bool {
        self.ask("ES256", key, message, signature)
    }

    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        self.ask("Ed25519", key, message, signature)
    }
}
