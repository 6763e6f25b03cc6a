//! How fast the ledger appends and proves, how much room a receipt takes, and how long opening takes:
//! `cargo run --release -p sayso-ledger --example measure -- [receipts] [per append]`.

#[path = "../tests/story/person.rs"]
#[expect(dead_code, reason = "the story uses more of it")]
mod person;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ring::rand::{SecureRandom, SystemRandom};
use sayso_core::digest::{encode, sha256};
use sayso_core::receipt::PurposeAnswer;
use sayso_ledger::Ledger;
use sayso_ledger::document::{Document, DocumentKind};
use sayso_ledger::random::{self, Random};
use sayso_ledger::receipt::Append;
use sayso_ledger::sqlite::SqliteLedger;
use sayso_ledger::vault::Vault;

struct System(SystemRandom);

impl Random for System {
    fn fill(&self, buffer: &mut [u8]) {
        self.0.fill(buffer).expect("the system has random bytes");
    }
}

fn open(path: &Path) -> SqliteLedger {
    let vault = Vault::new(&[7; 32], Arc::new(System(SystemRandom::new())));
    SqliteLedger::open(path, "demo.example/sayso", vault).expect("it opens")
}

fn argument(place: usize, default: usize) -> usize {
    std::env::args()
        .nth(place)
        .map_or(default, |text| text.parse().expect("a number"))
}

fn documents() -> Vec<Document> {
    [(DocumentKind::Notice, 1u8), (DocumentKind::Layer, 2)]
        .map(|(kind, byte)| Document {
            kind,
            digest: sha256(&[byte]),
            body: vec![byte],
            media: "application/json".to_owned(),
            about: "{}".to_owned(),
            published: 1,
        })
        .to_vec()
}

/// Receipts as a site's visitors send them: two purposes, a third of them following another.
fn receipts(count: usize) -> Vec<Append> {
    let random = System(SystemRandom::new());
    let mut receipts = Vec::with_capacity(count);
    while receipts.len() < count {
        let person = person::Person::new();
        let mut prev = None;
        for nth in 0..3 {
            let mut payload = person.payload();
            payload.time += receipts.len() as u64;
            payload.id = sayso_core::id::uuid_v7(payload.time, random::array(&random));
            payload.decision = sayso_core::id::uuid_v7(payload.time, random::array(&random));
            payload.notice = encode(&sha256(&[1]).0);
            payload.layer = encode(&sha256(&[2]).0);
            payload.purposes[0].lapses = Some(20_596);
            let media = sayso_core::policy::PurposeId::new("media").expect("an id");
            let second = PurposeAnswer {
                id: media,
                ..payload.purposes[0].clone()
            };
            payload.purposes.push(second);
            payload.prev = prev;
            let receipt = person.sign(&payload);
            prev = (nth == 1).then(|| receipt.receipt_hash().to_string());
            receipts.push(Append {
                salt: random::array(&random),
                received: payload.time + 300,
                flags: Vec::new(),
                receipt,
            });
        }
    }
    receipts
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (count, each) = (argument(1, 100_000), argument(2, 100));
    let folder = tempfile::tempdir_in(".").expect("a folder");
    let path = folder.path().join("ledger.db");
    let all = receipts(count);
    let text: usize = all.iter().map(|append| append.receipt.jws().len()).sum();
    let ledger = open(&path);
    ledger.publish(documents()).await.expect("published");
    let begin = Watch::start();
    for batch in all.chunks(each) {
        ledger.append(batch.to_vec()).await.expect("appended");
    }
    begin.say("appended one batch after another", all.len());
    drop(ledger);
    let begin = Instant::now();
    let ledger = open(&path);
    println!("opened in {:.1} ms", begin.elapsed().as_secs_f64() * 1e3);

    let size = ledger.size().await.expect("read");
    let begin = Watch::start();
    for nth in 0..20_000 {
        let index = nth * 7919 % size;
        ledger
            .inclusion(index, None)
            .await
            .expect("read")
            .expect("there");
    }
    begin.say("proofs, one after another", 20_000);
    let begin = Watch::start();
    let mut from = 0;
    while from < size {
        from += ledger.scan(from, 1000).await.expect("read").len() as u64;
    }
    begin.say("scanned", all.len());
    drop(ledger);
    for name in ["ledger.db", "salts.db"] {
        let bytes = std::fs::metadata(folder.path().join(name))
            .expect("a file")
            .len();
        println!(
            "{name}: {:.0} bytes per receipt",
            bytes as f64 / all.len() as f64
        );
    }
    println!(
        "JWS text: {:.0} bytes per receipt",
        text as f64 / all.len() as f64
    );
}

/// Time spent on the processor by all threads now alive: what is measured beside others on a busy machine.
fn processor() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let spent = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    spent.sum::<f64>() / 1e9
}

struct Watch(Instant, f64);

impl Watch {
    fn start() -> Self {
        Self(Instant::now(), processor())
    }

    fn say(&self, what: &str, count: usize) {
        let wall = count as f64 / self.0.elapsed().as_secs_f64();
        let busy = (processor() - self.1) * 1e6 / count as f64;
        println!("{what}: {wall:.0}/s, {busy:.1} us of processor time each");
    }
}
