//! Newsletter and marketing for an address: from the form to the confirming click, and out again in one.

use axum::http::StatusCode;
use sayso_core::address::about;
use sayso_core::decision::{Action, Surface};
use sayso_core::digest::encode;
use sayso_core::jws::Compact;
use sayso_core::receipt::Payload;
use sayso_core::receipt::Via;
use sayso_core::record::Status;
use sayso_core::wire::AddressRequest;

use crate::visitor::{GIVEN, Visitor, decision, unsigned};
use crate::world::{Answer, World};

const PATH: &str = "/sayso/v1/addresses";
pub(crate) const ADA: &str = "ada@larkspur.example";
const SALT: [u8; 32] = [5; 32];
const DAY: u64 = 86_400_000;

fn request(email: &str) -> AddressRequest {
    AddressRequest {
        v: 1,
        email: email.to_owned(),
        salt: encode(&SALT),
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        company: None,
        topics: vec!["product".to_owned()],
        receipt: None,
        decision: None,
    }
}

/// A form's answer, signed in the browser.
pub(crate) fn signed(
    world: &World,
    visitor: &Visitor,
    email: &str,
    word: &str,
    action: Action,
    choices: &str,
) -> AddressRequest {
    let mut decision = decision(world, word, choices);
    decision.surface = Surface::Form;
    decision.action = action;
    decision.layer = world.site.edition(None, None).view_digest.to_string();
    let payload = visitor.payload(world, &decision, Some(about(&SALT, email).to_string()));
    AddressRequest {
        receipt: Some(visitor.sign(&payload)),
        ..request(email)
    }
}

pub(crate) async fn post(world: &World, request: &AddressRequest) -> Answer {
    world
        .post(PATH, serde_json::to_vec(request).expect("JSON"))
        .send()
        .await
}

pub(crate) async fn status(world: &World, email: &str, purpose: &str) -> Option<Status> {
    let address = world
        .site
        .ledger
        .address(email.to_owned())
        .await
        .expect("read")?;
    address
        .subscriptions
        .iter()
        .find(|s| s.purpose == purpose)
        .map(|s| s.status)
}

/// The payload of the newest receipt.
pub(crate) async fn newest(world: &World) -> Payload {
    let size = world.site.ledger.size().await.expect("read");
    let stored = world
        .site
        .ledger
        .by_index(size - 1)
        .await
        .expect("read")
        .expect("there");
    Compact::parse(&stored.jws)
        .and_then(|jws| jws.payload())
        .expect("a payload")
}

/// Ada's newsletter form.
pub(crate) fn subscription(world: &World, word: &str) -> AddressRequest {
    signed(
        world,
        &Visitor::new(),
        ADA,
        word,
        Action::Subscribe,
        "newsletter:g1",
    )
}

async fn subscribe(world: &World, word: &str) -> Answer {
    post(
        world,
        &signed(
            world,
            &Visitor::new(),
            ADA,
            word,
            Action::Subscribe,
            "newsletter:g1",
        ),
    )
    .await
}

#[tokio::test]
async fn a_newsletter_is_given_by_the_mailed_link_alone() {
    let world = World::new().await;
    let answer = subscribe(&world, "one").await;
    assert!(answer.result().countersigned.is_some());
    assert_eq!(
        status(&world, ADA, "newsletter").await,
        Some(Status::Requested)
    );

    let mails = world.mails().await;
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.header("To"), ADA);
    assert!(mail.header("From").contains("hello@larkspur.example"));
    assert_eq!(
        mail.header("List-Unsubscribe-Post"),
        "List-Unsubscribe=One-Click"
    );
    assert!(
        mail.header("List-Unsubscribe")
            .starts_with("<https://larkspur.example/sayso/unsubscribe?t=")
    );
    assert!(
        mail.header("Content-Type")
            .starts_with("multipart/alternative")
    );
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(
        !mail.text().contains("Lovelace"),
        "nothing of the form is mailed to an address that is not proved"
    );

    // Looking changes nothing, however often.
    let link = mail.path("confirm");
    for _ in 0..3 {
        let page = world.get(&link).send().await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("method=\"post\""), "{}", page.text());
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    assert_eq!(
        status(&world, ADA, "newsletter").await,
        Some(Status::Requested)
    );
    assert_eq!(world.site.ledger.size().await, Ok(1));

    world.advance(60_000);
    let token = link.split("t=").nth(1).expect("a token").to_owned();
    let form = format!("t={token}");
    let press = || {
        world
            .post("/sayso/confirm", form.clone())
            .without("origin")
            .send()
    };
    assert_eq!(press().await.status, StatusCode::OK);
    assert_eq!(status(&world, ADA, "newsletter").await, Some(Status::Given));
    let payload = newest(&world).await;
    assert_eq!(
        (payload.via, payload.action),
        (Some(Via::Link), Action::Confirm)
    );
    assert_eq!(payload.status("newsletter"), Some(Status::Given));
    assert_eq!(
        payload.decision,
        decision(&world, "one", "").id,
        "it names the form's decision"
    );
    assert_eq!(payload.about, Some(about(&SALT, ADA).to_string()));
    let ada = world
        .site
        .ledger
        .address(ADA.to_owned())
        .await
        .expect("read")
        .expect("there");
    assert_eq!(
        (
            ada.profile.first_name.as_str(),
            ada.profile.topics.as_slice()
        ),
        ("Ada", ["product".to_owned()].as_slice())
    );

    // Pressed twice it is confirmed, and recorded, once.
    assert_eq!(press().await.status, StatusCode::OK);
    assert_eq!(world.site.ledger.size().await, Ok(2));
    assert_eq!(world.get(&link).send().await.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_old_or_foreign_link_confirms_nothing() {
    let world = World::new().await;
    subscribe(&world, "one").await.result();
    let link = world.mails().await[0].path("confirm");
    let unsubscribe = world.mails().await[0].path("unsubscribe");
    let other = unsubscribe.replace("unsubscribe", "confirm");
    assert_eq!(
        world.post(&other, "").send().await.status,
        StatusCode::GONE,
        "a token of another kind"
    );
    for token in ["", "x", &encode(&[1; 32])] {
        let path = format!("/sayso/confirm?t={token}");
        assert_eq!(
            world.post(&path, "").send().await.status,
            StatusCode::GONE,
            "{token}"
        );
        assert_eq!(
            world.get(&path).send().await.status,
            StatusCode::GONE,
            "{token}"
        );
    }
    world.advance(3 * DAY);
    assert_eq!(world.post(&link, "").send().await.status, StatusCode::GONE);
    assert_eq!(
        status(&world, ADA, "newsletter").await,
        Some(Status::Requested)
    );
    assert_eq!(world.site.ledger.size().await, Ok(1));
}

#[tokio::test]
async fn one_click_ends_it_without_cookie_origin_or_redirect() {
    let world = World::new().await;
    subscribe(&world, "one").await.result();
    let mail = &world.mails().await[0];
    let (confirm, unsubscribe) = (mail.path("confirm"), mail.path("unsubscribe"));
    world.post(&confirm, "").send().await;
    assert_eq!(status(&world, ADA, "newsletter").await, Some(Status::Given));

    let page = world.get(&unsubscribe).send().await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        status(&world, ADA, "newsletter").await,
        Some(Status::Given),
        "mail scanners follow links"
    );

    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    for (media, body) in [
        (
            "application/x-www-form-urlencoded",
            "List-Unsubscribe=One-Click",
        ),
        ("multipart/form-data; boundary=x", multipart),
    ] {
        let ask = world
            .post(&unsubscribe, body)
            .without("origin")
            .with("content-type", media);
        assert_eq!(ask.send().await.status, StatusCode::OK);
        assert_eq!(
            status(&world, ADA, "newsletter").await,
            Some(Status::Withdrawn)
        );
    }
    assert_eq!(
        world.site.ledger.size().await,
        Ok(3),
        "again is no new receipt"
    );
    let payload = newest(&world).await;
    assert_eq!(
        (payload.via, payload.action),
        (Some(Via::OneClick), Action::Unsubscribe)
    );
    assert_eq!(payload.status("newsletter"), Some(Status::Withdrawn));
    // Years later it still ends it.
    world.advance(900 * DAY);
    assert_eq!(
        world
            .post(&unsubscribe, "List-Unsubscribe=One-Click")
            .send()
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_an_address_is_known() {
    let world = World::new().await;
    let shape = |answer: &Answer| {
        let outcome = answer.result();
        // A proof grows with the log, whoever asks.
        let proof = outcome
            .countersigned
            .as_ref()
            .and_then(|c| c.proof.as_ref());
        let proof = serde_json::to_string(&proof).expect("JSON").len();
        (
            answer.status,
            outcome.problem.is_none(),
            outcome.countersigned.is_some(),
            answer.body.len() - proof,
        )
    };
    let first = shape(&subscribe(&world, "one").await);
    world
        .post(&world.mails().await[0].path("confirm"), "")
        .send()
        .await;
    let second = shape(&subscribe(&world, "two").await);
    assert_eq!((first.0, first.1, first.2), (second.0, second.1, second.2));
    assert!(first.3.abs_diff(second.3) < 4, "{first:?} {second:?}");
    assert_eq!(
        status(&world, ADA, "newsletter").await,
        Some(Status::Given),
        "asking again ends nothing"
    );
}

#[tokio::test]
async fn nobody_is_flooded_because_others_type_their_address() {
    let world = World::new().await;
    for number in 0..12 {
        world.advance(1_000);
        subscribe(&world, &format!("number {number}"))
            .await
            .result();
    }
    assert_eq!(world.mails().await.len(), 5);
    assert_eq!(
        world.site.ledger.size().await,
        Ok(12),
        "every receipt is kept all the same"
    );
    world.advance(DAY);
    subscribe(&world, "next day").await.result();
    assert_eq!(world.mails().await.len(), 6);
}

#[tokio::test]
async fn without_a_signature_the_server_records_it() {
    let world = World::new().await;
    let mut decision = unsigned(&world, "form", "newsletter:g1");
    decision.layer = world.site.edition(Some("de"), None).view_digest.to_string();
    decision.action = Action::Subscribe;
    let form = AddressRequest {
        decision: Some(decision),
        ..request(" ADA@Larkspur.Example ")
    };
    let outcome = post(&world, &form).await.result();
    let verified = world.verify(&outcome).await;
    let payload = verified.receipt.payload();
    assert_eq!(
        (payload.via, payload.status("newsletter")),
        (Some(Via::Form), Some(Status::Requested))
    );
    assert_eq!(payload.about, Some(about(&SALT, ADA).to_string()));
    assert_eq!(
        status(&world, ADA, "newsletter").await,
        Some(Status::Requested)
    );
    // The letter and the page behind its link speak the form's language.
    let mail = &world.mails().await[0];
    assert!(mail.text().contains("lang=\"de\""), "{}", mail.text());
    assert!(
        world
            .get(&mail.path("confirm"))
            .send()
            .await
            .text()
            .contains("lang=\"de\"")
    );
    assert_eq!(
        world.post(&mail.path("confirm"), "").send().await.status,
        StatusCode::OK
    );
    assert_eq!(status(&world, ADA, "newsletter").await, Some(Status::Given));
}

#[tokio::test]
async fn forms_out_of_shape_are_refused_and_store_nothing() {
    let world = World::new().await;
    let visitor = Visitor::new();
    let good = signed(
        &world,
        &visitor,
        ADA,
        "one",
        Action::Subscribe,
        "newsletter:g1",
    );
    let device = signed(&world, &visitor, ADA, "device", Action::GiveAll, GIVEN);
    let nothing = AddressRequest {
        receipt: None,
        ..good.clone()
    };
    let both = AddressRequest {
        decision: Some(unsigned(&world, "both", "newsletter:g1")),
        ..good.clone()
    };
    let cases = [
        (
            "another address than the receipt's",
            AddressRequest {
                email: "eve@larkspur.example".into(),
                ..good.clone()
            },
        ),
        (
            "another salt",
            AddressRequest {
                salt: encode(&[6; 32]),
                ..good.clone()
            },
        ),
        (
            "a short salt",
            AddressRequest {
                salt: "AAAA".into(),
                ..good.clone()
            },
        ),
        (
            "no address",
            AddressRequest {
                email: "  ".into(),
                ..good.clone()
            },
        ),
        (
            "two lines",
            AddressRequest {
                first_name: Some("Ada\r\nBcc: eve@evil.example".into()),
                ..good.clone()
            },
        ),
        (
            "a long name",
            AddressRequest {
                company: Some("x".repeat(101)),
                ..good.clone()
            },
        ),
        (
            "an unknown topic",
            AddressRequest {
                topics: vec!["gossip".into()],
                ..good.clone()
            },
        ),
        (
            "another version",
            AddressRequest {
                v: 2,
                ..good.clone()
            },
        ),
        ("purposes of the device", device),
        ("neither receipt nor decision", nothing),
        ("both", both),
    ];
    for (what, form) in cases {
        println!("{what}");
        post(&world, &form).await.refused(400, "malformed");
    }
    let body = serde_json::to_vec(&good).expect("JSON");
    world
        .post(PATH, body.clone())
        .without("origin")
        .send()
        .await
        .refused(403, "origin");
    world
        .post(PATH, body)
        .with("origin", "https://evil.example")
        .send()
        .await
        .refused(403, "origin");
    assert_eq!(world.site.ledger.size().await, Ok(0));
    assert!(world.mails().await.is_empty());
}

#[tokio::test]
async fn the_same_form_again_is_one_receipt_and_one_mail() {
    let world = World::new().await;
    let form = signed(
        &world,
        &Visitor::new(),
        ADA,
        "one",
        Action::Subscribe,
        "newsletter:g1",
    );
    let first = post(&world, &form).await;
    let again = post(&world, &form).await;
    assert_eq!(first.body, again.body);
    assert_eq!(world.mails().await.len(), 1);
}
