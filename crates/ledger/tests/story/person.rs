//! Somebody whose browser signs: a P-256 key and the receipts made with it.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::SystemRandom;
use ring::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair, UnparsedPublicKey,
};
use sayso_core::crypto::{EcJwk, Jwks, KeyRole, SiteJwk, Verifier};
use sayso_core::decision::{Action, Surface};
use sayso_core::digest::encode;
use sayso_core::id::uuid_v7;
use sayso_core::jws::Compact;
use sayso_core::policy::{LegalBasis, Model, PurposeId};
use sayso_core::receipt::{self, Payload, PurposeAnswer, VerifiedReceipt, Via};
use sayso_core::record::Status;
use sayso_core::witness;

/// Signatures checked by ring.
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

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A fresh UUIDv7.
pub(crate) fn id() -> String {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    uuid_v7(1_763_766_000_000, random)
}

/// Somebody whose browser signs.
pub(crate) struct Person {
    key: EcdsaKeyPair,
    jwk: EcJwk,
}

impl Person {
    /// With a new key.
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
                .expect("a key");
        let point = key.public_key().as_ref();
        let jwk = EcJwk::new(&encode(&point[1..33]), &encode(&point[33..]));
        Self { key, jwk }
    }

    /// A payload with fresh ids.
    pub(crate) fn payload(&self) -> Payload {
        Payload {
            subject: Some(self.jwk.thumbprint().to_string()),
            ..payload()
        }
    }

    /// Signs a payload.
    pub(crate) fn sign(&self, payload: &Payload) -> VerifiedReceipt {
        let input = receipt::signing_input(&self.jwk, payload);
        let signed = self
            .key
            .sign(&SystemRandom::new(), input.as_bytes())
            .expect("a signature");
        let text = Compact::assemble(&input, signed.as_ref().try_into().expect("64 bytes"));
        receipt::Parsed::read(&text)
            .and_then(|parsed| parsed.verify(&Ring))
            .expect("it verifies")
    }

    /// The thumbprint of the key.
    pub(crate) fn subject(&self) -> String {
        self.jwk.thumbprint().to_string()
    }

    /// A fresh receipt.
    pub(crate) fn receipt(&self) -> VerifiedReceipt {
        self.sign(&self.payload())
    }
}

/// The same receipt under the other signature that holds for it: `r, n - s` for `r, s`. Anybody can make it.
pub(crate) fn altered(receipt: &VerifiedReceipt) -> VerifiedReceipt {
    const N: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ];
    let jws = Compact::parse(receipt.jws()).expect("a JWS");
    let mut signature = *jws.signature();
    let mut borrow = 0;
    for at in (0..32).rev() {
        let difference = i16::from(N[at]) - i16::from(signature[32 + at]) - borrow;
        borrow = i16::from(difference < 0);
        signature[32 + at] = difference.rem_euclid(256) as u8;
    }
    let text = Compact::assemble(jws.signing_input(), &signature);
    receipt::Parsed::read(&text)
        .and_then(|parsed| parsed.verify(&Ring))
        .expect("it verifies as well")
}

fn payload() -> Payload {
    Payload {
        v: 1,
        id: id(),
        decision: id(),
        site: "demo".to_owned(),
        subject: None,
        prev: None,
        time: 1_763_766_000_123,
        surface: Surface::Banner,
        action: Action::GiveAll,
        language: "en".to_owned(),
        jurisdiction: "EU".to_owned(),
        model: Model::OptIn,
        controller: "larkspur-eu".to_owned(),
        notice: encode(&[1; 32]),
        layer: encode(&[2; 32]),
        in_view: true,
        signals: Vec::new(),
        about: None,
        via: None,
        purposes: vec![PurposeAnswer {
            id: PurposeId::new("analytics").expect("an id"),
            revision: 1,
            status: Status::Given,
            basis: LegalBasis::Consent,
            lapses: None,
            services: sayso_core::map::Map::new(),
        }],
    }
}

/// A decision recorded by the server: `change` may alter the payload before it is signed.
pub(crate) fn witnessed(decision: &str, change: impl FnOnce(&mut Payload)) -> VerifiedReceipt {
    let key = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).expect("a key");
    let public: [u8; 32] = signature::KeyPair::public_key(&key)
        .as_ref()
        .try_into()
        .expect("32 bytes");
    let jwk = SiteJwk::new(&public, KeyRole::Witness);
    let mut payload = Payload {
        decision: decision.to_owned(),
        via: Some(Via::Gate),
        ..payload()
    };
    change(&mut payload);
    let input = witness::signing_input(&jwk.kid, &payload);
    let text = Compact::assemble(
        &input,
        key.sign(input.as_bytes())
            .as_ref()
            .try_into()
            .expect("64 bytes"),
    );
    let keys = Jwks { keys: vec![jwk] };
    witness::Parsed::read(&text)
        .and_then(|parsed| parsed.verify(&keys, &Ring))
        .expect("it verifies")
}
