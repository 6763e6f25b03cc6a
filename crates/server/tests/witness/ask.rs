//! The client: a quorum or nothing, nobody believed unchecked, nobody waited for for ever, and a rewritten log caught.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use sayso_core::config::{LogConfig, WitnessConfig};
use sayso_core::log::note::{Algorithm, Note, VerifierKey};
use sayso_core::log::proof;
use sayso_server::cosign::{Contradiction, Cosigned, Missing, Patience, Trust, Verdict, Witnesses};
use sayso_server::crypto::RingVerifier;
use sayso_server::witness::{Witness, router};
use tokio::net::TcpListener;

use super::support::{Listening, Log, NOW, ORIGIN, add, listen, witness};

/// A witness service that listens.
struct Running {
    witness: Arc<Witness>,
    _folder: tempfile::TempDir,
    listening: Listening,
}

async fn running(name: &str, log: &Log) -> Running {
    let (witness, folder) = witness(name, &[log]);
    let listening = listen(router(Arc::clone(&witness))).await;
    Running {
        witness,
        _folder: folder,
        listening,
    }
}

impl Running {
    fn config(&self) -> WitnessConfig {
        config(
            &format!("http://{}", self.listening.address),
            self.witness.verifier_key().clone(),
        )
    }
}

fn config(url: &str, key: VerifierKey) -> WitnessConfig {
    WitnessConfig {
        url: url.to_owned(),
        key,
    }
}

/// A key that no witness here has.
fn nobodys(name: &str) -> VerifierKey {
    VerifierKey {
        name: name.to_owned(),
        algorithm: Algorithm::Cosignature,
        public: [7; 32],
    }
}

fn witnesses(witnesses: Vec<WitnessConfig>, quorum: usize) -> Witnesses {
    let config = LogConfig {
        witnesses,
        quorum,
        interval: 1,
    };
    Witnesses::new(&config, &Trust::Public)
}

async fn cosign(witnesses: &Witnesses, log: &Log) -> Cosigned {
    let note = log.checkpoint(log.size());
    witnesses.cosign(log, &note, log.head()).await
}

/// Why the first witness did not cosign the last time.
fn missing(witnesses: &Witnesses) -> Missing {
    witnesses.standings().remove(0).missing.unwrap()
}

fn names(cosigned: &Cosigned) -> Vec<&str> {
    cosigned.by.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn every_checkpoint_comes_back_with_all_cosignatures() {
    let mut log = Log::new(ORIGIN, 3);
    let one = running("one.example", &log).await;
    let two = running("two.example", &log).await;
    let asked = witnesses(vec![one.config(), two.config()], 2);
    let keys = [
        one.witness.verifier_key().clone(),
        two.witness.verifier_key().clone(),
    ];
    for size in [3, 4, 9, 200] {
        log.grow(size);
        let cosigned = cosign(&asked, &log).await;
        assert_eq!(
            cosigned.verdict,
            Verdict::Publish,
            "{:?}",
            asked.standings()
        );
        let time = NOW / 1000;
        assert_eq!(
            cosigned.by,
            [("one.example".into(), time), ("two.example".into(), time)]
        );
        let note = Note::parse(&cosigned.note).unwrap();
        assert!(note.is_signed_by(&log.key, &RingVerifier));
        assert_eq!(proof::cosigned(&note, &keys, &RingVerifier), cosigned.by);
        assert!(
            asked
                .standings()
                .iter()
                .all(|s| s.size == size && s.missing.is_none())
        );
    }
}

#[tokio::test]
async fn without_witnesses_a_checkpoint_stands_as_the_log_signed_it() {
    let log = Log::new(ORIGIN, 3);
    let cosigned = cosign(&witnesses(Vec::new(), 0), &log).await;
    assert_eq!(
        cosigned,
        Cosigned {
            note: log.checkpoint(3),
            by: Vec::new(),
            verdict: Verdict::Publish
        }
    );
}

#[tokio::test]
async fn a_client_that_knows_nothing_catches_up_from_where_the_witness_is() {
    let mut log = Log::new(ORIGIN, 5);
    let one = running("one.example", &log).await;
    add(&one.witness, log.request(0, 5)).await;
    log.grow(77);
    // As after a restart: the first request starts from nothing, the witness names 5, the second proves from there.
    let asked = witnesses(vec![one.config()], 1);
    assert_eq!(cosign(&asked, &log).await.verdict, Verdict::Publish);
    // Somebody else takes the witness further in between.
    log.grow(100);
    add(&one.witness, log.request(77, 90)).await;
    assert_eq!(cosign(&asked, &log).await.verdict, Verdict::Publish);
}

#[tokio::test]
async fn a_dead_witness_takes_its_cosignature_and_nothing_else() {
    let log = Log::new(ORIGIN, 5);
    let one = running("one.example", &log).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let dead = config(&dead, nobodys("dead.example"));

    let enough = witnesses(vec![dead.clone(), one.config()], 1);
    let cosigned = cosign(&enough, &log).await;
    assert_eq!(cosigned.verdict, Verdict::Publish);
    assert_eq!(names(&cosigned), ["one.example"]);
    assert!(matches!(missing(&enough), Missing::Unreachable(_)));

    let few = witnesses(vec![dead, one.config()], 2);
    let cosigned = cosign(&few, &log).await;
    assert_eq!(cosigned.verdict, Verdict::TooFew);
    assert_eq!(names(&cosigned), ["one.example"]);
}

#[tokio::test]
async fn a_witness_that_never_answers_holds_nobody_up_for_longer_than_allowed() {
    let log = Log::new(ORIGIN, 5);
    let one = running("one.example", &log).await;
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    let silent_one = config(&silent_url, nobodys("silent.example"));
    let patience = Patience {
        quorum: Duration::from_millis(800),
        others: Duration::from_millis(50),
    };

    let enough = witnesses(vec![silent_one.clone(), one.config()], 1);
    let cosigned = cosign(&enough.with_patience(patience), &log).await;
    assert_eq!(cosigned.verdict, Verdict::Publish);
    assert_eq!(names(&cosigned), ["one.example"]);

    let few = witnesses(vec![silent_one, one.config()], 2).with_patience(patience);
    assert_eq!(cosign(&few, &log).await.verdict, Verdict::TooFew);
    assert_eq!(missing(&few), Missing::Slow);
}

#[tokio::test]
async fn a_cosignature_counts_only_by_the_configured_key_over_this_text() {
    let log = Log::new(ORIGIN, 5);
    let one = running("one.example", &log).await;
    let url = format!("http://{}", one.listening.address);

    let other_key = witnesses(vec![config(&url, nobodys("one.example"))], 1);
    assert_eq!(cosign(&other_key, &log).await.verdict, Verdict::TooFew);
    assert_eq!(missing(&other_key), Missing::BadCosignature);

    // A witness that repeats an old cosignature for every checkpoint.
    let old = add(&one.witness, log.request(5, 5)).await.text;
    let repeating = listen(Router::new().route("/add-checkpoint", post(async move || old))).await;
    let repeated = config(
        &format!("http://{}", repeating.address),
        one.witness.verifier_key().clone(),
    );
    let longer = Log::new(ORIGIN, 6);
    let repeats = witnesses(vec![repeated], 1);
    let cosigned = cosign(&repeats, &longer).await;
    assert_eq!(cosigned.verdict, Verdict::TooFew);
    assert_eq!(missing(&repeats), Missing::BadCosignature);
    assert_eq!(
        cosigned.note,
        longer.checkpoint(6),
        "nothing unchecked is added"
    );
}

/// A witness that gives these answers, one after another, the last for ever.
async fn scripted(
    answers: Vec<(u16, &'static str, &'static str)>,
) -> (Listening, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let answer = async move |_: Bytes| -> Response {
        let at = counted
            .fetch_add(1, Ordering::Relaxed)
            .min(answers.len() - 1);
        let (status, media, text) = answers[at];
        let status = StatusCode::from_u16(status).unwrap();
        (status, [("content-type", media)], text).into_response()
    };
    (
        listen(Router::new().route("/add-checkpoint", post(answer))).await,
        count,
    )
}

#[tokio::test]
async fn answers_outside_the_protocol_are_no_cosignatures_and_no_accusations() {
    const SIZE: &str = "text/x.tlog.size";
    let log = Log::new(ORIGIN, 5);
    let huge: &'static str = Box::leak("x".repeat(64 * 1024).into_boxed_str());
    type Case = (Vec<(u16, &'static str, &'static str)>, fn(&Missing) -> bool);
    let cases: Vec<Case> = vec![
        (vec![(404, "text/plain", "")], |m| *m == Missing::LogUnknown),
        (vec![(403, "text/plain", "")], |m| *m == Missing::KeyUnknown),
        (vec![(400, "text/plain", "")], |m| {
            *m == Missing::Status(400)
        }),
        (vec![(500, "text/plain", "")], |m| {
            *m == Missing::Status(500)
        }),
        (vec![(301, "text/plain", "")], |m| {
            *m == Missing::Status(301)
        }),
        (vec![(200, "text/plain", "")], |m| {
            *m == Missing::BadCosignature
        }),
        (vec![(200, "text/plain", "— w AAAA\n")], |m| {
            *m == Missing::BadCosignature
        }),
        (vec![(200, "text/plain", huge)], |m| {
            matches!(m, Missing::Nonsense(_))
        }),
        (vec![(409, "text/plain", "3\n")], |m| {
            matches!(m, Missing::Nonsense(_))
        }),
        (vec![(409, SIZE, "three\n")], |m| {
            matches!(m, Missing::Nonsense(_))
        }),
        (vec![(409, SIZE, "3")], |m| {
            matches!(m, Missing::Nonsense(_))
        }),
        (vec![(409, SIZE, "0\n")], |m| {
            matches!(m, Missing::Nonsense(_))
        }),
        (vec![(409, SIZE, "3\n")], |m| {
            matches!(m, Missing::Nonsense(_))
        }),
        (
            vec![
                (409, SIZE, "3\n"),
                (409, SIZE, "4\n"),
                (409, SIZE, "3\n"),
                (409, SIZE, "4\n"),
            ],
            |m| matches!(m, Missing::Nonsense(_)),
        ),
        (vec![(422, "text/plain", "")], |m| {
            matches!(m, Missing::Nonsense(_))
        }),
    ];
    for (answers, expected) in cases {
        let (listening, count) = scripted(answers.clone()).await;
        let url = format!("http://{}", listening.address);
        let asked = witnesses(vec![config(&url, nobodys("w"))], 1);
        let cosigned = cosign(&asked, &log).await;
        assert_eq!(cosigned.verdict, Verdict::TooFew, "{answers:?}");
        let found = missing(&asked);
        assert!(expected(&found), "{answers:?}: {found:?}");
        assert!(
            count.load(Ordering::Relaxed) <= 3,
            "{answers:?}: it is left alone after a few rounds"
        );
    }
}

#[tokio::test]
async fn a_log_without_one_leaf_is_accused_and_not_published() {
    // (what the witness saw, what the rebuilt log holds, how they contradict each other)
    let cases = [
        (9, Log::new(ORIGIN, 9).without(4), Contradiction::Shrunk),
        (9, Log::new(ORIGIN, 10).without(4), Contradiction::Replaced),
        (9, Log::new(ORIGIN, 12).without(4), Contradiction::Diverged),
        (9, Log::new(ORIGIN, 12).altered(8), Contradiction::Diverged),
    ];
    for (seen, rebuilt, how) in cases {
        let honest = Log::new(ORIGIN, seen);
        let one = running("one.example", &honest).await;
        let two = running("two.example", &honest).await;
        let (three, four) = (
            running("three.example", &honest).await,
            running("four.example", &honest).await,
        );
        add(&one.witness, honest.request(0, seen)).await;
        // The other three never heard of the log, and would cosign anything.
        let all = [&two, &three, &four, &one].map(Running::config).to_vec();
        let asked = witnesses(all, 2);
        let cosigned = cosign(&asked, &rebuilt).await;
        let Verdict::Rewritten(accusation) = &cosigned.verdict else {
            panic!("{how:?}: {cosigned:?}");
        };
        assert_eq!(
            (
                accusation.witness.as_str(),
                accusation.cosigned,
                accusation.how
            ),
            ("one.example", seen, how)
        );
        assert_eq!(asked.accusation().as_ref(), Some(accusation));
        assert!(
            accusation.to_string().contains("one.example"),
            "{accusation}"
        );
    }
}

#[tokio::test]
async fn an_accusation_stands_until_the_witness_cosigns_again() {
    let honest = Log::new(ORIGIN, 9);
    let one = running("one.example", &honest).await;
    add(&one.witness, honest.request(0, 9)).await;
    let asked = witnesses(vec![one.config()], 0).with_patience(Patience {
        quorum: Duration::from_millis(500),
        others: Duration::from_millis(500),
    });
    let rebuilt = Log::new(ORIGIN, 12).without(0);
    assert!(matches!(
        cosign(&asked, &rebuilt).await.verdict,
        Verdict::Rewritten(_)
    ));

    // Its silence takes nothing back, even where no quorum is asked for.
    let Running {
        witness,
        listening,
        _folder,
    } = one;
    let address = listening.address;
    drop(listening);
    // Once nothing listens there any more.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(
        cosign(&asked, &rebuilt).await.verdict,
        Verdict::Rewritten(_)
    ));

    // The right database again, and the witness again.
    let listener = TcpListener::bind(address).await.unwrap();
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    tokio::spawn(sayso_server::connection::serve(
        listener,
        router(witness),
        stopped,
    ));
    let restored = Log::new(ORIGIN, 14);
    assert_eq!(cosign(&asked, &restored).await.verdict, Verdict::Publish);
    assert_eq!(asked.accusation(), None);
}

#[tokio::test]
async fn a_witness_ahead_of_a_checkpoint_that_the_tree_has_outgrown_accuses_nobody() {
    let log = Log::new(ORIGIN, 9);
    let one = running("one.example", &log).await;
    add(&one.witness, log.request(0, 9)).await;
    let asked = witnesses(vec![one.config()], 1);
    // Another process of the same site has published further; this one still asks for the checkpoint of 5.
    let earlier = Log::new(ORIGIN, 5);
    let cosigned = asked
        .cosign(&log, &earlier.checkpoint(5), earlier.head())
        .await;
    assert_eq!(cosigned.verdict, Verdict::TooFew);
    assert_eq!(missing(&asked), Missing::Ahead);
}

#[tokio::test]
async fn a_damaged_tree_of_ours_is_not_laid_at_the_witnesss_door() {
    let log = Log::new(ORIGIN, 9);
    let one = running("one.example", &log).await;
    add(&one.witness, log.request(0, 6)).await;
    // The head and its checkpoint are right, the nodes that proofs are made of are not.
    let damaged = Log::new(ORIGIN, 9).altered(3);
    let asked = witnesses(vec![one.config()], 1);
    let cosigned = asked.cosign(&damaged, &log.checkpoint(9), log.head()).await;
    assert_eq!(cosigned.verdict, Verdict::TooFew);
    assert_eq!(missing(&asked), Missing::Damaged(6));
}
