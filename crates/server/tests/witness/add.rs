//! `POST add-checkpoint`, status by status, as C2SP tlog-witness v1 has them.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use sayso_core::digest::sha256;
use sayso_core::log::cosignature;
use sayso_core::log::note::{Note, Signature};
use sayso_server::crypto::RingVerifier;
use sayso_server::witness::Witness;

use super::support::{Log, NOW, ORIGIN, Reply, add, body, get, send, witness};

fn log(size: u64) -> Log {
    Log::new(ORIGIN, size)
}

/// Asserts that a reply is a cosignature of this checkpoint by this witness.
fn cosigned(reply: &Reply, witness: &Witness, note: &str) {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let line = reply.text.strip_suffix('\n').unwrap();
    let note = Note {
        text: Note::parse(note).unwrap().text,
        signatures: vec![Signature::parse(line).unwrap()],
    };
    let time = cosignature::time_of(&note, witness.verifier_key(), &RingVerifier);
    assert_eq!(time, Some(NOW / 1000), "{}", reply.text);
}

/// Asserts a conflict that names this size.
fn conflict(reply: &Reply, size: u64) {
    assert_eq!(
        (
            reply.status.as_u16(),
            reply.media.as_str(),
            reply.text.as_str()
        ),
        (409, "text/x.tlog.size", format!("{size}\n").as_str())
    );
}

fn size_of(witness: &Witness) -> u64 {
    let last = witness.standings().remove(0).last;
    last.map_or(0, |last| last.checkpoint.size)
}

#[tokio::test]
async fn a_log_that_only_grows_is_cosigned_at_every_step() {
    let log = log(300);
    let (witness, _folder) = witness("witness.example", &[&log]);
    let mut old = 0;
    for size in [1, 2, 3, 7, 8, 9, 64, 255, 256, 257, 300] {
        let reply = add(&witness, log.request(old, size)).await;
        cosigned(&reply, &witness, &log.checkpoint(size));
        assert_eq!(size_of(&witness), size);
        old = size;
    }
}

#[tokio::test]
async fn the_same_checkpoint_again_is_cosigned_again() {
    let log = log(5);
    let (witness, _folder) = witness("witness.example", &[&log]);
    add(&witness, log.request(0, 5)).await;
    let reply = add(&witness, log.request(5, 5)).await;
    cosigned(&reply, &witness, &log.checkpoint(5));
}

#[tokio::test]
async fn an_empty_log_is_cosigned_only_with_the_empty_root() {
    let log = log(0);
    let (witness, _folder) = witness("witness.example", &[&log]);
    cosigned(
        &add(&witness, log.request(0, 0)).await,
        &witness,
        &log.checkpoint(0),
    );
    let wrong = log.text(0).replace(
        log.text(0).lines().nth(2).unwrap(),
        "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=",
    );
    conflict(&add(&witness, body(0, &[], &log.sign(&wrong))).await, 0);
}

#[tokio::test]
async fn an_old_size_that_is_not_the_last_one_is_told_the_last_one() {
    let log = log(9);
    let (witness, _folder) = witness("witness.example", &[&log]);
    conflict(&add(&witness, log.request(3, 9)).await, 0);
    add(&witness, log.request(0, 6)).await;
    for (old, new) in [(0, 9), (3, 9), (7, 9), (0, 6), (0, 3), (3, 3)] {
        conflict(&add(&witness, log.request(old, new)).await, 6);
    }
    assert_eq!(size_of(&witness), 6);
    let reply = add(&witness, log.request(6, 9)).await;
    cosigned(&reply, &witness, &log.checkpoint(9));
}

#[tokio::test]
async fn another_tree_of_the_same_size_is_refused_and_kept_as_evidence() {
    let (first, second) = (log(6), log(6).altered(2));
    let (witness, folder) = witness("witness.example", &[&first]);
    add(&witness, first.request(0, 6)).await;
    conflict(&add(&witness, second.request(6, 6)).await, 6);
    assert_eq!(size_of(&witness), 6);
    let kept = std::fs::read_dir(folder.path().join("logs")).unwrap();
    let texts = kept.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    assert!(
        texts.into_iter().any(|text| text == second.checkpoint(6)),
        "both checkpoints, signed by the log's key, are there to be shown"
    );
}

#[tokio::test]
async fn a_tree_that_does_not_extend_the_last_one_is_refused() {
    let honest = log(6);
    let (witness, _folder) = witness("witness.example", &[&honest]);
    add(&witness, honest.request(0, 6)).await;
    let longer = log(9);
    let proof = longer.proof(6, 9);
    let mut wrong = proof.clone();
    wrong[0] = sha256(b"wrong");
    let cases = [
        ("a leaf is gone", log(10).without(3).request(6, 9)),
        ("a leaf is another", log(9).altered(0).request(6, 9)),
        ("no proof", body(6, &[], &longer.checkpoint(9))),
        ("half a proof", body(6, &proof[1..], &longer.checkpoint(9))),
        ("a wrong hash", body(6, &wrong, &longer.checkpoint(9))),
        (
            "a hash too many",
            body(
                6,
                &[proof.clone(), proof.clone()].concat(),
                &longer.checkpoint(9),
            ),
        ),
        (
            "a proof where there is nothing to prove",
            body(6, &proof, &honest.checkpoint(6)),
        ),
        (
            "another size's proof",
            body(6, &longer.proof(5, 9), &longer.checkpoint(9)),
        ),
    ];
    for (what, request) in cases {
        let reply = add(&witness, request).await;
        assert_eq!(reply.status, 422, "{what}: {}", reply.text);
        assert_eq!(size_of(&witness), 6, "{what}");
    }
    let (witness, _folder) = super::support::witness("other.example", &[&honest]);
    let reply = add(&witness, body(0, &proof, &longer.checkpoint(9))).await;
    assert_eq!(
        reply.status, 422,
        "from nothing, the proof is empty: {}",
        reply.text
    );
}

#[tokio::test]
async fn only_the_logs_own_key_counts() {
    let log = log(4);
    let stranger = Log::new("stranger.example/log", 4);
    let (witness, _folder) = witness("witness.example", &[&log]);

    let unknown = add(&witness, stranger.request(0, 4)).await;
    assert_eq!(unknown.status, 404, "{}", unknown.text);

    let forged = add(&witness, body(0, &[], &stranger.sign(&log.text(4)))).await;
    assert_eq!(forged.status, 403, "{}", forged.text);

    let signed = log.checkpoint(4);
    let altered = add(&witness, body(0, &[], &signed.replace("\n4\n", "\n5\n"))).await;
    assert_eq!(altered.status, 403, "{}", altered.text);
    assert_eq!(size_of(&witness), 0);

    // Lines by unknown keys are ignored, before and after the log's own, whatever they say.
    let other = stranger.sign(&log.text(4));
    let mut note = Note::parse(&signed).unwrap();
    let foreign = Note::parse(&other).unwrap().signatures.remove(0);
    note.signatures.insert(0, foreign.clone());
    note.signatures.push(foreign);
    let both = add(&witness, body(0, &[], &note.to_string())).await;
    cosigned(&both, &witness, &signed);
}

#[tokio::test]
async fn what_is_malformed_is_refused_before_anything_is_compared() {
    let log = log(4);
    let (witness, _folder) = witness("witness.example", &[&log]);
    let note = log.checkpoint(4);
    let cases = [
        ("an old size beyond the checkpoint's", body(5, &[], &note)),
        ("no checkpoint", "old 0\n\n".into()),
        ("no signature", format!("old 0\n\n{}", log.text(4))),
        ("no old size", format!("\n{note}")),
        (
            "a leading zero",
            note.replace("larkspur", "old 00\n\nlarkspur"),
        ),
        (
            "a size with a leading zero",
            body(0, &[], &log.sign(&log.text(4).replace("\n4\n", "\n04\n"))),
        ),
        (
            "a short root",
            body(0, &[], &log.sign(&format!("{ORIGIN}\n4\nAAAA\n"))),
        ),
        ("not a note", "old 0\n\nhello\n".into()),
        (
            "signatures without end",
            body(
                0,
                &[],
                &format!("{note}{}", "— a.example/w AAAAAAAA\n".repeat(64)),
            ),
        ),
    ];
    for (what, request) in cases {
        let reply = add(&witness, request).await;
        assert_eq!(reply.status, 400, "{what}: {}", reply.text);
    }
    let long = add(&witness, body(0, &[], &note) + &"x".repeat(128 * 1024)).await;
    assert_eq!(long.status, 413);
    let got = send(
        &witness,
        Request::get("/add-checkpoint").body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(got.status, 405);
    assert_eq!(size_of(&witness), 0);
}

#[tokio::test]
async fn extension_lines_are_cosigned_as_they_stand() {
    let log = log(4);
    let (witness, _folder) = witness("witness.example", &[&log]);
    let note = log.sign(&(log.text(4) + "an extension\n"));
    cosigned(&add(&witness, body(0, &[], &note)).await, &witness, &note);
}

#[tokio::test]
async fn logs_do_not_touch_each_other() {
    let (one, two) = (log(3), Log::new("two.example/sayso", 7));
    let (witness, _folder) = witness("witness.example", &[&one, &two]);
    cosigned(
        &add(&witness, one.request(0, 3)).await,
        &witness,
        &one.checkpoint(3),
    );
    cosigned(
        &add(&witness, two.request(0, 7)).await,
        &witness,
        &two.checkpoint(7),
    );
    conflict(&add(&witness, one.request(0, 3)).await, 3);
}

#[tokio::test]
async fn of_many_requests_at_once_the_sizes_cosigned_only_grow() {
    let log = Arc::new(log(200));
    let (witness, _folder) = witness("witness.example", &[&log]);
    let forked = Arc::new(Log::new(ORIGIN, 201).without(0));
    let mut asked = tokio::task::JoinSet::new();
    for client in 0..16u64 {
        let (log, forked, witness) = (Arc::clone(&log), Arc::clone(&forked), Arc::clone(&witness));
        asked.spawn(async move {
            // Each takes its own steps, and asks from wherever the witness says; one in four shows another tree.
            let tree = if client % 4 == 3 { &forked } else { &log };
            let mut cosigned = Vec::new();
            let mut old = 0;
            for step in 1..=50u64 {
                let size = (step * 4 - client % 4).max(old);
                let reply = add(&witness, tree.request(old, size)).await;
                match reply.status.as_u16() {
                    200 => {
                        cosigned.push((size, tree.root(size)));
                        old = size;
                    }
                    409 => old = reply.text.trim().parse().unwrap(),
                    422 => {}
                    other => panic!("{other}: {}", reply.text),
                }
            }
            cosigned
        });
    }
    let cosigned: Vec<_> = asked.join_all().await.concat();
    assert!(cosigned.len() > 50, "{}", cosigned.len());
    // Whoever came first, all that was cosigned is of one history.
    let history = if cosigned.iter().all(|(size, root)| *root == log.root(*size)) {
        &log
    } else {
        &forked
    };
    for (size, root) in &cosigned {
        assert_eq!(*root, history.root(*size), "size {size}");
    }
    let largest = cosigned.iter().map(|(size, _)| *size).max();
    assert_eq!(Some(size_of(&witness)), largest);
}

#[tokio::test]
async fn it_says_what_it_follows_and_how_far() {
    let log = log(4);
    let (witness, _folder) = witness("witness.example", &[&log]);
    assert_eq!(get(&witness, "/healthz").await.text, "ok\n");
    assert_eq!(get(&witness, "/nowhere").await.status, 404);
    let key = witness.verifier_key().to_string();
    let told = get(&witness, "/").await.text;
    assert!(
        told.contains(&key) && told.contains(&log.key.to_string()),
        "{told}"
    );
    assert!(told.contains("nothing cosigned yet"), "{told}");

    let line = add(&witness, log.request(0, 4)).await.text;
    let status: serde_json::Value =
        serde_json::from_str(&get(&witness, "/status").await.text).unwrap();
    let followed = &status["logs"][0];
    assert_eq!((&status["v"], &status["key"]), (&1.into(), &key.into()));
    assert_eq!(
        (&followed["origin"], &followed["size"]),
        (&ORIGIN.into(), &4.into())
    );
    // The checkpoint stands there with the log's signature and the cosignature, to be compared with what others saw.
    assert_eq!(followed["checkpoint"], log.checkpoint(4) + &line);
    assert!(get(&witness, "/").await.text.contains(&line));
}
