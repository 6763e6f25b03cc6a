//! What the tests share: a site with its keys, visitors who sign, and receipts of theirs.

#![allow(dead_code, reason = "every test file takes what it needs")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot make its own data has to stop"
)]

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair, UnparsedPublicKey,
};
use sayso_core::countersignature::{self, Statement};
use sayso_core::crypto::{EcJwk, Jwks, KeyRole, SiteJwk, Verifier};
use sayso_core::decision::{Action, Surface};
use sayso_core::digest::{self, Digest, sha256};
use sayso_core::id::uuid_v7;
use sayso_core::jws::Compact;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Algorithm, Note, Signature, VerifierKey};
use sayso_core::log::proof::Proof;
use sayso_core::log::{cosignature, tree};
use sayso_core::policy::{LegalBasis, Model, PurposeId};
use sayso_core::receipt::{self, Payload, PurposeAnswer, VerifiedReceipt, Via};
use sayso_core::record::Status;
use sayso_core::verify::Countersigned;
use sayso_core::witness;

/// The time of every test's first receipt.
pub(crate) const START: u64 = 1_795_341_600_000;

/// Checks signatures with ring.
#[derive(Clone, Copy)]
pub(crate) struct Ring;

impl Verifier for Ring {
    fn es256(&self, key: &[u8; 65], message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify(message, signature)
            .is_ok()
    }

    fn ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, key)
            .verify(message, signature)
            .is_ok()
    }
}

/// A browser's key.
pub(crate) struct Visitor {
    pair: EcdsaKeyPair,
    pub(crate) jwk: EcJwk,
}

impl Visitor {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let jwk = EcJwk::new(
            &digest::encode(&point[1..33]),
            &digest::encode(&point[33..]),
        );
        Self { pair, jwk }
    }

    pub(crate) fn subject(&self) -> String {
        self.jwk.thumbprint().to_string()
    }

    pub(crate) fn sign(&self, payload: &Payload) -> VerifiedReceipt {
        let input = receipt::signing_input(&self.jwk, payload);
        let signature = self
            .pair
            .sign(&SystemRandom::new(), input.as_bytes())
            .unwrap();
        let text = Compact::assemble(&input, signature.as_ref().try_into().unwrap());
        receipt::Parsed::read(&text).unwrap().verify(&Ring).unwrap()
    }
}

/// A key of the site's.
pub(crate) struct SiteKey {
    pair: Ed25519KeyPair,
    pub(crate) public: [u8; 32],
}

impl SiteKey {
    pub(crate) fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let public = pair.public_key().as_ref().try_into().unwrap();
        Self { pair, public }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message).as_ref().try_into().unwrap()
    }
}

/// A site: what signs for it.
pub(crate) struct Site {
    pub(crate) origin: String,
    pub(crate) id: String,
    pub(crate) countersigner: SiteKey,
    pub(crate) witness: SiteKey,
    pub(crate) log: SiteKey,
}

impl Site {
    pub(crate) fn new(name: &str, seed: u8) -> Self {
        Self {
            origin: format!("{name}.example/sayso"),
            id: name.to_owned(),
            countersigner: SiteKey::new(seed),
            witness: SiteKey::new(seed + 1),
            log: SiteKey::new(seed + 2),
        }
    }

    pub(crate) fn jwks(&self) -> Jwks {
        Jwks {
            keys: vec![
                SiteJwk::new(&self.countersigner.public, KeyRole::Countersignature),
                SiteJwk::new(&self.witness.public, KeyRole::Witness),
                SiteJwk::new(&self.log.public, KeyRole::Log),
            ],
        }
    }

    pub(crate) fn log_key(&self) -> VerifierKey {
        VerifierKey {
            name: self.origin.clone(),
            algorithm: Algorithm::Ed25519,
            public: self.log.public,
        }
    }

    /// A signed checkpoint.
    pub(crate) fn signed_checkpoint(&self, size: u64, root: Digest) -> String {
        let text = Checkpoint {
            origin: self.origin.clone(),
            size,
            root,
        }
        .text();
        let signature = Signature::new(&self.log_key(), self.log.sign(text.as_bytes()).to_vec());
        Note {
            text,
            signatures: vec![signature],
        }
        .to_string()
    }

    /// The same with a witness's cosignature.
    pub(crate) fn cosigned(&self, note: &str, witness: &SiteKey, name: &str, time: u64) -> String {
        let mut note = Note::parse(note).unwrap();
        let signature = witness.sign(cosignature::message(time, &note.text).as_bytes());
        let line = cosignature::line(&witness_key(witness, name), time, &signature);
        note.signatures.push(line);
        note.to_string()
    }

    /// The countersigned receipt, as the server would make it.
    pub(crate) fn countersign(
        &self,
        receipt: &VerifiedReceipt,
        salt: &[u8; 32],
        place: Place<'_>,
    ) -> Countersigned {
        let statement = Statement {
            v: countersignature::VERSION,
            receipt_hash: receipt.receipt_hash().to_string(),
            commitment: sayso_core::commitment::commitment(salt, receipt.jws()).to_string(),
            received: place.received,
            index: place.index,
            log: self.origin.clone(),
            flags: Vec::new(),
        };
        self.countersigned(receipt.jws(), salt, &statement, place)
    }

    pub(crate) fn countersigned(
        &self,
        jws: &str,
        salt: &[u8; 32],
        statement: &Statement,
        place: Place<'_>,
    ) -> Countersigned {
        let kid = SiteJwk::new(&self.countersigner.public, KeyRole::Countersignature).kid;
        let input = countersignature::signing_input(&kid, statement);
        let proof = Proof {
            index: place.index,
            hashes: place.hashes,
            checkpoint: place.checkpoint.to_owned(),
        };
        Countersigned {
            v: 1,
            receipt: jws.to_owned(),
            salt: digest::encode(salt),
            countersignature: Compact::assemble(&input, &self.countersigner.sign(input.as_bytes())),
            proof: Some(proof.to_string()),
        }
    }

    /// A receipt that the server recorded itself.
    pub(crate) fn record(&self, payload: &Payload) -> VerifiedReceipt {
        let jwk = SiteJwk::new(&self.witness.public, KeyRole::Witness);
        let input = witness::signing_input(&jwk.kid, payload);
        let text = Compact::assemble(&input, &self.witness.sign(input.as_bytes()));
        witness::Parsed::read(&text)
            .unwrap()
            .verify(&self.jwks(), &Ring)
            .unwrap()
    }
}

/// A witness's key as notes name it.
pub(crate) fn witness_key(key: &SiteKey, name: &str) -> VerifierKey {
    VerifierKey {
        name: name.to_owned(),
        algorithm: Algorithm::Cosignature,
        public: key.public,
    }
}

/// Where a receipt stands.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    pub(crate) index: u64,
    pub(crate) received: u64,
    pub(crate) hashes: Vec<Digest>,
    pub(crate) checkpoint: &'a str,
}

/// The payload of the `n`th receipt; it answers two purposes.
pub(crate) fn payload(
    site: &str,
    n: u64,
    subject: Option<String>,
    prev: Option<String>,
) -> Payload {
    let id = |offset: u64| {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&(2 * n + offset).to_be_bytes());
        uuid_v7(START + n, random)
    };
    let answer = |id: &str, status, basis| PurposeAnswer {
        id: PurposeId::new(id).unwrap(),
        revision: 3,
        status,
        basis,
        lapses: Some(20_961),
        services: Default::default(),
    };
    let given = if n.is_multiple_of(3) {
        Status::Refused
    } else {
        Status::Given
    };
    let witnessed = subject.is_none();
    Payload {
        v: receipt::VERSION,
        id: id(0),
        decision: id(1),
        site: site.to_owned(),
        subject,
        prev,
        time: START + n,
        surface: Surface::Banner,
        action: if given == Status::Given {
            Action::GiveAll
        } else {
            Action::RefuseAll
        },
        language: if n.is_multiple_of(2) { "en" } else { "de" }.to_owned(),
        jurisdiction: "EU".to_owned(),
        model: Model::OptIn,
        controller: "larkspur-eu".to_owned(),
        notice: sha256(b"notice").to_string(),
        layer: sha256(b"layer").to_string(),
        in_view: true,
        signals: Vec::new(),
        about: None,
        via: witnessed.then_some(Via::Gate),
        purposes: vec![
            answer("analytics", given, LegalBasis::Consent),
            answer(
                "necessary",
                Status::Acknowledged,
                LegalBasis::LegitimateInterest,
            ),
        ],
    }
}

/// A salt that differs for every `n`.
pub(crate) fn salt(n: u64) -> [u8; 32] {
    sha256(&n.to_be_bytes()).0
}

/// The proof of a leaf among leaves that are all in memory.
pub(crate) fn proof(leaves: &[Digest], index: u64) -> Vec<Digest> {
    tree::inclusion_proof(index, leaves.len() as u64, |level, at| {
        Ok::<_, ()>(node(leaves, level, at))
    })
    .unwrap()
    .unwrap()
}

/// The root of leaves that are all in memory.
pub(crate) fn root(leaves: &[Digest]) -> Digest {
    tree::root(leaves.len() as u64, |level, at| {
        Ok::<_, ()>(node(leaves, level, at))
    })
    .unwrap()
    .unwrap()
}

fn node(leaves: &[Digest], level: u8, at: u64) -> Option<Digest> {
    let width = 1usize << level;
    let begin = usize::try_from(at).ok()? * width;
    let part = leaves.get(begin..begin + width)?;
    Some(complete(part))
}

fn complete(leaves: &[Digest]) -> Digest {
    match leaves {
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len() / 2);
            tree::node_hash(&complete(left), &complete(right))
        }
    }
}
