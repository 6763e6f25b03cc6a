//! Marketing for an address: two objections that stand apart and that no banner touches.

use axum::http::StatusCode;
use sayso_core::decision::Action;
use sayso_core::record::Status;

use crate::address::{ADA, newest, post, signed, status};
use crate::visitor::{Visitor, body};
use crate::world::World;

#[tokio::test]
async fn both_objections_stand_apart_in_all_four_combinations() {
    let world = World::new().await;
    for (mail, sharing) in [(false, false), (true, false), (false, true), (true, true)] {
        let email = format!("person-{mail}-{sharing}@larkspur.example");
        let letter = |objects: bool| if objects { 'o' } else { 'n' };
        let choices = format!(
            "marketing-mail:{}1~partner-sharing:{}1",
            letter(mail),
            letter(sharing)
        );
        let form = signed(
            &world,
            &Visitor::new(),
            &email,
            &email,
            Action::Object,
            &choices,
        );
        let before = world.mails().await.len();
        let outcome = post(&world, &form).await.result();
        assert!(outcome.countersigned.is_some());
        let expected = |objects: bool| {
            Some(if objects {
                Status::Objected
            } else {
                Status::Acknowledged
            })
        };
        assert_eq!(
            status(&world, &email, "marketing-mail").await,
            expected(mail)
        );
        assert_eq!(
            status(&world, &email, "partner-sharing").await,
            expected(sharing)
        );
        let payload = newest(&world).await;
        assert_eq!(payload.status("marketing-mail"), expected(mail));
        assert_eq!(payload.status("partner-sharing"), expected(sharing));
        let noted = world.mails().await.len() - before;
        assert_eq!(
            noted,
            usize::from(mail || sharing),
            "a notice is mailed where something was objected to"
        );

        // Accepting all on the first layer touches neither.
        let receipt = Visitor::new().receipt(&world, &format!("banner of {email}"));
        world
            .post("/sayso/v1/receipts", body(None, &[&receipt], &[]))
            .send()
            .await
            .result();
        assert_eq!(
            status(&world, &email, "marketing-mail").await,
            expected(mail)
        );
    }
}

#[tokio::test]
async fn an_objection_is_lifted_by_the_mailed_link_alone() {
    let world = World::new().await;
    let visitor = Visitor::new();
    post(
        &world,
        &signed(
            &world,
            &visitor,
            ADA,
            "no",
            Action::Object,
            "marketing-mail:o1",
        ),
    )
    .await
    .result();
    post(
        &world,
        &signed(
            &world,
            &visitor,
            ADA,
            "seen",
            Action::Save,
            "marketing-mail:n1",
        ),
    )
    .await
    .result();
    assert_eq!(
        status(&world, ADA, "marketing-mail").await,
        Some(Status::Objected)
    );
    post(
        &world,
        &signed(
            &world,
            &visitor,
            ADA,
            "yes",
            Action::Give,
            "marketing-mail:g1",
        ),
    )
    .await
    .result();
    assert_eq!(
        status(&world, ADA, "marketing-mail").await,
        Some(Status::Objected)
    );
    let link = world.mails().await.last().expect("a mail").path("confirm");
    assert_eq!(world.post(&link, "").send().await.status, StatusCode::OK);
    assert_eq!(
        status(&world, ADA, "marketing-mail").await,
        Some(Status::Acknowledged)
    );
}
