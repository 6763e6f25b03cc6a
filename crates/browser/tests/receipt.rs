//! From a decision to its signing input, and from a countersigned receipt to the history.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use sayso_browser::answer::{Accepted, Refusal};
use sayso_browser::countersigned::is_sound;
use sayso_browser::history::{ReceiptState, files, items};
use sayso_browser::json::{self, Object, Stored, Value};
use sayso_browser::local::Local;
use sayso_browser::outbox::{Kind, Left, Outbox, Waiting};
use sayso_browser::pending::Pending;
use sayso_browser::shelf::{Kept, MAX_ENTRIES, Shelf};
use sayso_browser::signing::{Mark, Site, erasure_input};
use sayso_core::commitment::commitment;
use sayso_core::crypto::EcJwk;
use sayso_core::decision::{Action, Decision, Surface};
use sayso_core::digest::{encode, sha256};
use sayso_core::erasure;
use sayso_core::policy::LegalBasis;
use sayso_core::receipt::{Details, Payload, signing_input};
use sayso_core::record::Status;
use sayso_core::wire::UnsignedDecision;

const DECISION: &str = r#"{"v":1,"id":"019aa880-bafb-71fe-b993-27dcf57a4dc6","time":1763763600123,"surface":"banner",
    "action":"give-all","language":"en","jurisdiction":"EU","model":"OptIn","controller":"larkspur-eu","notice":"n",
    "layer":"l","inView":true,"signals":["gpc"],"choices":"analytics:g1.fic+video~media:r2.fic"}"#;
const CONFIG: &str = r#"{"v":1,"site":"demo","purposes":[{"id":"analytics","revision":1,"basis":"Consent"},
    {"id":"media","revision":2,"basis":"LegitimateInterest"}]}"#;

fn pending() -> Pending {
    Pending::read(&json::parse(DECISION).unwrap()).unwrap()
}

#[test]
fn the_signing_input_is_cores() {
    let jwk = EcJwk::new("x", "y");
    let mark = Mark {
        id: "r".into(),
        prev: "p".into(),
        about: String::new(),
    };
    let input = pending().signing_input(&Site::read(CONFIG), &mark, &jwk);
    let decision: Decision = serde_json::from_str(DECISION).unwrap();
    let details = Details {
        id: "r".into(),
        site: "demo".into(),
        subject: Some(jwk.thumbprint().to_string()),
        prev: Some("p".into()),
        ..Details::default()
    };
    let basis = |id: &str| match id {
        "analytics" => Some(LegalBasis::Consent),
        _ => Some(LegalBasis::LegitimateInterest),
    };
    let payload = Payload::new(&decision, details, basis).unwrap();
    assert_eq!(input, Some(signing_input(&jwk, &payload)));
    let other = Site {
        id: "demo".into(),
        ..Site::default()
    };
    assert_eq!(pending().signing_input(&other, &mark, &jwk), None);
}

#[test]
fn what_cannot_be_signed_is_told_as_the_server_reads_it() {
    let told: UnsignedDecision = serde_json::from_str(&pending().unsigned()).unwrap();
    assert_eq!(told.id, pending().id);
    assert_eq!(told.signals, ["gpc"]);
    assert_eq!(
        (told.surface, told.action, told.in_view),
        (Surface::Banner, Action::GiveAll, true)
    );
}

#[test]
fn the_gates_list_is_read_oldest_first_without_what_is_broken() {
    let list = r#"[{"id":"b","time":2},7,{"time":1},{"id":"c","time":3},{"id":"a","time":1}]"#;
    let ids: Vec<_> = Pending::list(list).into_iter().map(|p| p.id).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert!(Pending::list("nonsense").is_empty());
}

const RECEIPT: &str = "eyJ0eXAiOiJjb25zZW50LXJlY2VpcHQrandzIn0.e30.c2ln";

fn file(receipt: &str, salt: &[u8; 32], hash: &str, typ: &str) -> Value {
    let header = encode(format!(r#"{{"typ":"{typ}","alg":"Ed25519","kid":"k"}}"#).as_bytes());
    let statement = Object::new()
        .text("receipt_hash", hash)
        .text("commitment", &commitment(salt, receipt).to_string())
        .number("received", 99)
        .end();
    let text = Object::new()
        .number("v", 1)
        .text("receipt", receipt)
        .text("salt", &encode(salt))
        .text(
            "countersignature",
            &format!("{header}.{}.c2ln", encode(statement.as_bytes())),
        )
        .end();
    json::parse(&text).unwrap()
}

fn hash(receipt: &str) -> String {
    sha256(receipt.rsplit_once('.').unwrap().0.as_bytes()).to_string()
}

const TYP: &str = "consent-countersignature+jws";

#[test]
fn a_request_to_erase_is_cores() {
    let jwk = EcJwk::new("x", "y");
    let payload = erasure::Payload {
        v: erasure::VERSION,
        id: "i\n".into(),
        site: "s".into(),
        subject: jwk.thumbprint().to_string(),
        time: 7,
    };
    assert_eq!(
        erasure_input("s", "i\n", 7, &jwk),
        erasure::signing_input(&jwk, &payload)
    );
}

#[test]
fn only_a_sound_file_about_what_was_sent_is_kept() {
    let good = file(RECEIPT, &[1; 32], &hash(RECEIPT), TYP);
    let resigned = format!("{}.YWx0ZXJlZA", RECEIPT.rsplit_once('.').unwrap().0);
    let mut salted = good.clone();
    if let Value::Object(members) = &mut salted {
        members[2].1 = Value::Text(encode(&[2; 32]));
    }
    let cases = [
        (good.clone(), Some(RECEIPT), true),
        (good.clone(), Some(resigned.as_str()), true),
        (good.clone(), None, true),
        (good, Some("e30.e30.c2ln"), false),
        (salted, Some(RECEIPT), false),
        (file(RECEIPT, &[1; 32], "else", TYP), Some(RECEIPT), false),
        (
            file(RECEIPT, &[1; 32], &hash(RECEIPT), "other"),
            Some(RECEIPT),
            false,
        ),
        (Value::Null, None, false),
    ];
    for (file, sent, sound) in cases {
        assert_eq!(is_sound(&file, sent), sound, "{file:?}");
    }
}

fn waiting(pending: &Pending, id: &str) -> Waiting {
    Waiting::new(pending, id.into(), Kind::Receipt, RECEIPT.into(), true, 0)
}

#[test]
fn the_history_says_how_far_each_receipt_has_come() {
    let pending = pending();
    let mut local = Local::default();
    local.note(pending.event(""));
    let file = file(RECEIPT, &[1; 32], &hash(RECEIPT), TYP).write();
    let kept = |outcome| {
        let waiting = waiting(&pending, "r");
        Shelf(vec![Kept::new(Left { waiting, outcome })])
    };
    let refusal = Refusal::local("conflict", "");
    let cases = [
        (
            vec![waiting(&pending, "r")],
            Shelf::default(),
            ReceiptState::Waiting,
        ),
        (vec![], Shelf::default(), ReceiptState::Sent),
        (vec![], kept(Ok(Accepted(None))), ReceiptState::Sent),
        (
            vec![],
            kept(Ok(Accepted(Some(file)))),
            ReceiptState::Countersigned {
                witnessed: false,
                received: 99,
            },
        ),
        (
            vec![],
            kept(Err(refusal.clone())),
            ReceiptState::Refused(refusal),
        ),
    ];
    for (outbox, shelf, state) in cases {
        let items = items(&local, &[], &Outbox(outbox), &shelf);
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].state, state);
        assert_eq!(items[0].decision, pending.id);
        assert_eq!(items[0].statuses[0].1, Status::Given);
        let stored = Shelf::read(&json::parse(&shelf.write()).unwrap());
        assert_eq!(stored, shelf);
        let has_file = matches!(state, ReceiptState::Countersigned { .. });
        assert_eq!(
            files(&stored, Some(&pending.id)).count(),
            usize::from(has_file)
        );
    }
    let unsettled = items(
        &Local::default(),
        &[pending],
        &Outbox::default(),
        &Shelf::default(),
    );
    assert_eq!(unsettled[0].state, ReceiptState::Waiting);
}

#[test]
fn the_receipts_kept_are_bounded() {
    let mut shelf = Shelf::default();
    for n in 0..MAX_ENTRIES + 5 {
        let waiting = waiting(&pending(), &n.to_string());
        shelf.put(Kept::new(Left {
            waiting,
            outcome: Ok(Accepted(None)),
        }));
    }
    assert_eq!(shelf.0.len(), MAX_ENTRIES);
    assert_eq!(shelf.0[0].id, "5");
}
