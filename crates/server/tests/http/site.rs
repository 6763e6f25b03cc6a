//! Sites: their keys, several in one process, and a ledger that fails.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use sayso_core::digest::Digest;
use sayso_core::log::Entry;
use sayso_ledger::address::{Address, AddressChange, AddressOutcome, Token};
use sayso_ledger::document::{Document, DocumentKind};
use sayso_ledger::erasure::{Erased, Erasure, Retention};
use sayso_ledger::log::{Head, Inclusion, Published};
use sayso_ledger::mail::{Delivery, QueuedMail};
use sayso_ledger::receipt::{Append, Outcome, Stored};
use sayso_ledger::record::Record;
use sayso_ledger::{Answer, Ledger, LedgerError};
use sayso_server::StartError;
use sayso_server::clock::SystemClock;
use sayso_server::locale::Locales;
use sayso_server::random::OsRandom;
use sayso_server::service::Service;
use sayso_server::signer::KeyError;
use sayso_server::site::{Site, World};
use tower::ServiceExt;

use crate::world::{config, needs, pieces};

/// A ledger that answers every request with the same error.
pub(crate) struct Failing(LedgerError);

impl Failing {
    pub(crate) fn replace(site: &mut Site, error: LedgerError) {
        site.ledger = Arc::new(Self(error));
    }

    fn fail<T: Send + 'static>(&self) -> Answer<'_, T> {
        let error = self.0.clone();
        Box::pin(async move { Err(error) })
    }
}

impl Ledger for Failing {
    fn log(&self) -> &str {
        "failing"
    }
    fn append(&self, _: Vec<Append>) -> Answer<'_, Vec<Outcome>> {
        self.fail()
    }
    fn size(&self) -> Answer<'_, u64> {
        self.fail()
    }
    fn by_index(&self, _: u64) -> Answer<'_, Option<Stored>> {
        self.fail()
    }
    fn by_hash(&self, _: Digest) -> Answer<'_, Option<Stored>> {
        self.fail()
    }
    fn by_decision(&self, _: String) -> Answer<'_, Vec<Stored>> {
        self.fail()
    }
    fn key_event(&self, _: String, _: [u8; 32], _: u64) -> Answer<'_, u64> {
        self.fail()
    }
    fn scan(&self, _: u64, _: u32) -> Answer<'_, Vec<Record>> {
        self.fail()
    }
    fn scan_unproved(&self, _: u64, _: u32) -> Answer<'_, Vec<Record>> {
        self.fail()
    }
    fn head(&self) -> Answer<'_, Head> {
        self.fail()
    }
    fn inclusion(&self, _: u64, _: Option<u64>) -> Answer<'_, Option<Inclusion>> {
        self.fail()
    }
    fn consistency(&self, _: u64, _: u64) -> Answer<'_, Option<Vec<Digest>>> {
        self.fail()
    }
    fn nodes(&self, _: u8, _: Range<u64>) -> Answer<'_, Option<Vec<Digest>>> {
        self.fail()
    }
    fn entries(&self, _: Range<u64>) -> Answer<'_, Option<Vec<Entry>>> {
        self.fail()
    }
    fn publish_checkpoint(&self, _: Published) -> Answer<'_, ()> {
        self.fail()
    }
    fn published(&self) -> Answer<'_, Option<Published>> {
        self.fail()
    }
    fn checkpoints(&self) -> Answer<'_, Vec<Published>> {
        self.fail()
    }
    fn erase(&self, _: Erasure) -> Answer<'_, Erased> {
        self.fail()
    }
    fn retain(&self, _: Retention, _: u64) -> Answer<'_, Erased> {
        self.fail()
    }
    fn suppressed(&self, _: String) -> Answer<'_, bool> {
        self.fail()
    }
    fn publish(&self, _: Vec<Document>) -> Answer<'_, ()> {
        self.fail()
    }
    fn document(&self, _: DocumentKind, _: Digest) -> Answer<'_, Option<Document>> {
        self.fail()
    }
    fn documents(&self, _: DocumentKind) -> Answer<'_, Vec<Document>> {
        self.fail()
    }
    fn record(&self, _: AddressChange) -> Answer<'_, AddressOutcome> {
        self.fail()
    }
    fn address(&self, _: String) -> Answer<'_, Option<Address>> {
        self.fail()
    }
    fn token(&self, _: Digest) -> Answer<'_, Option<Token>> {
        self.fail()
    }
    fn due_mail(&self, _: u64, _: u32) -> Answer<'_, Vec<QueuedMail>> {
        self.fail()
    }
    fn delivered(&self, _: i64, _: Delivery) -> Answer<'_, ()> {
        self.fail()
    }
    fn waiting_mail(&self) -> Answer<'_, u64> {
        self.fail()
    }
    fn waiting(&self) -> u64 {
        0
    }
    fn watch(&self, _: Arc<dyn sayso_ledger::watch::Watcher>) {}
    fn ready(&self) -> Answer<'_, ()> {
        self.fail()
    }
}

async fn open(
    data: &std::path::Path,
    text: impl FnOnce(String) -> String,
) -> Result<Site, StartError> {
    let locales = Locales::embedded().expect("the locales read");
    Site::open(
        config(text),
        data,
        &locales,
        &pieces(),
        &World {
            random: Arc::new(OsRandom::new()),
            ..needs(Arc::new(SystemClock))
        },
    )
    .await
}

#[tokio::test]
async fn a_database_without_its_keys_is_not_opened() {
    let data = tempfile::tempdir().expect("a folder");
    let first = open(data.path(), |text| text)
        .await
        .expect("a new site makes its keys")
        .signer
        .jwks()
        .clone();
    let again = open(data.path(), |text| text)
        .await
        .expect("and reads them again")
        .signer
        .jwks()
        .clone();
    assert_eq!(first, again);
    std::fs::remove_dir_all(data.path().join("demo/keys")).expect("the keys are lost");
    let error = open(data.path(), |text| text).await.expect_err("refused");
    assert!(
        matches!(error, StartError::Key(KeyError::Missing { .. })),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("restore the key from its backup"),
        "{error}"
    );
}

#[tokio::test]
async fn the_log_keeps_the_origin_of_its_first_start() {
    let data = tempfile::tempdir().expect("a folder");
    open(data.path(), |text| text).await.expect("opens");
    let moved = open(data.path(), |text| {
        text.replace("https://larkspur.example", "https://moved.example")
    })
    .await;
    assert_eq!(moved.expect("opens").ledger.log(), "larkspur.example/sayso");
}

#[tokio::test]
async fn several_sites_are_told_apart_by_host_and_origin() {
    let data = tempfile::tempdir().expect("a folder");
    let one = open(data.path(), |text| text).await.expect("opens");
    let two = open(data.path(), |text| {
        text.replace("id = \"demo\"", "id = \"shop\"").replace(
            "larkspur.example\", \"https://other.larkspur.example\", \"http://127.0.0.1:*\"",
            "shop.example\"",
        )
    });
    let two = two.await.expect("opens");
    assert_ne!(one.signer.jwks(), two.signer.jwks(), "each its own keys");
    let router = Service::new(vec![Arc::new(one), Arc::new(two)]).router();
    let keys = |host: &'static str, origin: Option<&'static str>| {
        let mut request = Request::get("/sayso/v1/jwks.json").header("host", host);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let router = router.clone();
        async move {
            let response = router
                .oneshot(request.body(Body::empty()).expect("a request"))
                .await
                .expect("an answer");
            let status = response.status();
            let body = http_body_util::BodyExt::collect(response.into_body())
                .await
                .expect("a body")
                .to_bytes();
            (status, body)
        }
    };
    let demo = keys("larkspur.example", None).await;
    let shop = keys("shop.example", None).await;
    assert_eq!((demo.0, shop.0), (StatusCode::OK, StatusCode::OK));
    assert_ne!(demo.1, shop.1);
    assert_eq!(
        keys("consent.host.example", Some("https://shop.example")).await,
        shop
    );
    assert_eq!(keys("nobody.example", None).await.0, StatusCode::NOT_FOUND);
}
