//! The whole ledger against a plain vector: whatever is done to it, in whatever order, and wherever it is killed.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use ring::hmac;
use rusqlite::Connection;
use sayso_core::commitment::commitment;
use sayso_core::digest::{Digest, sha256};
use sayso_core::log::Entry;
use sayso_core::receipt::VerifiedReceipt;
use sayso_ledger::Ledger;
use sayso_ledger::erasure::What;
use sayso_ledger::log::Published;
use sayso_ledger::receipt::Outcome;
use sayso_ledger::record::RecordKind;
use sayso_ledger::sqlite::SqliteLedger;
use sayso_ledger::sqlite::inspect::Inspector;

use crate::bytes::copy;
use crate::erasing::order;
use crate::open;
use crate::oracle::Oracle;
use crate::person::{self, Person};
use crate::telling;
use crate::vault;

/// What can be done.
#[derive(Clone, Debug)]
enum Step {
    Submit {
        who: usize,
        count: usize,
    },
    Duplicate(usize),
    Altered(usize),
    OtherContent(usize),
    Erase(usize),
    EraseSubject(usize),
    Export,
    Checkpoint,
    /// Closed and opened again.
    Reopen,
    /// Closed, taken back to the form it had before the last step of its schema, and opened by a version that knows it.
    Migrate,
    /// Killed with everything acknowledged on disk and nothing closed.
    Kill,
    /// Killed within a batch, after the salts' commit and before the ledger's.
    KillBetween {
        who: usize,
        count: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let submit = || (0..3usize, 1..12usize);
    let any = || 0..1000usize;
    prop_oneof![
        4 => submit().prop_map(|(who, count)| Step::Submit { who, count }),
        2 => any().prop_map(Step::Duplicate),
        1 => any().prop_map(Step::Altered),
        1 => any().prop_map(Step::OtherContent),
        2 => any().prop_map(Step::Erase),
        1 => (0..3usize).prop_map(Step::EraseSubject),
        1 => Just(Step::Export),
        2 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
        1 => Just(Step::Migrate),
        2 => Just(Step::Kill),
        2 => submit().prop_map(|(who, count)| Step::KillBetween { who, count }),
    ]
}

/// One entry, as simply as it can be kept.
enum Item {
    Kept(VerifiedReceipt),
    Erased(VerifiedReceipt),
    Tombstone(Vec<u64>),
}

struct World {
    folder: tempfile::TempDir,
    ledger: Option<SqliteLedger>,
    people: [Person; 3],
    items: Vec<Item>,
    entries: Vec<Entry>,
    published: Option<Published>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = Some(open(&folder.path().join("ledger.db")));
        Self {
            folder,
            ledger,
            people: [Person::new(), Person::new(), Person::new()],
            items: Vec::new(),
            entries: Vec::new(),
            published: None,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    fn ledger(&self) -> &SqliteLedger {
        self.ledger.as_ref().expect("it is open")
    }

    /// Some receipt, kept or erased.
    fn pick(&self, number: usize) -> Option<(u64, &VerifiedReceipt, bool)> {
        let receipts = (0..)
            .zip(&self.items)
            .filter_map(|(index, item)| match item {
                Item::Kept(receipt) => Some((index, receipt, true)),
                Item::Erased(receipt) => Some((index, receipt, false)),
                Item::Tombstone(_) => None,
            });
        let all: Vec<_> = receipts.collect();
        all.get(number % all.len().max(1)).copied()
    }

    async fn carry_out(&mut self, step: Step) {
        match step {
            Step::Submit { who, count } => self.submit(who, count).await,
            Step::Duplicate(number) => self.again(number, VerifiedReceipt::clone).await,
            Step::Altered(number) => self.again(number, person::altered).await,
            Step::OtherContent(number) => self.other_content(number).await,
            Step::Erase(number) => {
                if let Some((index, _, kept)) = self.pick(number) {
                    self.erase(What::Index(index), Vec::from_iter(kept.then_some(index)))
                        .await;
                }
            }
            Step::EraseSubject(who) => {
                let subject = self.people[who].subject();
                let his = (0..)
                    .zip(&self.items)
                    .filter_map(|(index, item)| match item {
                        Item::Kept(receipt) => {
                            (receipt.payload().subject.as_ref() == Some(&subject)).then_some(index)
                        }
                        _ => None,
                    });
                let his: Vec<_> = his.collect();
                // By an operator, or by the key itself, which has made all of them by now.
                let what = match his.len() % 2 {
                    0 => What::Subject(subject),
                    _ => What::Request {
                        subject,
                        time: telling::NOW,
                    },
                };
                self.erase(what, his).await;
            }
            Step::Export => self.export().await,
            Step::Checkpoint => self.publish().await,
            Step::Reopen => self.restart(None),
            Step::Migrate => self.migrate(),
            Step::Kill => {
                let crashed = copy(self.folder.path());
                self.restart(Some(crashed));
            }
            Step::KillBetween { who, count } => self.kill_between(who, count).await,
        }
        self.check().await;
    }

    async fn submit(&mut self, who: usize, count: usize) {
        let receipts: Vec<_> = (0..count).map(|_| self.people[who].receipt()).collect();
        let appends = receipts.iter().cloned().map(telling::entry).collect();
        let outcomes = self.ledger().append(appends).await.expect("written");
        for (receipt, outcome) in receipts.into_iter().zip(outcomes) {
            let Outcome::New(stored) = outcome else {
                panic!("{outcome:?}")
            };
            telling::lasting(&stored);
            assert_eq!(stored.index, self.items.len() as u64);
            let salt = sha256(receipt.jws().as_bytes()).0;
            self.entries
                .push(Entry::Receipt(commitment(&salt, receipt.jws())));
            self.items.push(Item::Kept(receipt));
        }
    }

    async fn again(&self, number: usize, form: impl Fn(&VerifiedReceipt) -> VerifiedReceipt) {
        let Some((index, receipt, kept)) = self.pick(number) else {
            return;
        };
        let append = telling::entry(form(receipt));
        let outcomes = self.ledger().append(vec![append]).await.expect("answered");
        match &outcomes[0] {
            Outcome::Same(stored) if kept => {
                assert_eq!((stored.index, stored.jws.as_str()), (index, receipt.jws()));
            }
            Outcome::Erased if !kept => {}
            other => panic!("{other:?}"),
        }
    }

    async fn other_content(&self, number: usize) {
        let Some((_, receipt, _)) = self.pick(number) else {
            return;
        };
        let mut payload = self.people[0].payload();
        payload.id.clone_from(&receipt.payload().id);
        let append = telling::entry(self.people[0].sign(&payload));
        let outcomes = self.ledger().append(vec![append]).await;
        assert_eq!(outcomes, Ok(vec![Outcome::Conflict]));
    }

    async fn erase(&mut self, what: What, wanted: Vec<u64>) {
        let erased = self.ledger().erase(order(what)).await.expect("answered");
        assert_eq!(erased.receipts, wanted);
        if wanted.is_empty() {
            assert_eq!(erased.tombstone, None);
            return;
        }
        for index in &wanted {
            let item = &mut self.items[usize::try_from(*index).expect("small")];
            if let Item::Kept(receipt) = item {
                *item = Item::Erased(receipt.clone());
            }
        }
        let at = self.items.len() as u64;
        assert_eq!(erased.tombstone, Some(at));
        let record = self.ledger().scan(at, 1).await.expect("read").remove(0);
        let RecordKind::Tombstone { salt, body } = record.kind else {
            panic!("{record:?}")
        };
        let message = format!("sayso/tombstone/1\0{body}");
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &salt),
            message.as_bytes(),
        );
        let digest = Digest(tag.as_ref().try_into().expect("32 bytes"));
        self.entries.push(Entry::Tombstone(digest));
        self.items.push(Item::Tombstone(wanted));
    }

    async fn export(&self) {
        let mut records = Vec::new();
        loop {
            let page = self
                .ledger()
                .scan(records.len() as u64, 7)
                .await
                .expect("read");
            if page.is_empty() {
                break;
            }
            records.extend(page);
        }
        assert_eq!(records.len(), self.items.len());
        for ((record, item), entry) in records.iter().zip(&self.items).zip(&self.entries) {
            assert_eq!(record.entry, *entry);
            match (&record.kind, item) {
                (RecordKind::Receipt(stored), Item::Kept(receipt)) => {
                    telling::lasting(stored);
                    assert_eq!(stored.jws, receipt.jws());
                    assert_eq!(stored.hash, receipt.receipt_hash());
                }
                (RecordKind::Erased, Item::Erased(_)) => assert_eq!(record.received, 0),
                (RecordKind::Tombstone { body, .. }, Item::Tombstone(receipts)) => {
                    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
                    assert_eq!(body["receipts"], serde_json::json!(receipts));
                }
                (other, _) => panic!("entry {}: {other:?}", record.index),
            }
        }
    }

    async fn publish(&mut self) {
        let head = self.ledger().head().await.expect("read");
        let published = Published {
            size: head.size,
            root: head.root,
            note: format!("a note of {}", head.size),
            cosigned: 0,
            time: telling::NOW + head.size,
        };
        self.ledger()
            .publish_checkpoint(published.clone())
            .await
            .expect("kept");
        self.published = Some(published);
    }

    /// In the same folder after closing, or in what a crash left of it.
    fn restart(&mut self, crashed: Option<tempfile::TempDir>) {
        self.ledger = None;
        if let Some(crashed) = crashed {
            self.folder = crashed;
        }
        self.ledger = Some(open(&self.path()));
    }

    fn migrate(&mut self) {
        self.ledger = None;
        without_marks(&self.path()).expect("as it was before");
        self.restart(None);
        let erased = (0..)
            .zip(&self.items)
            .filter_map(|(index, item)| matches!(item, Item::Erased(_)).then_some(index));
        let inspector = Inspector::open(&self.path(), Some(vault(7))).expect("it opens");
        let (_, faults) = inspector
            .beside(&erased.collect::<Vec<_>>())
            .expect("it reads");
        assert_eq!(faults, Vec::<String>::new());
    }

    async fn kill_between(&mut self, who: usize, count: usize) {
        let crashed = copy(self.folder.path());
        let lost = (0..count)
            .map(|_| telling::entry(self.people[who].receipt()))
            .collect();
        self.ledger().append(lost).await.expect("written");
        for name in ["salts.db", "salts.db-wal"] {
            let _ = std::fs::copy(self.folder.path().join(name), crashed.path().join(name));
        }
        self.restart(Some(crashed));
    }

    async fn check(&self) {
        let oracle = Oracle::of(&self.entries);
        let head = self.ledger().head().await.expect("read");
        assert_eq!(
            (head.size, head.root),
            (oracle.size(), oracle.root(oracle.size()))
        );
        assert_eq!(self.ledger().published().await, Ok(self.published.clone()));
        if let Some(published) = &self.published {
            let proof = self.ledger().consistency(published.size, head.size).await;
            assert!(proof.expect("read").is_some());
        }
        if let Some((index, receipt, kept)) = self.pick(head.size as usize / 2) {
            let found = self
                .ledger()
                .by_hash(receipt.receipt_hash())
                .await
                .expect("read");
            assert_eq!(found.map(|stored| stored.index), kept.then_some(index));
        }
    }
}

/// Undoes the schema's second step.
fn without_marks(path: &Path) -> rusqlite::Result<()> {
    let db = Connection::open(path)?;
    let list = |sql: &str| -> rusqlite::Result<Vec<String>> {
        db.prepare(sql)?.query_map((), |row| row.get(0))?.collect()
    };
    let triggers = list("SELECT name FROM sqlite_master WHERE type = 'trigger'")?;
    let tables = list(
        "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND c.name = 'mark'",
    )?;
    assert_eq!((triggers.len(), tables.len()), (14, 7));
    for trigger in triggers {
        db.execute_batch(&format!("DROP TRIGGER {trigger}"))?;
    }
    for table in tables {
        db.execute_batch(&format!("ALTER TABLE {table} DROP COLUMN mark"))?;
    }
    db.pragma_update(None, "user_version", 1)
}

/// A dozen runs here; as many as PROPTEST_CASES says where there is time.
fn cases() -> ProptestConfig {
    match std::env::var("PROPTEST_CASES") {
        Ok(_) => ProptestConfig::default(),
        Err(_) => ProptestConfig::with_cases(12),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..cases() })]

    #[test]
    fn whatever_is_done_it_is_the_vector(steps in prop::collection::vec(step(), 4..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let mut world = World::new();
            for step in steps {
                world.carry_out(step).await;
            }
            world.export().await;
        });
    }
}
