//! What the log says of a whole subscription: the routes, and nothing of the person.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use sayso_core::address::about;
use sayso_core::decision::Action;
use sayso_core::digest::encode;
use sayso_core::wire::AddressRequest;
use sayso_server::log::is_own;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};

use crate::visitor::{Visitor, body, decision};
use crate::world::World;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_personal_data_reaches_the_log() {
    let lines = Lines::default();
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(lines.clone());
    // Everything of ours, down to the finest; libraries never, as in a real start.
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(filter_fn(is_own)));
    // For the whole process: the other tests' lines are held to the same.
    tracing::subscriber::set_global_default(subscriber).expect("the only one");
    let secrets = async {
        let world = World::new().await;
        let visitor = Visitor::new();
        let salt = [5; 32];
        let email = "ada.lovelace@larkspur.example";
        let mut form = decision(&world, "one", "newsletter:g1");
        form.action = Action::Subscribe;
        let receipt =
            visitor.sign(&visitor.payload(&world, &form, Some(about(&salt, email).to_string())));
        let request = AddressRequest {
            v: 1,
            email: email.to_owned(),
            salt: encode(&salt),
            first_name: Some("Augusta".to_owned()),
            last_name: None,
            company: None,
            topics: Vec::new(),
            receipt: Some(receipt.clone()),
            decision: None,
        };
        let posted = world
            .post(
                "/sayso/v1/addresses",
                serde_json::to_vec(&request).expect("JSON"),
            )
            .with("user-agent", "Mozilla/5.0 (Tell-Tale)")
            .with("x-forwarded-for", "203.0.113.77")
            .with(
                "cookie",
                "sayso=1.t61kq0.analytics:g1.g68; session=opensesame",
            );
        posted.send().await.result();
        let link = world.mails().await[0].path("confirm");
        world.get(&link).send().await;
        world.post(&link, "").send().await;
        world
            .post(
                "/sayso/v1/receipts",
                body(None, &[&visitor.receipt(&world, "two"), "rubbish"], &[]),
            )
            .send()
            .await;
        world.get(&format!("/sayso/{email}?q={email}")).send().await;
        let token = link.split("t=").nth(1).expect("a token").to_owned();
        let subject = visitor.jwk.thumbprint().to_string();
        let ids = [
            form.id.clone(),
            visitor.jwk.x.clone(),
            subject,
            token,
            receipt,
            encode(&salt),
        ];
        let words = [
            "lovelace",
            "Augusta",
            "Tell-Tale",
            "203.0.113.77",
            "opensesame",
            "t61kq0",
        ];
        ids.into_iter()
            .chain(words.map(str::to_owned))
            .collect::<Vec<_>>()
    }
    .await;
    let log = String::from_utf8(
        lines
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone(),
    )
    .expect("text");
    assert!(
        log.contains("\"route\":\"/v1/addresses\""),
        "the log is kept: {log}"
    );
    assert!(log.contains("mail sent"), "{log}");
    for secret in secrets {
        assert!(
            !log.to_lowercase().contains(&secret.to_lowercase()),
            "{secret} stands in the log:\n{log}"
        );
    }
}
