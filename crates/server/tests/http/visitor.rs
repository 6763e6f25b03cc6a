//! A visitor whose browser signs: a real P-256 key, and receipts as the browser makes them.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use sayso_core::crypto::EcJwk;
use sayso_core::decision::{self, Action, Decision, Surface};
use sayso_core::digest::{encode, sha256};
use sayso_core::id::uuid_v7;
use sayso_core::jws::Compact;
use sayso_core::policy::Model;
use sayso_core::receipt::{self, Details, Payload};
use sayso_core::wire::{ReceiptsRequest, UnsignedDecision};

use crate::world::{NOW, World};

/// Choices that answer the demo's device purposes with a yes.
pub(crate) const GIVEN: &str = "analytics:g1.fw4~necessary:n1";

pub(crate) struct Visitor {
    key: EcdsaKeyPair,
    pub(crate) jwk: EcJwk,
}

/// An id made from a word, so that tests can name their decisions.
pub(crate) fn id(word: &str) -> String {
    uuid_v7(
        NOW,
        sha256(word.as_bytes()).0[..10]
            .try_into()
            .expect("10 bytes"),
    )
}

/// The first layer's decision, as the gate delivers it.
pub(crate) fn unsigned(world: &World, word: &str, choices: &str) -> UnsignedDecision {
    let decision = decision(world, word, choices);
    UnsignedDecision {
        id: decision.id,
        time: decision.time,
        surface: decision.surface,
        action: decision.action,
        layer: decision.layer,
        in_view: decision.in_view,
        signals: decision.signals,
        choices: decision.choices,
    }
}

pub(crate) fn decision(world: &World, word: &str, choices: &str) -> Decision {
    let edition = world.site.edition(None, None);
    Decision {
        v: decision::VERSION,
        id: id(word),
        time: NOW - 2_000,
        surface: Surface::Banner,
        action: Action::GiveAll,
        language: "en".to_owned(),
        jurisdiction: "EU".to_owned(),
        model: Model::OptIn,
        controller: "larkspur-eu".to_owned(),
        notice: world.site.bundle.notice_digest.to_string(),
        layer: edition.layer_digest.to_string(),
        in_view: true,
        signals: Vec::new(),
        choices: choices.to_owned(),
        delivered: false,
    }
}

impl Visitor {
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

    pub(crate) fn payload(
        &self,
        world: &World,
        decision: &Decision,
        about: Option<String>,
    ) -> Payload {
        let details = Details {
            id: id(&format!("receipt of {}", decision.id)),
            site: "demo".to_owned(),
            subject: Some(self.jwk.thumbprint().to_string()),
            about,
            ..Details::default()
        };
        let basis = |id: &str| world.site.config.purpose(id).map(|purpose| purpose.basis);
        Payload::new(decision, details, basis).expect("a payload")
    }

    pub(crate) fn sign(&self, payload: &Payload) -> String {
        self.sign_input(&receipt::signing_input(&self.jwk, payload))
    }

    pub(crate) fn sign_input(&self, input: &str) -> String {
        let signature = self
            .key
            .sign(&SystemRandom::new(), input.as_bytes())
            .expect("a signature");
        Compact::assemble(input, signature.as_ref().try_into().expect("64 bytes"))
    }

    /// The receipt of a decision named by a word.
    pub(crate) fn receipt(&self, world: &World, word: &str) -> String {
        self.sign(&self.payload(world, &decision(world, word, GIVEN), None))
    }
}

pub(crate) fn body(
    state: Option<&str>,
    receipts: &[&str],
    decisions: &[UnsignedDecision],
) -> Vec<u8> {
    let request = ReceiptsRequest {
        v: 1,
        state: state.map(str::to_owned),
        receipts: receipts.iter().map(|&text| text.to_owned()).collect(),
        decisions: decisions.to_vec(),
    };
    serde_json::to_vec(&request).expect("JSON")
}
