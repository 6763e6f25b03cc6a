//! `sayso verify --ledger`, `sayso export` and `sayso verify --bundle`, as somebody with a shell uses them.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot make its own data has to stop"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sayso_core::receipt::Parsed;
use sayso_ledger::Ledger;
use sayso_ledger::log::Published;
use sayso_ledger::receipt::Append;
use sayso_ledger::sqlite::SqliteLedger;
use sayso_server::crypto::RingVerifier;
use sayso_server::random::OsRandom;
use sayso_server::signer::{Missing, Secrets};
use serde_json::Value;
use support::{Said, sayso, vectors};

const ORIGIN: &str = "larkspur.example/sayso";

/// A site's folder with the signed receipts of the vectors in its ledger, and its public keys beside it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let random = Arc::new(OsRandom::new());
        let secrets =
            Secrets::open(&folder.site().join("keys"), Missing::Create, &*random).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        runtime.block_on(async {
            let vault = secrets.vault(random.clone());
            let ledger =
                SqliteLedger::open(&folder.site().join("ledger.db"), ORIGIN, vault).unwrap();
            let signer = secrets.into_signer(ORIGIN, 0, &*random).unwrap();
            for (n, receipt) in (0u8..).zip(signed_vectors()) {
                let append = Append {
                    receipt,
                    salt: [n + 1; 32],
                    received: 1_763_766_000_000 + u64::from(n),
                    flags: Vec::new(),
                };
                ledger.append(vec![append]).await.unwrap();
            }
            let head = ledger.head().await.unwrap();
            let note = signer.checkpoint(head.size, head.root).unwrap().to_string();
            let published = Published {
                size: head.size,
                root: head.root,
                note,
                cosigned: 0,
                time: 1,
            };
            ledger.publish_checkpoint(published).await.unwrap();
            let keys = serde_json::to_string(&signer.jwks()).unwrap();
            fs::write(folder.path("jwks.json"), keys).unwrap();
        });
        folder
    }

    fn site(&self) -> PathBuf {
        self.path("site")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn verify(&self, more: &[&str]) -> Said {
        let site = self.site();
        run(&[&["verify", "--ledger", site.to_str().unwrap()], more].concat())
    }

    fn export(&self, more: &[&str]) -> Said {
        let site = self.site();
        run(&[&["export", "--ledger", site.to_str().unwrap()], more].concat())
    }

    fn bundle(&self, bundle: &Path) -> Said {
        let (bundle, keys) = (bundle.to_str().unwrap(), self.path("jwks.json"));
        run(&[
            "verify",
            "--bundle",
            bundle,
            "--keys",
            keys.to_str().unwrap(),
        ])
    }
}

fn run(arguments: &[&str]) -> Said {
    sayso(arguments)
}

fn signed_vectors() -> Vec<sayso_core::receipt::VerifiedReceipt> {
    let vectors = vectors("receipt.json");
    let texts = vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|case| case["receipt"].as_str().or(case["jws"].as_str()));
    let read = |text: &str| Parsed::read(text).ok()?.verify(&RingVerifier).ok();
    let receipts: Vec<_> = texts.filter_map(read).collect();
    assert!(receipts.len() > 1, "the vectors hold signed receipts");
    receipts
}

#[test]
fn a_ledger_is_checked_and_the_report_is_the_answer() {
    let folder = Folder::new();
    let said = folder.verify(&[]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.starts_with("The ledger holds."), "{}", said.out);
    assert!(said.out.contains("does not prove:"));
    let report: Value = serde_json::from_str(&folder.verify(&["--json"]).out).unwrap();
    assert_eq!(
        (&report["exit_code"], &report["log"]),
        (&Value::from(0), &Value::from(ORIGIN))
    );
    let hashes = folder.verify(&["--hashes-only"]);
    assert_eq!(hashes.code, 0, "{}", hashes.err);

    // A copy without keys takes the public ones, and says what cannot be checked then.
    fs::rename(folder.site().join("keys"), folder.path("keys")).unwrap();
    assert_eq!(folder.verify(&[]).code, 20);
    let keys = folder.path("jwks.json");
    let said = folder.verify(&["--keys", keys.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("look-ups: not made"), "{}", said.out);
}

#[test]
fn a_damaged_ledger_is_told_by_its_code_with_the_report_all_the_same() {
    let folder = Folder::new();
    let path = folder.site().join("salts.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes
        .windows(32)
        .rposition(|window| window == [2; 32])
        .expect("the second salt");
    bytes[at] ^= 1;
    fs::write(&path, bytes).unwrap();
    let said = folder.verify(&["--json"]);
    assert_eq!(said.code, 32, "{}{}", said.out, said.err);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["findings"][0]["index"], 1);
    assert!(said.err.contains("not hold"), "{}", said.err);
    let out = folder.path("out.jsonl");
    let refused = folder.export(&["--out", out.to_str().unwrap()]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("entry 1 cannot be exported"),
        "{}",
        refused.err
    );
    let left = fs::read_dir(folder.0.path()).unwrap().filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("out")
    });
    assert_eq!(left.count(), 0, "no part of an export is left behind");
    assert_eq!(run(&["verify", "--ledger", "/nowhere"]).code, 40);
}

#[test]
fn an_export_is_checked_by_whoever_has_the_public_keys() {
    let folder = Folder::new();
    let out = folder.path("out.jsonl");
    let said = folder.export(&["--out", out.to_str().unwrap()]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("receipts exported"), "{}", said.err);
    let said = folder.bundle(&out);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("Nothing was left out"), "{}", said.out);

    let text = fs::read_to_string(&out).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    for (bent, code) in [
        (text.replacen("\"salt\":\"A", "\"salt\":\"B", 1), 53),
        (lines[..lines.len() - 1].join("\n") + "\n", 51),
        (lines[1..].join("\n") + "\n", 50),
        (
            text.replacen("\"complete\":true", "\"complete\":false", 1),
            51,
        ),
    ] {
        let bent_file = folder.path("bent.jsonl");
        fs::write(&bent_file, bent).unwrap();
        let said = folder.bundle(&bent_file);
        assert_eq!(said.code, code, "{}", said.err);
    }
    let receipt = folder.path("receipt.json");
    fs::write(&receipt, lines[1]).unwrap();
    let keys = folder.path("jwks.json");
    assert_eq!(
        run(&[
            "verify",
            receipt.to_str().unwrap(),
            "--keys",
            keys.to_str().unwrap()
        ])
        .code,
        0
    );
    assert_eq!(
        folder
            .verify(&["--against", receipt.to_str().unwrap()])
            .code,
        0
    );
}

#[test]
fn exports_for_people_and_machines_take_filters() {
    let folder = Folder::new();
    let csv = folder.export(&["--format", "csv"]);
    assert_eq!(csv.code, 0, "{}", csv.err);
    assert!(csv.out.starts_with("index,received,"), "{}", csv.out);
    let none = folder.export(&["--format", "csv", "--from", "2030-01-01"]);
    assert_eq!(none.out.lines().count(), 1, "{}", none.out);
    let json: Value = serde_json::from_str(&folder.export(&["--format", "jsonld"]).out).unwrap();
    assert_eq!(json["@graph"][0]["@type"], "dpv:ConsentReceipt");
    for wrong in [
        ["--from", "yesterday"],
        ["--status", "Yes"],
        ["--notice", "x"],
        ["--by", "me"],
    ] {
        assert_eq!(folder.export(&wrong).code, 2, "{wrong:?}");
    }
}
