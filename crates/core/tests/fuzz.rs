//! The bodies of the fuzzing targets on generated data, for machines without a nightly compiler.
#![cfg(feature = "config")]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "a test"
)]

#[path = "../../../fuzz/src/lib.rs"]
mod bodies;
mod support;

use proptest::prelude::*;
use serde_json::Value;
use support::read;

/// Changes a text here and there: enough to leave the grammar, seldom enough to come far into it.
fn mutated(seeds: Vec<String>) -> impl Strategy<Value = Vec<u8>> {
    let edits = proptest::collection::vec((any::<usize>(), 0u8..4, any::<u8>()), 0..4);
    (proptest::sample::select(seeds), edits).prop_map(|(seed, edits)| {
        let mut bytes = seed.into_bytes();
        for (place, what, character) in edits {
            let at = place % (bytes.len() + 1);
            let printable = b' ' + character % 95;
            match what {
                0 => bytes.insert(at, printable),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 if at < bytes.len() => bytes[at] = printable,
                3 if at < bytes.len() => bytes[at] ^= 1 << (character % 8),
                _ => {}
            }
        }
        bytes
    })
}

fn texts(value: &Value, pointers: &[&str]) -> Vec<String> {
    let text = |pointer: &&str| match value.pointer(pointer).unwrap() {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    pointers.iter().map(text).collect()
}

fn each(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().unwrap();
    list.iter()
        .filter_map(|one| one[member].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn jws() {
    let (receipts, log): (Value, Value) = (read("receipt.json"), read("log.json"));
    let mut seeds = each(&receipts["cases"], "jws");
    seeds.extend(texts(&log, &["/erasure/jws"]));
    seeds.extend(each(&log["erasure"]["refused"], "jws"));
    seeds.extend(texts(&receipts, &["/cases/0/file/countersignature"]));
    proptest!(|(data in mutated(seeds))| bodies::jws::check(&data));
}

#[test]
fn claims() {
    let receipts: Value = read("receipt.json");
    let seeds = each(&receipts["cases"], "payload");
    proptest!(|(data in mutated(seeds))| bodies::claims::check(&data));
}

#[test]
fn cookie() {
    let cookies: Value = read("cookie.json");
    let seeds = each(&cookies["parse"], "text");
    let two = (mutated(seeds.clone()), mutated(seeds));
    proptest!(|((first, second) in two)| {
        bodies::cookie::check(&[first, second].join(&b'\n'));
    });
    proptest!(|(text in "1\\.[0-9a-z]{1,3}\\.([a-b]:[grwosdn][1-2](\\.[0-9a-z]{1,2})?([+-][x-y])?~?){0,3}")| {
        bodies::cookie::check(text.as_bytes());
    });
}

#[test]
fn config() {
    let demo = include_str!("../../../sites/demo/sayso.toml").to_owned();
    let lines: Vec<String> = demo.split_inclusive('\n').map(str::to_owned).collect();
    let config = ProptestConfig::with_cases(96);
    proptest!(config.clone(), |(data in mutated(vec![demo.clone()]))| bodies::config::check(&data));
    // Lines left out and put in the wrong place.
    proptest!(config, |(drop in 0..lines.len(), put in 0..lines.len())| {
        let mut lines = lines.clone();
        let line = lines.remove(drop);
        bodies::config::check(lines.concat().as_bytes());
        lines.insert(put.min(lines.len()), line);
        bodies::config::check(lines.concat().as_bytes());
    });
}

#[test]
fn proof() {
    // Honest proofs of every small tree, and then whatever the choices say.
    for size in 0..40 {
        for index in 0..=size + 1 {
            bodies::proof::check(&[size, index, index, 1]);
        }
    }
    proptest!(|(data in proptest::collection::vec(any::<u8>(), 4..12))| bodies::proof::check(&data));
    proptest!(|(head in any::<[u8; 4]>(), choices in proptest::collection::vec(0u8..8, 0..9))| {
        bodies::proof::check(&[&head[..], &choices].concat());
    });
}

#[test]
fn note() {
    let (receipts, log): (Value, Value) = (read("receipt.json"), read("log.json"));
    let mut seeds = texts(
        &log,
        &[
            "/checkpoint/text",
            "/checkpoint/signed",
            "/checkpoint/cosigned",
            "/vkey",
            "/witnesses/0",
        ],
    );
    seeds.extend(texts(
        &receipts,
        &["/cases/0/file/proof", "/cases/5/file/proof"],
    ));
    seeds.extend(
        [
            "tile/0/x001/234.p/5",
            "tile/entries/000",
            "tile/3/x001/x234/067",
        ]
        .map(str::to_owned),
    );
    proptest!(|(data in mutated(seeds))| bodies::note::check(&data));
}

#[test]
fn file() {
    let config = ProptestConfig::with_cases(128);
    bodies::file::check(&[0]);
    proptest!(config.clone(), |(edits in proptest::collection::vec(any::<u8>(), 4..13))| {
        bodies::file::check(&[&[0], &edits[..]].concat());
    });
    let receipts: Value = read("receipt.json");
    let seeds = each(&receipts["refused"], "file");
    for seed in &seeds {
        bodies::file::check(seed.as_bytes());
    }
    proptest!(config, |(data in mutated(seeds))| bodies::file::check(&data));
}
