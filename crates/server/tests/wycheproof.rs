//! Project Wycheproof's signatures against the verifier that the server uses: ECDSA on P-256 as `r ‖ s`, Ed25519, and
//! JSON Web Signatures against our own strict reader.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use sayso_core::crypto::{EcJwk, Verifier};
use sayso_core::digest::{decode_array, encode};
use sayso_core::jws::Compact;
use sayso_server::crypto::RingVerifier;
use serde::Deserialize;
use wycheproof::TestResult;

/// What came of a set.
#[derive(Debug, Default, PartialEq)]
struct Count {
    accepted: usize,
    refused: usize,
}

impl Count {
    fn note(&mut self, accepted: bool) {
        if accepted {
            self.accepted += 1;
        } else {
            self.refused += 1;
        }
    }
}

/// A signature on its way through our reader, where only 64 bytes pass.
fn fixed(signature: &[u8]) -> Option<[u8; 64]> {
    let text = format!("e30.e30.{}", encode(signature));
    Compact::parse(&text).ok().map(|jws| *jws.signature())
}

#[test]
fn ecdsa_on_p256() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let set = TestSet::load(TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let mut count = Count::default();
    for group in &set.test_groups {
        let point: [u8; 65] = group.key.key.as_slice().try_into().unwrap();
        let jwk = EcJwk::new(&encode(&point[1..33]), &encode(&point[33..]));
        assert_eq!(jwk.point(), Some(point));
        for test in &group.tests {
            let accepted = fixed(&test.sig)
                .is_some_and(|signature| RingVerifier.es256(&point, &test.msg, &signature));
            assert_eq!(
                accepted,
                test.result == TestResult::Valid,
                "{}: {}",
                test.tc_id,
                test.comment
            );
            count.note(accepted);
        }
    }
    println!("ECDSA P-256, r ‖ s: {count:?}");
    assert!(count.accepted > 100 && count.refused > 80, "{count:?}");
}

#[test]
fn ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut count = Count::default();
    for group in &set.test_groups {
        let key: [u8; 32] = group.key.pk.as_slice().try_into().unwrap();
        for test in &group.tests {
            let accepted = fixed(&test.sig)
                .is_some_and(|signature| RingVerifier.ed25519(&key, &test.msg, &signature));
            assert_eq!(
                accepted,
                test.result == TestResult::Valid,
                "{}: {}",
                test.tc_id,
                test.comment
            );
            count.note(accepted);
        }
    }
    println!("Ed25519: {count:?}");
    assert!(count.accepted > 60 && count.refused > 50, "{count:?}");
}

/// Where our reader refuses what Wycheproof calls valid, and why that is meant.
const STRICTER: [(&str, &str); 3] = [
    (
        "HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES384 ES512 ES521 ES256K",
        "receipts are signed with ES256 and statements with Ed25519, and with nothing else",
    ),
    ("EdDSA", "deprecated by RFC 9864: the header says Ed25519"),
    (
        "JsonSerialization",
        "a receipt is one compact text, so that its bytes can be kept and named",
    ),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JwsSet {
    number_of_tests: usize,
    test_groups: Vec<JwsGroup>,
}

#[derive(Deserialize)]
struct JwsGroup {
    comment: String,
    public: Option<serde_json::Value>,
    private: Option<serde_json::Value>,
    tests: Vec<JwsTest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JwsTest {
    tc_id: usize,
    comment: String,
    jws: serde_json::Value,
    result: String,
    flags: Vec<String>,
}

/// What any of our shapes does with a text: the form, then the algorithm, pinned beforehand, then the signature.
fn verifies(text: &str, key: &serde_json::Value) -> bool {
    #[derive(Deserialize)]
    struct Header {
        alg: String,
    }
    let Ok(jws) = Compact::parse(text) else {
        return false;
    };
    let Ok(header) = jws.header::<Header>() else {
        return false;
    };
    let member = |name: &str| key[name].as_str().unwrap_or_default();
    // Our own keys say what they are for, and a receipt's key may say nothing else.
    if !["", "sig"].contains(&member("use")) || key.get("key_ops").is_some() {
        return false;
    }
    let message = jws.signing_input().as_bytes();
    match (member("kty"), member("crv"), header.alg.as_str()) {
        ("EC", "P-256", "ES256") => EcJwk::new(member("x"), member("y"))
            .point()
            .is_some_and(|point| RingVerifier.es256(&point, message, jws.signature())),
        ("OKP", "Ed25519", "Ed25519") => decode_array(member("x"))
            .is_some_and(|point| RingVerifier.ed25519(&point, message, jws.signature())),
        _ => false,
    }
}

fn reason_to_be_stricter(group: &JwsGroup, test: &JwsTest) -> Option<&'static str> {
    let key = group.public.as_ref().or(group.private.as_ref())?;
    let alg = key["alg"].as_str().unwrap_or_default();
    let applies = |words: &str| {
        words
            .split(' ')
            .any(|word| word == alg || test.flags.iter().any(|flag| flag == word))
    };
    STRICTER
        .iter()
        .find(|(words, _)| applies(words))
        .map(|(_, why)| *why)
}

#[test]
fn json_web_signatures() {
    use wycheproof_ng_kdf_jose::json_web::TestName;
    let count = check_jws(TestName::JsonWebSignature.json_data()).unwrap();
    println!("JSON Web Signatures: {count:?}");
    assert!(count.accepted > 0 && count.refused > 300, "{count:?}");
}

/// How many were accepted and refused, or the first case that was judged wrongly.
fn check_jws(text: &str) -> Result<Count, String> {
    let set: JwsSet = serde_json::from_str(text).unwrap();
    let tests = |group: &JwsGroup| group.tests.len();
    assert_eq!(
        set.test_groups.iter().map(tests).sum::<usize>(),
        set.number_of_tests
    );
    let mut count = Count::default();
    for group in &set.test_groups {
        let Some(key) = group.public.as_ref().or(group.private.as_ref()) else {
            panic!("{}: a group without a key", group.comment);
        };
        for test in &group.tests {
            // The JSON serialisation is an object: not a text at all.
            let accepted = test.jws.as_str().is_some_and(|jws| verifies(jws, key));
            let place = format!("{} {}: {}", group.comment, test.tc_id, test.comment);
            match (accepted, test.result.as_str()) {
                (true, "invalid") => return Err(format!("{place}: accepted")),
                (false, "valid") => match reason_to_be_stricter(group, test) {
                    Some(why) => println!("{place}: refused on purpose: {why}"),
                    None => return Err(format!("{place}: refused")),
                },
                _ => {}
            }
            count.note(accepted);
        }
    }
    Ok(count)
}

/// The reading of that file's form, on a file of our own: it would be quiet if it read nothing.
#[test]
fn a_file_of_that_form_is_read_and_judged() {
    let vectors = include_str!("../../../vectors/receipt.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let header: serde_json::Value =
        serde_json::from_str(vectors["cases"][0]["header"].as_str().unwrap()).unwrap();
    let honest = vectors["cases"][0]["jws"].as_str().unwrap();
    let (input, signature) = honest.rsplit_once('.').unwrap();
    let set = |tests: serde_json::Value, key: serde_json::Value| {
        serde_json::json!({
            "numberOfTests": tests.as_array().unwrap().len(),
            "testGroups": [{ "comment": "ours", "public": key, "tests": tests }],
        })
        .to_string()
    };
    let test = |jws: &str, result: &str| serde_json::json!({ "tcId": 1, "comment": "", "jws": jws, "result": result, "flags": [] });
    let key = header["jwk"].clone();
    let judged = check_jws(&set(
        serde_json::json!([
            test(honest, "valid"),
            test(input, "invalid"),
            test(&format!("{honest}."), "invalid"),
            test(&format!("{input}.A{}", &signature[1..]), "invalid"),
        ]),
        key.clone(),
    ))
    .unwrap();
    assert_eq!((judged.accepted, judged.refused), (1, 3));

    let accepting_is_seen = set(serde_json::json!([test(honest, "invalid")]), key.clone());
    assert!(check_jws(&accepting_is_seen).is_err());
    let refusing_is_seen = set(serde_json::json!([test(input, "valid")]), key.clone());
    assert!(check_jws(&refusing_is_seen).is_err());
    // Another algorithm may be refused, and is.
    let other = serde_json::json!({ "kty": "oct", "alg": "HS256", "k": "AAAA" });
    let judged = check_jws(&set(serde_json::json!([test(honest, "valid")]), other)).unwrap();
    assert_eq!((judged.accepted, judged.refused), (0, 1));
}
