//! Fuzzing every reader of a stranger's bytes, where `cargo fuzz` and a nightly compiler are there.
//!
//! What is looked for is written down in `fuzz/src`; the ordinary tests run the same checks on generated data.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;
use crate::repo::Repo;
use crate::stamp::{read, read_text, write};
use crate::summary::Summary;

/// What is fuzzed, one target each.
const TARGETS: [&str; 7] = ["jws", "claims", "cookie", "config", "proof", "note", "file"];

const REMEDY: &str = "install what fuzzing needs: rustup toolchain install nightly && cargo install --locked cargo-fuzz";

/// Runs every target for so many seconds, each a step of its own.
pub(crate) fn steps(repo: &Repo, seconds: u32, summary: &mut Summary) {
    let nightly = process::output(Command::new("rustup").args(["run", "nightly", "rustc", "-V"]));
    let fuzz = process::output(repo.cargo().args(["fuzz", "--version"]));
    if nightly.is_err() || fuzz.is_err() {
        return summary.skip("fuzzing", REMEDY);
    }
    for target in TARGETS {
        summary.step(&format!("fuzzing {target}, {seconds} s"), || {
            run(repo, target, seconds)
        });
    }
}

fn run(repo: &Repo, target: &str, seconds: u32) -> Result<()> {
    let corpus = repo.target.join("fuzz/corpus").join(target);
    let artifacts = repo.target.join("fuzz/artifacts").join(target);
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    for (n, seed) in seeds(&repo.root, target)?.iter().enumerate() {
        write(&corpus.join(format!("seed-{n}")), seed)?;
    }
    process::run(
        Command::new("rustup")
            // The compiler that runs this tool must not decide which one the targets are built with.
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("RUSTC")
            .env_remove("CARGO")
            .current_dir(&repo.root)
            .args(["run", "nightly", "cargo", "fuzz", "run", "--target-dir"])
            .arg(repo.target.join("fuzz"))
            .arg(target)
            .arg(&corpus)
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .args(["-print_final_stats=1", "-verbosity=0", "-max_len=16384"]),
    )
}

/// Honest and altered examples to begin with, out of the vectors.
fn seeds(root: &Path, target: &str) -> Result<Vec<Vec<u8>>> {
    let vectors = |name: &str| -> Result<Value> {
        let path = root.join("vectors").join(name);
        serde_json::from_slice(&read(&path)?).with_context(|| format!("reading {}", path.display()))
    };
    let each = |list: &Value, member: &str| -> Vec<Vec<u8>> {
        let list = list.as_array().into_iter().flatten();
        list.filter_map(|one| Some(one[member].as_str()?.as_bytes().to_vec()))
            .collect()
    };
    Ok(match target {
        "jws" => each(&vectors("receipt.json")?["cases"], "jws"),
        "claims" => each(&vectors("receipt.json")?["cases"], "payload"),
        "cookie" => each(&vectors("cookie.json")?["parse"], "text"),
        "config" => vec![read(&root.join("sites/demo/sayso.toml"))?],
        "note" => {
            let log = vectors("log.json")?;
            let texts = [
                "/checkpoint/text",
                "/checkpoint/cosigned",
                "/vkey",
                "/witnesses/0",
            ];
            let text = |pointer: &&str| Some(log.pointer(pointer)?.as_str()?.as_bytes().to_vec());
            texts.iter().filter_map(text).collect()
        }
        "file" => {
            let mut seeds = each(&vectors("receipt.json")?["refused"], "file");
            seeds.push(read_text(&root.join("vectors/file/signed.json"))?.into_bytes());
            seeds.push(vec![0, 0, 40, 3, 1]);
            seeds
        }
        _ => (0..40)
            .map(|size| vec![size, size / 2, size / 3, 1])
            .collect(),
    })
}
