//! Bundles: what holds is taken, and whatever was altered, cut, swapped or left out is refused with its own sentence.

mod support;

use std::io::BufReader;

use sayso_audit::bundle::check::{Checked, check};
use sayso_audit::bundle::error::BundleError;
use sayso_audit::bundle::write::{Counts, Writer};
use sayso_audit::bundle::{Header, Shown};
use sayso_audit::filter::Filter;
use sayso_core::digest::{Digest, sha256};
use sayso_core::log::Entry;
use sayso_core::verify::Demands;
use support::{
    Place, Ring, START, Site, SiteKey, Visitor, payload, proof, root, salt, witness_key,
};

/// What to put into a bundle.
struct Plan {
    /// Receipts by index; those in `hidden` are erased.
    receipts: u64,
    hidden: Vec<u64>,
    complete: bool,
    documents: bool,
}

fn plan() -> Plan {
    Plan {
        receipts: 7,
        hidden: vec![2, 6],
        complete: true,
        documents: true,
    }
}

/// The bytes of a bundle. `bend` may change the file of a receipt before it is written.
fn bundle(site: &Site, plan: &Plan) -> Vec<u8> {
    let visitor = Visitor::new();
    let mut prev = None;
    let mut receipts = Vec::new();
    for n in 0..plan.receipts {
        let receipt = if n == 1 {
            site.record(&payload(&site.id, n, None, None))
        } else {
            let receipt =
                visitor.sign(&payload(&site.id, n, Some(visitor.subject()), prev.clone()));
            prev = Some(receipt.receipt_hash().to_string());
            receipt
        };
        let entry = Entry::Receipt(sayso_core::commitment::commitment(&salt(n), receipt.jws()));
        receipts.push((receipt, entry));
    }
    let leaves: Vec<Digest> = receipts
        .iter()
        .map(|(_, entry)| entry.leaf_hash())
        .collect();
    let checkpoint = site.signed_checkpoint(leaves.len() as u64, root(&leaves));
    let header = Header {
        bundle: 1,
        log: site.origin.clone(),
        checkpoint: checkpoint.clone(),
        complete: plan.complete,
        filter: Filter::default(),
    };
    let mut writer = Writer::new(Vec::new(), &header).expect("memory");
    for (index, (receipt, entry)) in (0..).zip(&receipts) {
        if plan.hidden.contains(&index) {
            if plan.complete {
                writer.opaque(index, *entry).expect("memory");
            }
            continue;
        }
        let hashes = proof(&leaves, index);
        let place = Place {
            index,
            received: START + index,
            hashes,
            checkpoint: &checkpoint,
        };
        writer
            .receipt(&site.countersign(receipt, &salt(index), place))
            .expect("memory");
    }
    if plan.documents {
        for (document, text) in [("notice", "notice"), ("layer", "layer")] {
            let shown = Shown {
                document: document.to_owned(),
                digest: sha256(text.as_bytes()),
                media: "application/json".to_owned(),
                text: text.to_owned(),
            };
            writer.shown(&shown).expect("memory");
        }
    }
    let counts = Counts {
        entries: plan.receipts,
        erased: plan.hidden.len() as u64,
        left_out: 0,
        unsigned: 0,
    };
    writer.end(counts).expect("memory")
}

fn checked(site: &Site, bundle: &[u8]) -> Result<Checked, BundleError> {
    check(
        BufReader::new(bundle),
        &site.jwks(),
        &Demands::default(),
        &Ring,
        2,
        |_| {},
    )
}

fn lines(bundle: &[u8]) -> Vec<String> {
    String::from_utf8(bundle.to_vec())
        .expect("UTF-8")
        .lines()
        .map(str::to_owned)
        .collect()
}

/// A bundle of these lines with a last line that fits them again, as whoever forges one would write it.
fn forged(mut lines: Vec<String>) -> Vec<u8> {
    let trailer: serde_json::Value =
        serde_json::from_str(&lines.pop().expect("a last line")).expect("JSON");
    let of = |kind: &str| lines.iter().filter(|line| line.starts_with(kind)).count();
    let (receipts, documents) = (of("{\"v\""), of("{\"document\""));
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let covered = format!(
        "{body}{{\"end\":{receipts},\"entries\":{},\"erased\":{},\"left_out\":{},\"unsigned\":{},\"documents\":{documents},\"digest\":\"",
        trailer["entries"], trailer["erased"], trailer["left_out"], trailer["unsigned"],
    );
    format!("{covered}{}\"}}\n", sha256(covered.as_bytes())).into_bytes()
}

#[test]
fn a_whole_bundle_holds_and_says_what_is_in_it() {
    let site = Site::new("larkspur", 1);
    let checked = checked(&site, &bundle(&site, &plan())).expect("it holds");
    assert_eq!((checked.signed, checked.witnessed), (4, 1));
    assert_eq!(checked.site.as_deref(), Some("larkspur"));
    assert_eq!(checked.checkpoint.size, 7);
    assert_eq!(checked.documents_missing, 0);
    assert_eq!(checked.trailer.erased, 2);
}

#[test]
fn an_empty_log_and_a_partial_bundle_hold() {
    let site = Site::new("larkspur", 1);
    let empty = Plan {
        receipts: 0,
        hidden: vec![],
        complete: true,
        documents: false,
    };
    assert_eq!(
        checked(&site, &bundle(&site, &empty))
            .expect("it holds")
            .trailer
            .end,
        0
    );
    let partial = Plan {
        complete: false,
        documents: false,
        ..plan()
    };
    let checked = checked(&site, &bundle(&site, &partial)).expect("it holds");
    assert_eq!(checked.documents_missing, 2);
}

#[test]
fn any_altered_byte_is_refused() {
    let site = Site::new("larkspur", 1);
    let sound = bundle(
        &site,
        &Plan {
            receipts: 2,
            hidden: vec![1],
            ..plan()
        },
    );
    for at in 0..sound.len() {
        let mut bent = sound.clone();
        bent[at] ^= 1 << (at % 8);
        assert!(
            checked(&site, &bent).is_err(),
            "byte {at} of {}",
            sound.len()
        );
    }
}

#[test]
fn a_bundle_cut_anywhere_is_refused() {
    let site = Site::new("larkspur", 1);
    let sound = bundle(
        &site,
        &Plan {
            receipts: 2,
            hidden: vec![],
            ..plan()
        },
    );
    for length in 0..sound.len() {
        assert!(
            checked(&site, &sound[..length]).is_err(),
            "{length} of {} bytes",
            sound.len()
        );
    }
    let longer = [sound.as_slice(), b"\n"].concat();
    assert!(checked(&site, &longer).is_err());
}

#[test]
fn a_receipt_left_out_of_a_complete_bundle_is_noticed_even_with_a_new_last_line() {
    let site = Site::new("larkspur", 1);
    let sound = lines(&bundle(&site, &plan()));
    for left_out in 1..=7 {
        let mut rest = sound.clone();
        rest.remove(left_out);
        let refused = checked(&site, &forged(rest)).expect_err("something is missing");
        assert!(
            matches!(refused, BundleError::Order { .. } | BundleError::Incomplete),
            "line {left_out}: {refused}"
        );
    }
    let mut hidden = sound.clone();
    hidden[1] = hidden[3].replace("\"index\":2", "\"index\":0");
    assert!(matches!(
        checked(&site, &forged(hidden)),
        Err(BundleError::Incomplete)
    ));
}

#[test]
fn receipts_swapped_repeated_or_from_elsewhere_are_refused() {
    let site = Site::new("larkspur", 1);
    let partial = Plan {
        complete: false,
        ..plan()
    };
    let sound = lines(&bundle(&site, &partial));
    let mut swapped = sound.clone();
    swapped.swap(1, 2);
    assert!(matches!(
        checked(&site, &forged(swapped)),
        Err(BundleError::Order { line: 3, .. })
    ));
    let mut repeated = sound.clone();
    repeated.insert(2, repeated[1].clone());
    assert!(matches!(
        checked(&site, &forged(repeated)),
        Err(BundleError::Order { .. })
    ));

    // The same site's, under another checkpoint; and another site's, with keys of its own.
    let other = lines(&bundle(
        &site,
        &Plan {
            receipts: 9,
            ..plan()
        },
    ));
    let mut mixed = sound.clone();
    mixed[1] = other[1].clone();
    assert!(matches!(
        checked(&site, &forged(mixed)),
        Err(BundleError::Elsewhere { line: 2, .. })
    ));
    let stranger = Site::new("stranger", 9);
    let foreign = lines(&bundle(&stranger, &partial));
    let mut mixed = sound;
    mixed[1] = foreign[1].clone();
    assert!(matches!(
        checked(&site, &forged(mixed)),
        Err(BundleError::Receipt { line: 2, .. })
    ));
    let refused = checked(&site, &bundle(&stranger, &partial));
    assert!(matches!(refused, Err(BundleError::Checkpoint(_))));
}

#[test]
fn another_text_under_a_digest_is_refused() {
    let site = Site::new("larkspur", 1);
    let sound = bundle(&site, &plan());
    let text = String::from_utf8(sound)
        .expect("UTF-8")
        .replace("\"text\":\"notice\"", "\"text\":\"notICE\"");
    let refused = checked(&site, &forged(lines(text.as_bytes())));
    assert!(
        matches!(refused, Err(BundleError::Document { line: 9 })),
        "{refused:?}"
    );
}

#[test]
fn witnesses_are_asked_of_the_checkpoint() {
    let site = Site::new("larkspur", 1);
    let sound = bundle(&site, &plan());
    let witness = SiteKey::new(77);
    let key = witness_key(&witness, "witness.example/w");
    let demands = Demands {
        witnesses: std::slice::from_ref(&key),
        quorum: 1,
    };
    let ask = |bytes: &[u8]| {
        check(
            BufReader::new(bytes),
            &site.jwks(),
            &demands,
            &Ring,
            1,
            |_| {},
        )
    };
    assert_eq!(
        ask(&sound),
        Err(BundleError::Quorum {
            found: 0,
            wanted: 1
        })
    );

    let mut header: Header = serde_json::from_str(&lines(&sound)[0]).expect("JSON");
    header.checkpoint = site.cosigned(
        &header.checkpoint,
        &witness,
        "witness.example/w",
        1_795_341_700,
    );
    let mut cosigned = lines(&sound);
    cosigned[0] = serde_json::to_string(&header).expect("JSON");
    let checked = ask(&forged(cosigned)).expect("it holds");
    assert_eq!(
        checked.cosigned,
        [("witness.example/w".to_owned(), 1_795_341_700)]
    );
}
