//! Core against the golden vectors: every case in `vectors/`, made by an independent implementation.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

mod support;

use std::collections::BTreeMap;

use sayso_core::commitment::commitment;
use sayso_core::cookie::{Cookie, CookieError};
use sayso_core::countersignature;
use sayso_core::crypto::{EcJwk, Jwks};
use sayso_core::decision::Decision;
use sayso_core::digest::{decode, decode_array, encode};
use sayso_core::gate::GateConfig;
use sayso_core::log::note::VerifierKey;
use sayso_core::policy::LegalBasis;
use sayso_core::prompt::{Prompt, evaluate};
use sayso_core::receipt::{self, Details, Draft, Kind, Payload};
use sayso_core::record::{Record, Status};
use sayso_core::verify::{Countersigned, Demands, VerifyError, verify};
use sayso_core::{address, id, witness};
use serde::Deserialize;
use serde_json::Value;
use support::{Ring, read};

#[derive(Deserialize)]
struct CookieVectors {
    policies: BTreeMap<String, GateConfig>,
    parse: Vec<ParseCase>,
    prompt: Vec<PromptCase>,
    grid: Grid,
    merge: Vec<MergeCase>,
}

#[derive(Deserialize)]
struct ParseCase {
    text: String,
    error: Option<String>,
    cookie: Option<Value>,
    canonical: Option<String>,
}

#[derive(Deserialize)]
struct PromptCase {
    name: String,
    policy: String,
    cookie: Option<String>,
    gpc: bool,
    now: u64,
    purposes: BTreeMap<String, BTreeMap<String, bool>>,
    services: BTreeMap<String, bool>,
    ask: bool,
}

#[derive(Deserialize)]
struct Grid {
    now: u64,
    rows: Vec<(String, String, u8, String, String)>,
}

#[derive(Deserialize)]
struct MergeCase {
    name: String,
    a: String,
    b: String,
    merged: String,
}

#[test]
fn cookies_are_read_and_written_as_the_vectors_say() {
    for case in read::<CookieVectors>("cookie.json").parse {
        match Cookie::parse(&case.text) {
            Ok(cookie) => {
                assert_eq!(Some(shown(&cookie)), case.cookie, "{:?}", case.text);
                assert_eq!(Some(cookie.to_string()), case.canonical, "{:?}", case.text);
                assert_eq!(
                    Cookie::parse(&cookie.to_string()).as_ref(),
                    Ok(&cookie),
                    "{:?} does not come back",
                    case.text
                );
            }
            Err(error) => assert_eq!(Some(rule(error)), case.error.as_deref(), "{:?}", case.text),
        }
    }
}

fn rule(error: CookieError) -> &'static str {
    match error {
        CookieError::TooLong => "too-long",
        CookieError::Form => "form",
        CookieError::Time => "time",
        CookieError::Choice => "choice",
        CookieError::Twice => "twice",
    }
}

fn shown(cookie: &Cookie) -> Value {
    let choices: BTreeMap<_, _> = cookie
        .choices
        .iter()
        .map(|(purpose, choice)| {
            let letter = choice.letter.as_char().to_string();
            let services = serde_json::to_value(&choice.services).unwrap();
            let value = serde_json::json!({
                "letter": letter, "revision": choice.revision, "day": choice.day, "services": services
            });
            (purpose.to_string(), value)
        })
        .collect();
    serde_json::json!({ "time": cookie.time, "choices": choices })
}

#[test]
fn what_is_open_and_asked_is_as_the_vectors_say() {
    let vectors: CookieVectors = read("cookie.json");
    for case in vectors.prompt {
        let prompt = prompt(
            &vectors.policies[&case.policy],
            case.cookie.as_deref(),
            case.gpc,
            case.now,
        );
        for (purpose, expected) in &case.purposes {
            let answer = prompt
                .purposes
                .iter()
                .find(|(id, _)| id.as_str() == purpose)
                .unwrap()
                .1;
            let found = BTreeMap::from([
                ("open".to_owned(), answer.open),
                ("ask".to_owned(), answer.ask),
                ("newer".to_owned(), answer.newer),
            ]);
            assert_eq!(&found, expected, "{}: {purpose}", case.name);
        }
        let services: BTreeMap<_, _> = prompt
            .services
            .iter()
            .map(|(id, open)| (id.to_string(), *open))
            .collect();
        assert_eq!(services, case.services, "{}", case.name);
        assert_eq!(prompt.ask(), case.ask, "{}", case.name);
    }
}

#[test]
fn the_whole_grid_is_as_the_vectors_say() {
    let vectors: CookieVectors = read("cookie.json");
    for (policy, cookie, gpc, flags, services) in vectors.grid.rows {
        let prompt = prompt(
            &vectors.policies[&policy],
            Some(&cookie),
            gpc == 1,
            vectors.grid.now,
        );
        let answer = prompt
            .purposes
            .iter()
            .find(|(id, _)| id.as_str() == "analytics")
            .unwrap()
            .1;
        let flag = |on, letter| if on { letter } else { '-' };
        let found: String = [
            flag(answer.open, 'o'),
            flag(answer.ask, 'a'),
            flag(answer.newer, 'n'),
        ]
        .iter()
        .collect();
        let open: Vec<_> = ["pulse", "video"]
            .into_iter()
            .filter(|id| prompt.allows(id))
            .collect();
        assert_eq!(
            (found.as_str(), open.join(" ")),
            (flags.as_str(), services),
            "{policy} {cookie} gpc={gpc}"
        );
    }
}

fn prompt(config: &GateConfig, cookie: Option<&str>, gpc: bool, now: u64) -> Prompt {
    let cookie = cookie.and_then(|text| Cookie::parse(text).ok());
    evaluate(&config.policy(), cookie.as_ref(), gpc, now)
}

#[test]
fn two_states_become_the_one_that_the_vectors_say() {
    for case in read::<CookieVectors>("cookie.json").merge {
        let (a, b) = (
            Cookie::parse(&case.a).unwrap(),
            Cookie::parse(&case.b).unwrap(),
        );
        assert_eq!(
            a.clone().merge(b.clone()).to_string(),
            case.merged,
            "{}",
            case.name
        );
        assert_eq!(
            b.merge(a).to_string(),
            case.merged,
            "{}, the other way round",
            case.name
        );
    }
}

#[derive(Deserialize)]
struct RecordVectors {
    cases: Vec<RecordCase>,
}

#[derive(Deserialize)]
struct RecordCase {
    name: String,
    before: Option<Record>,
    decisions: Vec<Decision>,
    after: Value,
    today: u32,
    statuses: BTreeMap<String, Status>,
}

#[test]
fn decisions_set_the_statuses_that_the_vectors_say() {
    for case in read::<RecordVectors>("record.json").cases {
        let mut record = case.before.unwrap_or_default();
        for decision in &case.decisions {
            record.apply(decision).unwrap();
        }
        assert_eq!(
            serde_json::to_value(&record).unwrap(),
            case.after,
            "{}",
            case.name
        );
        for (purpose, status) in case.statuses {
            assert_eq!(
                record.status(&purpose, case.today),
                status,
                "{}: {purpose}",
                case.name
            );
        }
    }
}

#[derive(Deserialize)]
struct ReceiptVectors {
    jwks: Jwks,
    witnesses: Vec<String>,
    cases: Vec<ReceiptCase>,
    refused: Vec<RefusedCase>,
    addresses: Vec<AddressCase>,
    ids: Vec<IdCase>,
}

impl ReceiptVectors {
    fn witnesses(&self) -> Vec<VerifierKey> {
        let parse = |key: &String| VerifierKey::parse(key).unwrap();
        self.witnesses.iter().map(parse).collect()
    }
}

#[derive(Deserialize)]
struct ReceiptCase {
    name: String,
    decision: Decision,
    basis: BTreeMap<String, LegalBasis>,
    header: String,
    payload: String,
    signing_input: String,
    jws: String,
    receipt_hash: String,
    subject: Option<String>,
    salt: String,
    commitment: String,
    countersignature_payload: String,
    file: Countersigned,
}

#[derive(Deserialize)]
struct RefusedCase {
    name: String,
    code: String,
    file: String,
    /// How many of the witnesses are asked for; none unless said.
    #[serde(default)]
    quorum: usize,
    /// The site's keys, where they are others than usual.
    jwks: Option<Jwks>,
}

#[derive(Deserialize)]
struct AddressCase {
    typed: String,
    normalised: Option<String>,
    salt: Option<String>,
    about: Option<String>,
}

#[derive(Deserialize)]
struct IdCase {
    time: u64,
    random: String,
    uuid: String,
}

#[test]
fn receipts_are_written_byte_for_byte_as_the_vectors_say() {
    for case in read::<ReceiptVectors>("receipt.json").cases {
        let payload: Payload = serde_json::from_str(&case.payload).unwrap();
        assert_eq!(
            String::from_utf8(payload.to_bytes()).unwrap(),
            case.payload,
            "{}",
            case.name
        );

        let header: Value = serde_json::from_str(&case.header).unwrap();
        let input = if payload.via.is_none() {
            let jwk: EcJwk = serde_json::from_value(header["jwk"].clone()).unwrap();
            assert_eq!(
                Some(jwk.thumbprint().to_string()),
                case.subject,
                "{}",
                case.name
            );
            receipt::signing_input(&jwk, &payload)
        } else {
            witness::signing_input(header["kid"].as_str().unwrap(), &payload)
        };
        assert_eq!(input, case.signing_input, "{}", case.name);

        let statement: countersignature::Statement =
            serde_json::from_str(&case.countersignature_payload).unwrap();
        let signed = countersignature::Parsed::read(&case.file.countersignature).unwrap();
        assert_eq!(signed.statement(), &statement, "{}", case.name);
        let kid = read::<ReceiptVectors>("receipt.json").jwks.keys[0]
            .kid
            .clone();
        let input = countersignature::signing_input(&kid, &statement);
        assert!(
            case.file.countersignature.starts_with(&format!("{input}.")),
            "{}",
            case.name
        );
    }
}

#[test]
fn decisions_become_the_payloads_that_the_vectors_say() {
    for case in read::<ReceiptVectors>("receipt.json").cases {
        let expected: Payload = serde_json::from_str(&case.payload).unwrap();
        let details = Details {
            id: expected.id.clone(),
            site: expected.site.clone(),
            subject: expected.subject.clone(),
            prev: expected.prev.clone(),
            about: expected.about.clone(),
            via: expected.via,
        };
        let basis = |id: &str| case.basis.get(id).copied();
        let mut made = Payload::new(&case.decision, details, basis).unwrap();
        for (answer, expected) in made.purposes.iter_mut().zip(&expected.purposes) {
            // Whether a yes for an address is confirmed is not for the decision to say.
            if answer.status == Status::Given && expected.status == Status::Requested {
                answer.status = Status::Requested;
            }
        }
        assert_eq!(
            String::from_utf8(made.to_bytes()).unwrap(),
            case.payload,
            "{}",
            case.name
        );
    }
}

#[test]
fn the_browsers_way_of_writing_gives_the_same_signing_inputs() {
    for case in read::<ReceiptVectors>("receipt.json").cases {
        if case.subject.is_none() {
            continue;
        }
        let header: Value = serde_json::from_str(&case.header).unwrap();
        let jwk: EcJwk = serde_json::from_value(header["jwk"].clone()).unwrap();
        let payload: Value = serde_json::from_str(&case.payload).unwrap();
        let text = |name: &str| payload[name].as_str().unwrap_or_default();
        let signals: Vec<&str> = case.decision.signals.iter().map(String::as_str).collect();
        let basis: BTreeMap<&str, String> = case
            .basis
            .iter()
            .map(|(id, basis)| (id.as_str(), word(basis)))
            .collect();
        let draft = Draft {
            id: text("id"),
            decision: &case.decision.id,
            site: text("site"),
            prev: text("prev"),
            time: case.decision.time,
            surface: &word(&case.decision.surface),
            action: &word(&case.decision.action),
            language: &case.decision.language,
            jurisdiction: &case.decision.jurisdiction,
            model: &word(&case.decision.model),
            controller: &case.decision.controller,
            notice: &case.decision.notice,
            layer: &case.decision.layer,
            in_view: case.decision.in_view,
            signals: &signals,
            about: text("about"),
            choices: &case.decision.choices,
        };
        let input = draft.signing_input(&jwk, |id| basis.get(id).map(String::as_str));
        assert_eq!(input, Some(case.signing_input), "{}", case.name);
    }
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn receipts_verify_with_the_hash_and_commitment_that_the_vectors_say() {
    let vectors: ReceiptVectors = read("receipt.json");
    for case in vectors.cases {
        let file = serde_json::to_vec(&case.file).unwrap();
        let verified = verify(&file, &vectors.jwks, &Demands::default(), &Ring)
            .unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let kind = if case.subject.is_some() {
            Kind::Signed
        } else {
            Kind::Witnessed
        };
        assert_eq!(verified.receipt.kind(), kind, "{}", case.name);
        assert_eq!(verified.receipt.jws(), case.jws, "{}", case.name);
        assert_eq!(
            verified.receipt.receipt_hash().to_string(),
            case.receipt_hash,
            "{}",
            case.name
        );
        let salt = decode_array::<32>(&case.salt).unwrap();
        assert_eq!(
            commitment(&salt, &case.jws).to_string(),
            case.commitment,
            "{}",
            case.name
        );
        assert_eq!(
            verified.statement.commitment, case.commitment,
            "{}",
            case.name
        );
    }
}

#[test]
fn altered_files_are_refused_for_the_reason_that_the_vectors_say() {
    let vectors: ReceiptVectors = read("receipt.json");
    let witnesses = vectors.witnesses();
    for case in vectors.refused {
        let demands = Demands {
            witnesses: &witnesses,
            quorum: case.quorum,
        };
        let keys = case.jwks.as_ref().unwrap_or(&vectors.jwks);
        match verify(case.file.as_bytes(), keys, &demands, &Ring) {
            Ok(_) => panic!("{}: accepted", case.name),
            Err(error) => assert_eq!(code(&error), case.code, "{}: {error}", case.name),
        }
    }
}

fn code(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::File(_) => "file",
        VerifyError::Duplicate { .. } => "duplicate",
        VerifyError::Receipt(_) => "receipt",
        VerifyError::ReceiptSignature => "receipt-signature",
        VerifyError::Subject => "subject",
        VerifyError::Countersignature(_) => "countersignature",
        VerifyError::UnknownKey(_) => "unknown-key",
        VerifyError::CountersignatureSignature => "countersignature-signature",
        VerifyError::OtherReceipt => "other-receipt",
        VerifyError::Salt => "salt",
        VerifyError::NoProof => "no-proof",
        VerifyError::Proof(_) => "proof",
        VerifyError::OtherIndex { .. } => "other-index",
        VerifyError::OtherLog { .. } => "other-log",
        VerifyError::NoLogKey | VerifyError::CheckpointSignature => "checkpoint-signature",
        VerifyError::Inclusion => "inclusion",
        VerifyError::Quorum { .. } => "quorum",
        VerifyError::KeyTime { .. } => "key-time",
    }
}

#[test]
fn no_byte_of_a_countersigned_receipt_can_be_changed() {
    let vectors: ReceiptVectors = read("receipt.json");
    let witnesses = vectors.witnesses();
    // Asked for both witnesses: a signature line that nobody asks about could be changed unnoticed, and may.
    let demands = Demands {
        witnesses: &witnesses,
        quorum: witnesses.len(),
    };
    let of_kind = |signed| {
        vectors
            .cases
            .iter()
            .find(|case| case.subject.is_some() == signed)
            .unwrap()
    };
    for case in [of_kind(true), of_kind(false)] {
        for member in ["receipt", "salt", "countersignature", "proof"] {
            let honest = serde_json::to_value(&case.file).unwrap();
            let text = honest[member].as_str().unwrap();
            for (place, byte) in text.bytes().enumerate() {
                // Its neighbour one bit away.
                let mut changed = text.as_bytes().to_vec();
                changed[place] = byte ^ 1;
                let mut file = honest.clone();
                file[member] = String::from_utf8_lossy(&changed).into_owned().into();
                let verified = verify(file.to_string().as_bytes(), &vectors.jwks, &demands, &Ring);
                assert!(
                    verified.is_err(),
                    "{}: byte {place} of the {member} was changed unnoticed",
                    case.name
                );
            }
        }
    }
}

#[test]
fn addresses_are_spelt_and_named_as_the_vectors_say() {
    for case in read::<ReceiptVectors>("receipt.json").addresses {
        let normalised = address::normalise(&case.typed).ok();
        assert_eq!(normalised, case.normalised, "{:?}", case.typed);
        if let (Some(normalised), Some(salt)) = (normalised, case.salt) {
            let about = address::about(&decode_array(&salt).unwrap(), &normalised);
            assert_eq!(Some(about.to_string()), case.about, "{:?}", case.typed);
        }
    }
}

#[test]
fn ids_are_made_as_the_vectors_say() {
    for case in read::<ReceiptVectors>("receipt.json").ids {
        let random: [u8; 10] = decode(&case.random).unwrap().try_into().unwrap();
        assert_eq!(id::uuid_v7(case.time, random), case.uuid);
        assert_eq!(id::time_of(&case.uuid), Some(case.time));
        assert_eq!(encode(&random), case.random);
    }
}
