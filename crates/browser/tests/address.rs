//! Decisions about addresses: what is posted, and what is remembered.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use sayso_browser::address::{Addresses, Answer, Answered, Form, FormError, Shown};
use sayso_browser::json::{self, Stored};
use sayso_core::address::{AddressError, about};
use sayso_core::digest;
use sayso_core::policy::{LegalBasis, PurposeId};
use sayso_core::record::Status;
use sayso_core::wire::AddressRequest;

const ID: &str = "019aa880-bafb-7052-b2cc-9f043d3c9660";

fn answered(id: &str, basis: LegalBasis, answer: Answer) -> Answered {
    Answered {
        id: PurposeId::new(id).unwrap(),
        revision: 2,
        basis,
        answer,
    }
}

fn newsletter(answer: Answer) -> Answered {
    answered("newsletter", LegalBasis::Consent, answer)
}

fn marketing(mail: Answer, partners: Answer) -> Vec<Answered> {
    vec![
        answered("partners", LegalBasis::LegitimateInterest, partners),
        answered("mail", LegalBasis::LegitimateInterest, mail),
    ]
}

fn form(answers: Vec<Answered>) -> Form {
    Form {
        email: " Ada@Example.ORG ".into(),
        answers,
        ..Form::default()
    }
}

fn shown() -> Shown {
    Shown {
        surface: "form",
        in_view: true,
        layer: "l".into(),
        ..Shown::default()
    }
}

#[test]
fn the_request_is_what_the_server_reads() {
    let form = Form {
        first_name: "Ada".into(),
        topics: vec!["news".into()],
        ..form(vec![newsletter(Answer::Ask)])
    };
    let prepared = form
        .prepare(&shown(), &Addresses::default(), ID, 5, [7; 32])
        .unwrap();
    let signed: AddressRequest = serde_json::from_str(&prepared.body(Some("a.b.c"))).unwrap();
    assert_eq!(signed.email, "Ada@Example.ORG");
    assert_eq!(signed.salt, digest::encode(&[7; 32]));
    assert_eq!(signed.first_name.as_deref(), Some("Ada"));
    assert_eq!((signed.last_name, signed.company), (None, None));
    assert_eq!(signed.topics, ["news"]);
    assert_eq!(signed.receipt.as_deref(), Some("a.b.c"));
    let unsigned: AddressRequest = serde_json::from_str(&prepared.body(None)).unwrap();
    let decision = unsigned.decision.unwrap();
    assert_eq!(decision.id, ID);
    assert_eq!(decision.choices, "newsletter:g2");
    assert!(decision.in_view);
    assert_eq!(
        prepared.about,
        about(&[7; 32], "ada@example.org").to_string()
    );
    assert_eq!(
        prepared.purposes,
        [("newsletter".to_owned(), "Consent".to_owned())]
    );
    assert!(prepared.asks());
}

#[test]
fn the_four_combinations_of_two_objections() {
    use Answer::{Leave, Object};
    let cases = [
        (Leave, Leave, "save", "mail:n2~partners:n2"),
        (Object, Leave, "object", "mail:o2~partners:n2"),
        (Leave, Object, "object", "mail:n2~partners:o2"),
        (Object, Object, "object", "mail:o2~partners:o2"),
    ];
    for (mail, partners, action, choices) in cases {
        let prepared = form(marketing(mail, partners))
            .prepare(&shown(), &Addresses::default(), ID, 5, [7; 32])
            .unwrap();
        assert_eq!(prepared.pending.choices, choices);
        assert_eq!(prepared.pending.event("").action, action);
        assert!(!prepared.asks());
        let mut addresses = Addresses::default();
        addresses.remember(&prepared);
        let stored = Addresses::read(&json::parse(&addresses.write()).unwrap());
        assert_eq!(stored, addresses);
        let status = |answer| match answer {
            Object => Status::Objected,
            _ => Status::Acknowledged,
        };
        let remembered = stored.find("ada@example.org").unwrap();
        assert_eq!(remembered.status("mail"), Some(status(mail)));
        assert_eq!(remembered.status("partners"), Some(status(partners)));
        assert!(!stored.asked());
    }
}

#[test]
fn lifting_an_objection_is_a_request() {
    use Answer::{Leave, Object};
    let mut addresses = Addresses::default();
    let objected = form(marketing(Object, Leave));
    addresses.remember(
        &objected
            .prepare(&shown(), &addresses, ID, 5, [7; 32])
            .unwrap(),
    );
    let lifted = form(marketing(Leave, Leave))
        .prepare(&shown(), &addresses, ID, 6, [8; 32])
        .unwrap();
    assert_eq!(lifted.pending.choices, "mail:g2~partners:n2");
    assert_eq!(lifted.pending.event("").action, "give");
    assert_eq!(
        lifted.about,
        about(&[7; 32], "ada@example.org").to_string(),
        "the salt of the address stays"
    );
    addresses.remember(&lifted);
    let remembered = addresses.find("ada@example.org").unwrap();
    assert_eq!(remembered.status("mail"), Some(Status::Requested));
}

#[test]
fn a_newsletter_leaves_objections_as_they_were() {
    let mut addresses = Addresses::default();
    for answers in [
        marketing(Answer::Object, Answer::Leave),
        vec![newsletter(Answer::Ask)],
    ] {
        let prepared = form(answers)
            .prepare(&shown(), &addresses, ID, 5, [7; 32])
            .unwrap();
        addresses.remember(&prepared);
    }
    let remembered = addresses.find("ada@example.org").unwrap();
    assert_eq!(remembered.status("mail"), Some(Status::Objected));
    assert_eq!(remembered.status("newsletter"), Some(Status::Requested));
    addresses.forget("ada@example.org");
    assert_eq!(addresses, Addresses::default());
}

#[test]
fn a_form_that_cannot_be_sent_says_why() {
    let prepare = |form: Form| form.prepare(&shown(), &Addresses::default(), ID, 5, [7; 32]);
    let no_address = Form {
        email: "ada".into(),
        ..form(vec![newsletter(Answer::Ask)])
    };
    assert_eq!(
        prepare(no_address),
        Err(FormError::Address(AddressError::Form))
    );
    assert_eq!(prepare(form(Vec::new())), Err(FormError::Nothing));
}
