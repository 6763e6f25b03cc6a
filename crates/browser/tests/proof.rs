//! Renewed proofs and erased receipts: what may take the place of what, held against the golden vectors.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use sayso_browser::answer::Refusal;
use sayso_browser::proof::{index, is_better, with};
use sayso_browser::shelf::{Kept, Shelf};
use serde_json::Value;

/// The file of the vectors' first receipt, as JSON, and its proof.
fn vector() -> (Value, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/receipt.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let file = match &all["cases"][0]["file"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        other => other.clone(),
    };
    let proof = file["proof"].as_str().unwrap().to_owned();
    (file, proof)
}

#[test]
fn only_a_better_proof_of_the_same_receipt_takes_the_place_of_one() {
    let (file, whole) = vector();
    let text = file.to_string();
    assert_eq!(index(&text), Some(40));
    let cosigned = whole.trim_end().rsplit_once('\n').unwrap().0.to_owned() + "\n";
    let hash = whole.lines().nth(2).unwrap();
    let other = whole.lines().nth(3).unwrap();
    let poor = with(&text, &cosigned).unwrap();
    let mut bare = file.clone();
    bare.as_object_mut().unwrap().remove("proof");
    let bare = bare.to_string();
    let cases = [
        ("none before", &bare, whole.clone(), true),
        ("one cosignature more", &poor, whole.clone(), true),
        ("one cosignature less", &text, cosigned, false),
        ("the same", &text, whole.clone(), false),
        (
            "another entry's",
            &bare,
            whole.replace("index 40", "index 41"),
            false,
        ),
        ("another hash", &bare, whole.replace(hash, other), false),
        (
            "another log's",
            &bare,
            whole.replace("\n\ndemo.", "\n\nother."),
            false,
        ),
        (
            "a checkpoint from before it",
            &bare,
            whole.replace("\n53\n", "\n40\n"),
            false,
        ),
        ("nonsense", &bare, "<html>".into(), false),
    ];
    for (name, file, proof, better) in cases {
        assert_eq!(is_better(file, &proof), better, "{name}");
    }
    let renewed: Value = serde_json::from_str(&with(&bare, &whole).unwrap()).unwrap();
    assert_eq!(renewed, file, "nothing else is touched");
}

#[test]
fn what_a_key_signed_is_found_and_forgotten() {
    let (file, _) = vector();
    let kept = |id: &str, file: Option<String>| Kept {
        id: id.into(),
        file,
        ..Kept::default()
    };
    let refused = Kept {
        refusal: Some(Refusal::local("malformed", "")),
        ..kept("c", None)
    };
    let mut shelf = Shelf(vec![
        kept("a", Some(file.to_string())),
        kept("b", Some("{}".into())),
        refused.clone(),
    ]);
    let subject = "9eU4FB8MssGEPfM2zaO7DObKH2JQqJ_CaOQbKxkPwFE";
    assert_eq!(shelf.signed_by(subject), ["a"]);
    assert_eq!(shelf.signed_by("another"), [""; 0]);
    shelf.renew("b", "{\"v\":1}".into());
    shelf.renew("c", "{}".into());
    shelf.erase("a");
    assert_eq!(shelf.0[0].file, None);
    assert!(shelf.0[0].refusal.as_ref().unwrap().is_erased());
    assert_eq!(shelf.0[1].file.as_deref(), Some("{\"v\":1}"));
    assert_eq!(shelf.0[2], refused, "what has no file gets none");
}
