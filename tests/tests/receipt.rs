//! The receipt in the visitor's hands: shown, downloaded, and checked without the server, by our tool and by others.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sayso_demo::{Faults, WasmFault};
use sayso_tests::{Result, World, run, until, workspace};
use serde_json::Value;

fn verify(world: &World, file: &Path, keys: &Path) -> Result<Output> {
    let output = Command::new(world.server.program())
        .arg("verify")
        .arg(file)
        .arg("--keys")
        .arg(keys)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    println!(
        "  sayso verify {}: {}, {}",
        file.display(),
        output.status,
        said.trim()
    );
    Ok(output)
}

/// The checkers in other languages, as far as they are installed; `cargo xtask test` says where.
fn second_opinions(file: &Path, keys: &Path) -> Result {
    let checkers = workspace().join("target").join("checkers");
    let place = |variable: &str, usual: &str| {
        std::env::var_os(variable).map_or_else(|| checkers.join(usual), PathBuf::from)
    };
    let (jose, python) = (
        place("SAYSO_JOSE", "npm/node_modules/jose"),
        place("SAYSO_PYTHON", "python/bin/python"),
    );
    let vectors = workspace().join("vectors");
    let mut asked = 0;
    for (program, script, installed) in [
        (python.clone(), "verify.py", python.is_file()),
        (PathBuf::from("node"), "verify.mjs", jose.is_dir()),
    ] {
        if !installed {
            continue;
        }
        asked += 1;
        let output = Command::new(program)
            .arg(vectors.join(script))
            .arg(file)
            .arg(keys)
            .env("SAYSO_JOSE", &jose)
            .output()?;
        println!(
            "  {script}: {}",
            String::from_utf8_lossy(&output.stdout).trim()
        );
        assert!(
            output.status.success(),
            "{script}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    if asked == 0 {
        let text = "SKIPPED second opinion on receipts: neither npm jose nor PyPI jwcrypto found (cargo xtask test fetches them)";
        assert!(
            std::env::var_os("SAYSO_STRICT").is_none_or(|strict| strict != "1"),
            "{text}"
        );
        println!("{text}");
    }
    Ok(())
}

#[test]
fn a_downloaded_receipt_convinces_anybody_offline() {
    run(async |world| {
        world.visit("/").await?;
        world.answer("give-all").await?;
        world.settled().await?;
        world.history().await?;
        world.shot("history").await?;
        let file = world.download("Download receipt").await?;
        let keys = world.jwks().await?;

        println!("  the server is away: the check needs nobody");
        world.server.stop();
        let output = verify(world, &file, &keys)?;
        assert!(output.status.success());
        second_opinions(&file, &keys)?;

        println!("  a forged one is turned away");
        let mut forged: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
        let receipt = forged["receipt"].as_str().ok_or("a receipt")?.to_owned();
        let middle = receipt.find('.').ok_or("a JWS")? + 20;
        let other = if receipt.as_bytes()[middle] == b'A' {
            "B"
        } else {
            "A"
        };
        forged["receipt"] =
            format!("{}{other}{}", &receipt[..middle], &receipt[middle + 1..]).into();
        let forgery = world.folder.path().join("forged.json");
        std::fs::write(&forgery, forged.to_string())?;
        assert!(!verify(world, &forgery, &keys)?.status.success());
        Ok(())
    });
}

/// Keeps every answer to a posted decision.
const LISTEN: &str = "
globalThis.answers = [];
const plain = fetch;
globalThis.fetch = async (...call) => {
  const answer = await plain(...call);
  if (String(call[0]).includes('v1/receipts')) answers.push(call[1].body, await answer.clone().text());
  return answer;
};";

#[test]
fn a_witnessed_receipt_says_who_recorded_it() {
    run(async |world| {
        world.demo.set_faults(Faults {
            wasm: WasmFault::Missing,
            ..Faults::default()
        });
        // What the server answers to the gate is the countersigned receipt.
        world.browser.before_every_document(LISTEN).await?;
        world.visit("/").await?;
        world.answer("give-all").await?;
        world.until_ledger(1).await?;
        let answer = until("the server's answer", async || {
            Ok(world
                .browser
                .js("return globalThis.answers[1]")
                .await?
                .as_str()
                .map(str::to_owned))
        })
        .await?;
        let answer: Value = serde_json::from_str(&answer)?;
        let file = world.folder.path().join("witnessed.json");
        std::fs::write(&file, answer["results"][0]["countersigned"].to_string())?;
        let keys = world.jwks().await?;
        let output = verify(world, &file, &keys)?;
        assert!(output.status.success());
        let said = String::from_utf8_lossy(&output.stdout).to_lowercase();
        assert!(
            said.contains("recorded by the server, not signed by the visitor"),
            "{said}"
        );
        second_opinions(&file, &keys)
    });
}

#[test]
fn a_visitor_has_the_receipts_erased_and_the_answer_stays() {
    run(async |world| {
        world.visit("/").await?;
        world.answer("give-all").await?;
        world.settled().await?;
        world.history().await?;
        println!("  what it does stands before the button");
        world.browser.click_text("Have my receipts erased").await?;
        world.shot("erase").await?;
        world.browser.click_text("Erase for good").await?;
        world
            .browser
            .until_js(
                "the outcome",
                "deep('dialog [role=status]').some((e) => e.textContent.includes('has erased the receipts'))",
            )
            .await?;
        world
            .browser
            .until_js(
                "the entry to say so",
                "deep('dialog [data-proof=erased]').length === 1",
            )
            .await?;
        assert_eq!(world.ledger()?.len(), 0, "nothing readable is left of it");
        let storage = world.browser.local_storage().await?.to_string();
        assert!(
            !storage.contains("eyJ0eXAi"),
            "a signed text is left: {storage}"
        );
        assert!(!storage.contains("subject"), "a key is left: {storage}");
        assert_eq!(
            world.browser.databases().await?,
            [""; 0],
            "rows in IndexedDB"
        );
        world.until_choice("analytics", 'g').await?;

        println!("  a later answer begins anew, with another key");
        world.visit("/pricing").await?;
        world.browser.gone("#sayso").await?;
        world.browser.js("sayso.withdraw()").await?;
        world.until_choice("analytics", 'w').await?;
        world.settled().await?;
        world.until_decisions(1).await?;
        Ok(())
    });
}
