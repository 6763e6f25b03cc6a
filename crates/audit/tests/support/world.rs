//! A ledger with some of everything in it.

#![allow(dead_code, reason = "every test file takes what it needs")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sayso_audit::reading::Reading;
use sayso_audit::report::Report;
use sayso_audit::whole::{Options, check};
use sayso_core::address::about;
use sayso_core::crypto::Jwks;
use sayso_core::digest::sha256;
use sayso_core::receipt::VerifiedReceipt;
use sayso_core::record::Status;
use sayso_core::verify::Demands;
use sayso_ledger::Ledger;
use sayso_ledger::address::{AddressChange, NewToken, Profile, TokenKind};
use sayso_ledger::document::{Document, DocumentKind};
use sayso_ledger::erasure::{Erasure, What, Why};
use sayso_ledger::log::Published;
use sayso_ledger::mail::NewMail;
use sayso_ledger::random::Random;
use sayso_ledger::receipt::Append;
use sayso_ledger::sqlite::SqliteLedger;
use sayso_ledger::sqlite::inspect::Inspector;
use sayso_ledger::vault::Vault;

use crate::support::{Ring, START, Site, Visitor, payload, salt};

/// The key that addresses are sealed under, in every test.
pub(crate) const KEY: [u8; 32] = [7; 32];

/// Bytes that differ every time and are the same in every run.
struct Counter(AtomicU64);

impl Random for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

pub(crate) fn vault() -> Vault {
    Vault::new(&KEY, Arc::new(Counter(AtomicU64::new(1))))
}

/// A ledger's folder, with the site and the visitors whose receipts are in it.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) site: Site,
    pub(crate) visitors: Vec<Visitor>,
    /// Receipts put in so far; their numbers name them.
    pub(crate) made: u64,
    pub(crate) emails: Vec<String>,
    pub(crate) tokens: Vec<sayso_core::digest::Digest>,
}

impl World {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            site: Site::new(name, 1),
            visitors: (0..3).map(|_| Visitor::new()).collect(),
            made: 0,
            emails: Vec::new(),
            tokens: Vec::new(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    pub(crate) fn ledger(&self) -> SqliteLedger {
        SqliteLedger::open(&self.path(), &self.site.origin, vault()).expect("the ledger opens")
    }

    /// The next receipt: two of three visitors chain theirs, every seventh is recorded by the server.
    pub(crate) fn receipt(&mut self, chain: &mut [Option<String>; 3]) -> VerifiedReceipt {
        let n = self.made;
        self.made += 1;
        if n % 7 == 3 {
            return self.site.record(&payload(&self.site.id, n, None, None));
        }
        let who = usize::try_from(n % 3).expect("small");
        let visitor = &self.visitors[who];
        let receipt = visitor.sign(&payload(
            &self.site.id,
            n,
            Some(visitor.subject()),
            chain[who].clone(),
        ));
        chain[who] = Some(receipt.receipt_hash().to_string());
        receipt
    }

    /// Puts receipts in until so many are made.
    pub(crate) async fn fill(&mut self, ledger: &SqliteLedger, count: u64) {
        let mut chain = [None, None, None];
        while self.made < count {
            let batch = (count - self.made).min(100);
            let appends = (0..batch)
                .map(|_| {
                    let n = self.made;
                    let receipt = self.receipt(&mut chain);
                    Append {
                        receipt,
                        salt: salt(n),
                        received: START + 1000 * n,
                        flags: Vec::new(),
                    }
                })
                .collect();
            ledger.append(appends).await.expect("appended");
        }
    }

    /// Publishes a checkpoint of the present tree.
    pub(crate) async fn publish(&self, ledger: &SqliteLedger, time: u64) -> Published {
        let head = ledger.head().await.expect("a head");
        let note = self.site.signed_checkpoint(head.size, head.root);
        let published = Published {
            size: head.size,
            root: head.root,
            note,
            cosigned: 0,
            time,
        };
        ledger
            .publish_checkpoint(published.clone())
            .await
            .expect("published");
        published
    }

    pub(crate) async fn erase(&self, ledger: &SqliteLedger, what: What, n: u64) {
        let why = Why::Operator {
            reason: format!("letter {n}"),
        };
        let erasure = Erasure {
            what,
            why,
            now: START + n,
            salt: sha256(format!("e{n}").as_bytes()).0,
        };
        ledger.erase(erasure).await.expect("erased");
    }

    pub(crate) async fn documents(&self, ledger: &SqliteLedger) {
        let document = |kind, body: &str| Document {
            kind,
            digest: sha256(body.as_bytes()),
            body: body.as_bytes().to_vec(),
            media: "application/json".to_owned(),
            about: format!("{{\"of\":\"{body}\"}}"),
            published: START,
        };
        let documents = vec![
            document(DocumentKind::Notice, "notice"),
            document(DocumentKind::Layer, "layer"),
        ];
        ledger.publish(documents).await.expect("published");
    }

    /// Somebody asks for the newsletter and confirms it.
    pub(crate) async fn address(&mut self, ledger: &SqliteLedger, email: &str) {
        let mut redeem = None;
        for status in [Status::Requested, Status::Given] {
            let n = self.made;
            self.made += 1;
            let mut payload = payload(&self.site.id, n, None, None);
            payload.about = Some(about(&salt(1_000_000 + n), email).to_string());
            let receipt = self.site.record(&payload);
            let token = sha256(format!("{email}{n}").as_bytes());
            let kind = if redeem.is_none() {
                TokenKind::Confirm
            } else {
                TokenKind::Unsubscribe
            };
            let change = AddressChange {
                email: email.to_owned(),
                receipt: Append {
                    receipt,
                    salt: salt(n),
                    received: START + 1000 * n,
                    flags: Vec::new(),
                },
                salt: salt(1_000_000 + n),
                statuses: vec![("newsletter".to_owned(), 1, status)],
                profile: Some(Profile {
                    first_name: "Ada".to_owned(),
                    ..Profile::default()
                }),
                tokens: vec![NewToken {
                    hash: token,
                    kind,
                    expires: START + 1_000_000_000,
                    body: format!("body {n}"),
                }],
                mail: vec![NewMail {
                    body: format!("mail {n}"),
                }],
                redeem: redeem.take(),
                now: START + 1000 * n,
            };
            ledger.record(change).await.expect("recorded");
            redeem = Some(token);
            self.tokens.push(token);
        }
        self.emails.push(email.to_owned());
    }

    /// A small ledger with some of everything: receipts of both kinds, addresses, an erasure by subject and one by index,
    /// a key event, published checkpoints.
    pub(crate) async fn everything(&mut self) {
        let ledger = self.ledger();
        self.documents(&ledger).await;
        self.fill(&ledger, 30).await;
        self.publish(&ledger, START + 5).await;
        self.address(&ledger, "ada@example.org").await;
        self.address(&ledger, "bob@example.org").await;
        self.erase(&ledger, What::Index(4), 1).await;
        let subject = self.visitors[2].subject();
        self.erase(&ledger, What::Subject(subject), 2).await;
        self.erase(&ledger, What::Address("bob@example.org".to_owned()), 3)
            .await;
        ledger
            .key_event("{\"v\":1}".to_owned(), [9; 32], START + 9)
            .await
            .expect("appended");
        self.publish(&ledger, START + 86_400_000).await;
    }

    pub(crate) fn report(&self) -> Report {
        report(&self.path(), &self.site.jwks(), |_| {})
    }
}

/// The report of a ledger's files, or why they cannot be opened. `bend` may ask for more.
pub(crate) fn try_report(
    path: &Path,
    keys: &Jwks,
    bend: impl FnOnce(&mut Options<'_>),
) -> Result<Report, String> {
    let ledger = SqliteLedger::read(path, Some(vault())).map_err(|error| error.to_string())?;
    let inspector = Inspector::open(path, Some(vault())).map_err(|error| error.to_string())?;
    let reading = Reading::new(Box::new(ledger)).expect("a runtime");
    let mut options = Options {
        keys,
        demands: Demands::default(),
        hashes_only: false,
        threads: 2,
        checkpoint: None,
        against: None,
    };
    bend(&mut options);
    check(&reading, Some(&inspector), &options, &Ring, |_| {}).map_err(|error| error.to_string())
}

/// The report of a ledger that can be opened.
pub(crate) fn report(path: &Path, keys: &Jwks, bend: impl FnOnce(&mut Options<'_>)) -> Report {
    try_report(path, keys, bend).expect("it can be read")
}

/// Runs something that waits.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .build()
        .expect("a runtime")
        .block_on(work)
}
