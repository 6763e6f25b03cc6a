//! The log as strangers read it: tiles, bundles of entries, proofs.

use std::ops::Range;

use axum::http::StatusCode;
use base64ct::{Base64UrlUnpadded, Encoding};
use sayso_core::digest::Digest;
use sayso_core::log::proof::Proof;
use sayso_core::log::tree::{leaf_hash, verify_consistency};
use sayso_server::checkpoint::publish;
use sayso_server::crypto::RingVerifier;
use serde_json::Value;
use tlog_tiles::{Error, Hash, HashReader, Tile, TileHashReader, TileReader};

use crate::visitor::{Visitor, body};
use crate::world::World;

const PATH: &str = "/sayso/v1/receipts";

/// Posts receipts with these numbers, ten at a time.
async fn fill(world: &World, numbers: Range<u32>) {
    let visitor = Visitor::new();
    let words: Vec<String> = numbers.map(|number| format!("number {number}")).collect();
    for words in words.chunks(10) {
        let receipts: Vec<String> = words
            .iter()
            .map(|word| visitor.receipt(world, word))
            .collect();
        let receipts: Vec<&str> = receipts.iter().map(String::as_str).collect();
        let results = world
            .post(PATH, body(None, &receipts, &[]))
            .send()
            .await
            .results();
        assert!(results.iter().all(|result| result.countersigned.is_some()));
    }
    publish(&world.site).await.expect("published");
}

/// Reads our tiles for another implementation of the same specification.
struct Remote<'a>(&'a World);

impl TileReader for Remote<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            let path = tile.path().replace("tile/8/", "/sayso/tile/");
            let reading = async { self.0.get(&path).send().await };
            let answer =
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(reading));
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            answer.body
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tile_reader_finds_every_entry_under_the_checkpoint() {
    let world = World::new().await;
    fill(&world, 0..300).await;
    let published = world.site.publication.newest().expect("published");
    let (size, root) = (published.size, Hash(published.root.0));
    assert_eq!(size, 300);
    let remote = Remote(&world);
    let reader = TileHashReader::new(size, root, &remote);

    let mut entries = Vec::new();
    for path in ["/sayso/tile/entries/000", "/sayso/tile/entries/001.p/44"] {
        let answer = world.get(path).send().await;
        assert_eq!(answer.status, StatusCode::OK);
        let mut rest = answer.body.as_slice();
        while let Some((length, tail)) = rest.split_first_chunk::<2>() {
            let (entry, tail) = tail.split_at(u16::from_be_bytes(*length).into());
            entries.push(entry.to_vec());
            rest = tail;
        }
    }
    assert_eq!(entries.len(), 300);
    for (index, entry) in (0..).zip(&entries) {
        assert_eq!((entry.len(), entry[0]), (33, 1), "opaque, and of a receipt");
        let at = tlog_tiles::stored_hash_index(0, index);
        let hash = reader.read_hashes(&[at]).expect("it is under the root")[0];
        assert_eq!(hash, tlog_tiles::record_hash(entry), "{index}");
    }
    for index in [0, 1, 255, 256, 299] {
        let proof = tlog_tiles::prove_record(size, index, &reader).expect("a proof");
        let ours = world
            .get(&format!("/sayso/v1/log/proof/{index}"))
            .send()
            .await;
        let ours = Proof::parse(&ours.text()).expect("a proof");
        let theirs: Vec<Digest> = proof.iter().map(|hash| Digest(hash.0)).collect();
        assert_eq!(ours.hashes, theirs, "{index}");
    }
}

#[tokio::test]
async fn tiles_are_kept_for_ever_and_read_by_any_page() {
    let world = World::new().await;
    fill(&world, 0..20).await;
    for path in ["0/000.p/20", "0/000.p/7", "entries/000.p/20"] {
        let path = format!("/sayso/tile/{path}");
        let ask = world.get(&path).with("origin", "https://anybody.example");
        let answer = ask.send().await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/octet-stream")
        );
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let keep = "public, max-age=31536000, immutable";
        assert_eq!(answer.header("cache-control"), Some(keep));
    }
    for path in [
        "0/000",
        "0/000.p/21",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/020",
        "0/001.p/1",
        "1/000",
        "1/000.p/1",
        "8/000",
        "00/000.p/1",
        "0/0",
        "0/x000/000.p/1",
        "0/000.p/1/",
        "entries/000",
        "entries/000.p/21",
        "entries/entries/000",
        "data/000",
        "-1/000",
        "0/000.p/-1",
        "0",
        "",
    ] {
        let path = format!("/sayso/tile/{path}");
        let answer = world.get(&path).send().await;
        println!("{path}");
        answer.refused(404, "not-found");
        let kept = answer.header("cache-control");
        assert_eq!(kept, Some("no-store"), "what is not there yet may come");
    }
}

#[tokio::test]
async fn proofs_hold_and_what_is_not_covered_has_none() {
    let world = World::new().await;
    fill(&world, 0..5).await;
    let first = world.site.publication.newest().expect("published");
    fill(&world, 5..12).await;
    let newest = world.site.publication.newest().expect("published");
    assert_eq!((first.size, newest.size), (5, 12));
    let entries = world
        .site
        .ledger
        .entries(0..12)
        .await
        .expect("read")
        .expect("there");
    for (index, entry) in (0..).zip(entries) {
        let answer = world
            .get(&format!("/sayso/v1/log/proof/{index}"))
            .send()
            .await;
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let proof = Proof::parse(&answer.text()).expect("a proof");
        let (leaf, key) = (leaf_hash(&entry.to_bytes()), world.site.signer.log_key());
        let (checkpoint, _) = proof
            .verify(&leaf, key, &[], 0, &RingVerifier)
            .expect("it holds");
        assert_eq!((proof.index, checkpoint.size), (index, 12));
    }
    crate::checkpoint::add(&world, "not published yet").await;
    for index in ["12", "13", "18446744073709551615"] {
        let path = format!("/sayso/v1/log/proof/{index}");
        world.get(&path).send().await.refused(404, "not-found");
    }
    for index in ["x", "-1", "01", "1.0", "18446744073709551616", "%31%00"] {
        let path = format!("/sayso/v1/log/proof/{index}");
        world.get(&path).send().await.refused(400, "malformed");
    }

    let path = "/sayso/v1/log/consistency?from=5&to=12";
    let answer = world.get(path).send().await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let proof: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(
        (&proof["v"], &proof["from"], &proof["to"]),
        (&1.into(), &5.into(), &12.into())
    );
    let hash = |text: &Value| {
        let bytes = Base64UrlUnpadded::decode_vec(text.as_str().expect("text")).expect("base64url");
        Digest(bytes.try_into().expect("32 bytes"))
    };
    let hashes: Vec<Digest> = proof["hashes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(hash)
        .collect();
    assert!(verify_consistency(
        5,
        12,
        &first.root,
        &newest.root,
        &hashes
    ));
    assert!(!verify_consistency(
        5,
        12,
        &newest.root,
        &first.root,
        &hashes
    ));
    let same = world
        .get("/sayso/v1/log/consistency?from=5&to=5")
        .send()
        .await;
    assert!(same.text().contains("\"hashes\":[]"), "{}", same.text());
    for (query, status, code) in [
        ("from=5&to=99", 404, "not-found"),
        ("from=6&to=5", 400, "malformed"),
        ("from=5", 400, "malformed"),
        ("from=5&to=", 400, "malformed"),
        ("from=05&to=6", 400, "malformed"),
        ("from=1&from=2&to=5", 400, "malformed"),
        ("", 400, "malformed"),
    ] {
        println!("{query}");
        let path = format!("/sayso/v1/log/consistency?{query}");
        world.get(&path).send().await.refused(status, code);
    }
}
