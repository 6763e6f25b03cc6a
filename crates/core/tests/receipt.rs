//! Receipts from signing to refusing: real signatures, every alteration refused with its own error.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use std::collections::HashMap;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair, UnparsedPublicKey,
};
use sayso_core::commitment::commitment;
use sayso_core::countersignature::{self, Statement};
use sayso_core::crypto::{EcJwk, Jwks, KeyRole, SiteJwk, Verifier};
use sayso_core::decision::{Action, Decision, Surface};
use sayso_core::digest::{Digest, encode, sha256};
use sayso_core::id::uuid_v7;
use sayso_core::jws::{self, Compact, JwsError};
use sayso_core::log::Entry;
use sayso_core::log::checkpoint::Checkpoint;
use sayso_core::log::note::{Note, Signature};
use sayso_core::log::proof::Proof;
use sayso_core::log::tree::{self, Frontier};
use sayso_core::policy::{LegalBasis, Model};
use sayso_core::receipt::{self, Details, Kind, Parsed, Payload, ReceiptError, Via};
use sayso_core::verify::{Countersigned, Demands, VerifyError, verify};
use sayso_core::witness;

/// The log's name.
const ORIGIN: &str = "larkspur.example/sayso";

struct Ring;

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

struct Visitor {
    pair: EcdsaKeyPair,
    jwk: EcJwk,
}

impl Visitor {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random)
                .unwrap();
        let point = pair.public_key().as_ref();
        let jwk = EcJwk::new(&encode(&point[1..33]), &encode(&point[33..]));
        Self { pair, jwk }
    }

    fn sign(&self, input: &str) -> String {
        let signature = self
            .pair
            .sign(&SystemRandom::new(), input.as_bytes())
            .unwrap();
        Compact::assemble(input, signature.as_ref().try_into().unwrap())
    }

    fn receipt(&self) -> String {
        self.sign(&receipt::signing_input(
            &self.jwk,
            &payload(Some(self.jwk.thumbprint().to_string()), None),
        ))
    }
}

struct Site {
    countersigner: Ed25519KeyPair,
    witness: Ed25519KeyPair,
    log: Ed25519KeyPair,
}

impl Site {
    fn new(seed: u8) -> Self {
        let pair = |n| Ed25519KeyPair::from_seed_unchecked(&[n; 32]).unwrap();
        Self {
            countersigner: pair(seed),
            witness: pair(seed + 1),
            log: pair(seed + 2),
        }
    }

    fn jwk(pair: &Ed25519KeyPair, role: KeyRole) -> SiteJwk {
        SiteJwk::new(pair.public_key().as_ref().try_into().unwrap(), role)
    }

    fn keys(&self) -> Jwks {
        Jwks {
            keys: vec![
                Self::jwk(&self.countersigner, KeyRole::Countersignature),
                Self::jwk(&self.witness, KeyRole::Witness),
                Self::jwk(&self.log, KeyRole::Log),
            ],
        }
    }

    fn sign(pair: &Ed25519KeyPair, input: &str) -> String {
        Compact::assemble(
            input,
            pair.sign(input.as_bytes()).as_ref().try_into().unwrap(),
        )
    }

    fn witnessed(&self) -> String {
        let kid = Self::jwk(&self.witness, KeyRole::Witness).kid;
        Self::sign(
            &self.witness,
            &witness::signing_input(&kid, &payload(None, Some(Via::Gate))),
        )
    }

    fn countersign(&self, receipt: &str, salt: [u8; 32]) -> Countersigned {
        let statement = Statement {
            v: 1,
            receipt_hash: Compact::parse(receipt).unwrap().content_hash().to_string(),
            commitment: commitment(&salt, receipt).to_string(),
            received: 1_763_766_000_900,
            index: 4,
            log: ORIGIN.into(),
            flags: vec![],
        };
        let kid = Self::jwk(&self.countersigner, KeyRole::Countersignature).kid;
        Countersigned {
            v: 1,
            receipt: receipt.into(),
            salt: encode(&salt),
            countersignature: Self::sign(
                &self.countersigner,
                &countersignature::signing_input(&kid, &statement),
            ),
            proof: Some(self.proof(Entry::Receipt(commitment(&salt, receipt)))),
        }
    }

    /// A log of five entries whose last is this one.
    fn proof(&self, entry: Entry) -> String {
        let mut leaves: Vec<Digest> = (0..4u8).map(|n| sha256(&[n])).collect();
        leaves.push(entry.leaf_hash());
        let mut nodes = HashMap::new();
        let mut tree = Frontier::default();
        for node in leaves.into_iter().flat_map(|leaf| tree.append(leaf)) {
            nodes.insert((node.level, node.index), node.hash);
        }
        let node = |level, index| Ok::<_, ()>(nodes.get(&(level, index)).copied());
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size: 5,
            root: tree.root(),
        };
        let text = checkpoint.text();
        let key = self.keys().log_keys(ORIGIN).remove(0);
        let line = Signature::new(&key, self.log.sign(text.as_bytes()).as_ref().to_vec());
        let note = Note {
            text,
            signatures: vec![line],
        };
        Proof {
            index: 4,
            hashes: tree::inclusion_proof(4, 5, node).unwrap().unwrap(),
            checkpoint: note.to_string(),
        }
        .to_string()
    }
}

fn payload(subject: Option<String>, via: Option<Via>) -> Payload {
    let decision = Decision {
        v: 1,
        id: uuid_v7(1_763_766_000_123, [1; 10]),
        time: 1_763_766_000_123,
        surface: Surface::Banner,
        action: Action::GiveAll,
        language: "en".into(),
        jurisdiction: "EU".into(),
        model: Model::OptIn,
        controller: "larkspur-eu".into(),
        notice: sha256(b"notice").to_string(),
        layer: sha256(b"layer").to_string(),
        in_view: true,
        signals: vec!["gpc".into()],
        choices: "analytics:g1.g68+video~necessary:n1-chat".into(),
        delivered: false,
    };
    let id = uuid_v7(1_763_766_000_200, [2; 10]);
    let details = Details {
        id,
        site: "demo".into(),
        subject,
        via,
        ..Details::default()
    };
    Payload::new(&decision, details, |_| Some(LegalBasis::Consent)).unwrap()
}

fn check(file: &Countersigned, keys: &Jwks) -> Result<Kind, VerifyError> {
    verify(
        &serde_json::to_vec(file).unwrap(),
        keys,
        &Demands::default(),
        &Ring,
    )
    .map(|v| v.receipt.kind())
}

#[test]
fn what_holds_is_accepted_and_says_who_signed() {
    let (visitor, site) = (Visitor::new(), Site::new(1));
    assert_eq!(
        check(&site.countersign(&visitor.receipt(), [9; 32]), &site.keys()),
        Ok(Kind::Signed)
    );
    assert_eq!(
        check(&site.countersign(&site.witnessed(), [9; 32]), &site.keys()),
        Ok(Kind::Witnessed)
    );
}

#[test]
fn every_alteration_is_refused_with_its_own_error() {
    let (visitor, site) = (Visitor::new(), Site::new(1));
    let good = site.countersign(&visitor.receipt(), [9; 32]);
    let other = site.countersign(&Visitor::new().receipt(), [9; 32]);
    let with = |edit: &dyn Fn(&mut Countersigned)| {
        let mut file = good.clone();
        edit(&mut file);
        check(&file, &site.keys()).unwrap_err()
    };
    assert_eq!(
        with(&|f| f.countersignature = other.countersignature.clone()),
        VerifyError::OtherReceipt
    );
    assert_eq!(with(&|f| f.salt = encode(&[8; 32])), VerifyError::Salt);
    assert!(matches!(
        with(&|f| f.salt = "AA".into()),
        VerifyError::File(_)
    ));

    // Somebody else's key in the header, signed anew with it, the payload still naming the visitor.
    let thief = Visitor::new();
    let stolen = payload(Some(visitor.jwk.thumbprint().to_string()), None);
    let swapped = thief.sign(&receipt::signing_input(&thief.jwk, &stolen));
    assert_eq!(with(&|f| f.receipt = swapped.clone()), VerifyError::Subject);
    // … and with the payload naming the thief: then it is simply not the receipt that was countersigned.
    assert_eq!(
        with(&|f| f.receipt = thief.receipt()),
        VerifyError::OtherReceipt
    );

    let stranger = Site::new(40);
    assert!(matches!(
        check(&good, &stranger.keys()),
        Err(VerifyError::UnknownKey(_))
    ));
    assert!(matches!(
        check(&stranger.countersign(&good.receipt, [9; 32]), &site.keys()),
        Err(VerifyError::UnknownKey(_))
    ));
    // A witness key does not countersign, a countersigning key does not witness.
    let swapped_roles = Site {
        log: Site::new(1).log,
        countersigner: Site::new(1).witness,
        witness: Site::new(1).countersigner,
    };
    assert!(matches!(
        check(
            &swapped_roles.countersign(&good.receipt, [9; 32]),
            &site.keys()
        ),
        Err(VerifyError::UnknownKey(_))
    ));

    let twice = serde_json::to_string(&good)
        .unwrap()
        .replacen("{", r#"{"v":1,"#, 1);
    let error = verify(twice.as_bytes(), &site.keys(), &Demands::default(), &Ring).unwrap_err();
    assert_eq!(
        error,
        VerifyError::Duplicate {
            place: "the file",
            member: "v".into()
        }
    );
}

#[test]
fn members_that_occur_twice_inside_the_signed_bytes_are_refused() {
    let (visitor, site) = (Visitor::new(), Site::new(1));
    let payload = payload(Some(visitor.jwk.thumbprint().to_string()), None).to_bytes();
    let payload = String::from_utf8(payload).unwrap().replacen(
        r#""site":"demo""#,
        r#""site":"demo","site":"shop""#,
        1,
    );
    let header = Compact::parse(&visitor.receipt())
        .unwrap()
        .text()
        .split('.')
        .next()
        .unwrap()
        .to_owned();
    let header = sayso_core::digest::decode(&header).unwrap();
    let file = site.countersign(
        &visitor.sign(&jws::signing_input(&header, payload.as_bytes())),
        [9; 32],
    );
    let expected = VerifyError::Duplicate {
        place: "the receipt",
        member: "site".into(),
    };
    assert_eq!(check(&file, &site.keys()), Err(expected));
}

#[test]
fn no_changed_byte_goes_unseen() {
    let (visitor, site) = (Visitor::new(), Site::new(1));
    let good = site.countersign(&visitor.receipt(), [9; 32]);
    for at in 0..good.receipt.len() {
        let mut bytes = good.receipt.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let file = Countersigned {
            receipt: String::from_utf8(bytes).unwrap(),
            ..good.clone()
        };
        assert!(check(&file, &site.keys()).is_err(), "byte {at}");
    }
}

#[test]
fn headers_cannot_choose_how_they_are_checked() {
    let visitor = Visitor::new();
    let payload = payload(Some(visitor.jwk.thumbprint().to_string()), None).to_bytes();
    let EcJwk { x, y, .. } = &visitor.jwk;
    let jwk = format!(r#""jwk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
    let read = |header: String| {
        let jws = visitor.sign(&jws::signing_input(header.as_bytes(), &payload));
        Parsed::read(&jws).and_then(|p| p.verify(&Ring)).err()
    };
    let typ = r#""typ":"consent-receipt+jws""#;
    assert_eq!(read(format!(r#"{{{typ},"alg":"ES256",{jwk}}}"#)), None);
    for alg in ["none", "HS256", "es256", "ES384", "Ed25519", ""] {
        let error = read(format!(r#"{{{typ},"alg":"{alg}",{jwk}}}"#));
        assert_eq!(error, Some(ReceiptError::Algorithm(alg.into())));
    }
    assert!(matches!(
        read(format!(r#"{{"typ":"JWT","alg":"ES256",{jwk}}}"#)),
        Some(ReceiptError::Type(_))
    ));
    assert!(matches!(
        read(format!(r#"{{"alg":"ES256",{jwk}}}"#)),
        Some(ReceiptError::Type(_))
    ));
    for extra in [
        r#""kid":"x""#,
        r#""crit":["b64"]"#,
        r#""jku":"https://evil.example""#,
        r#""x5u":"https://evil.example""#,
    ] {
        let error = read(format!(r#"{{{typ},"alg":"ES256",{jwk},{extra}}}"#));
        assert!(
            matches!(
                error,
                Some(ReceiptError::Jws(JwsError::Json { part: "header", .. }))
            ),
            "{extra}"
        );
    }
    let private = jwk.replace("}", r#","d":"AAAA"}"#);
    assert!(
        read(format!(r#"{{{typ},"alg":"ES256",{private}}}"#)).is_some(),
        "a private key is not a receipt's header"
    );
    let off_curve = format!(r#""jwk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}"}}"#);
    assert_eq!(
        read(format!(r#"{{{typ},"alg":"ES256",{off_curve}}}"#)),
        Some(ReceiptError::Signature)
    );
}

#[test]
fn the_form_is_strict() {
    let good = Visitor::new().receipt();
    let table = [
        (format!("{good}."), JwsError::Parts),
        (good.rsplit_once('.').unwrap().0.to_owned(), JwsError::Parts),
        (format!("{good}="), JwsError::Encoding("signature")),
        (good.replacen('.', " .", 1), JwsError::Encoding("header")),
        (format!("{}AAAA", good), JwsError::SignatureLength(67)),
        ("A".repeat(9000), JwsError::TooLong),
    ];
    for (text, error) in table {
        assert_eq!(Compact::parse(&text), Err(error));
    }
}

#[test]
fn an_altered_signature_form_names_the_same_content() {
    let visitor = Visitor::new();
    let input = receipt::signing_input(
        &visitor.jwk,
        &payload(Some(visitor.jwk.thumbprint().to_string()), None),
    );
    let hash = |jws: &str| {
        Parsed::read(jws)
            .unwrap()
            .verify(&Ring)
            .unwrap()
            .receipt_hash()
    };
    let (one, two) = (visitor.sign(&input), visitor.sign(&input));
    assert_ne!(one, two, "ECDSA signatures are randomised");
    assert_eq!(
        (hash(&one), hash(&two)),
        (sha256(input.as_bytes()), sha256(input.as_bytes()))
    );
    assert!(Digest::parse(&hash(&one).to_string()).is_some());
}

mod draft {
    //! The browser's writer of payloads against the one everybody else uses.

    use proptest::prelude::*;
    use sayso_core::crypto::EcJwk;
    use sayso_core::decision::Decision;
    use sayso_core::policy::LegalBasis;
    use sayso_core::receipt::{Details, Draft, Payload, signing_input};
    use sayso_core::record::Status;
    use serde_json::json;

    proptest! {
        #[test]
        fn writes_the_bytes_of_a_payload(
            text in "\\PC*[\\x00-\\x1f\"\\\\]*",
            prev in "[a-z]{0,3}",
            about in "[a-z]{0,3}",
            time in 0u64..1 << 50,
            in_view: bool,
            signals in proptest::collection::vec("[a-z\"]{0,4}", 0..3),
            letters in proptest::collection::btree_map("[a-z][a-z0-9]{0,4}", (
                "[grwosdn]",
                1u32..99,
                proptest::option::of("[1-9a-z]{1,4}"),
                proptest::collection::btree_map("[a-z][a-z0-9]{0,4}", any::<bool>(), 0..3),
            ), 1..4),
        ) {
            let mark = |on: &bool| if *on { '+' } else { '-' };
            let choices: Vec<String> = letters.iter().map(|(id, (letter, revision, day, services))| {
                let day = day.as_ref().map(|d| format!(".{d}")).unwrap_or_default();
                let services: String = services.iter().map(|(id, on)| format!("{}{id}", mark(on))).collect();
                format!("{id}:{letter}{revision}{day}{services}")
            }).collect();
            let choices = choices.join("~");
            let decision: Decision = serde_json::from_value(json!({
                "v": 1, "id": text, "time": time, "surface": "placeholder", "action": "withdraw-all", "language": text,
                "jurisdiction": "EU", "model": "NoticeOnly", "controller": text, "notice": "n", "layer": "l",
                "inView": in_view, "signals": signals, "choices": choices,
            })).unwrap();
            let jwk = EcJwk::new("x", "y");
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let details = Details {
                id: text.clone(),
                site: "demo".into(),
                subject: Some(jwk.thumbprint().to_string()),
                prev: some(&prev),
                about: some(&about),
                via: None,
            };
            let mut payload = Payload::new(&decision, details, |_| Some(LegalBasis::Consent)).unwrap();
            for answer in payload.purposes.iter_mut().filter(|a| !about.is_empty() && a.status == Status::Given) {
                answer.status = Status::Requested;
            }
            let signals: Vec<&str> = signals.iter().map(String::as_str).collect();
            let draft = Draft {
                id: &text, decision: &text, site: "demo", prev: &prev, time, surface: "placeholder",
                action: "withdraw-all", language: &text, jurisdiction: "EU", model: "NoticeOnly", controller: &text,
                notice: "n", layer: "l", in_view, signals: &signals, about: &about, choices: &choices,
            };
            let input = draft.signing_input(&jwk, |_| Some("Consent"));
            prop_assert_eq!(input, Some(signing_input(&jwk, &payload)));
        }
    }
}
