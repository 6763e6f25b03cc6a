//! The log under the eyes of those it is about: a browser that comes back, and witnesses.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use sayso_tests::{Result, World, run, until};
use serde_json::{Value, json};

/// What the browser keeps of the site's log.
async fn kept(world: &World) -> Result<Value> {
    let text = world
        .browser
        .js("return localStorage.getItem('sayso.log')")
        .await?;
    Ok(serde_json::from_str(text.as_str().unwrap_or("null"))?)
}

/// The size that a checkpoint names.
fn size(note: &Value) -> u64 {
    let line = note.as_str().unwrap_or_default().lines().nth(1);
    line.and_then(|line| line.parse().ok()).unwrap_or_default()
}

/// Waits until the newest checkpoint that the browser knows has this size.
async fn until_seen(world: &World, wanted: u64) -> Result {
    until(
        &format!("a checkpoint of size {wanted} in the browser"),
        async || Ok((size(&kept(world).await?["seen"]) == wanted).then_some(())),
    )
    .await
}

/// What an operator with the keys can do, and must not: begins the ledger anew and leaves the keys as they are.
async fn begin_anew(world: &mut World) -> Result {
    world.server.stop();
    for site in std::fs::read_dir(world.server.data())? {
        let site = site?.path();
        if !site.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&site)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.contains(".db") || name.starts_with("checkpoint") {
                std::fs::remove_file(path)?;
            }
        }
    }
    println!("  the ledger is gone, the keys are there");
    world.server.resume().await
}

/// Posts to the receipts' endpoint as a page of the site does.
async fn post(world: &World, body: &Value) -> Result {
    let client = reqwest::Client::new();
    let sent = client
        .post(world.demo.url("/sayso/v1/receipts"))
        .header("origin", world.demo.origin())
        .header("content-type", "text/plain;charset=UTF-8")
        .body(body.to_string());
    let answer = sent.send().await?.error_for_status()?.text().await?;
    let answer: Value = serde_json::from_str(&answer)?;
    assert!(answer["results"][0]["problem"].is_null(), "{answer}");
    Ok(())
}

/// Remembers every error that the gate tells the page of.
const LISTEN: &str =
    "globalThis.told = []; addEventListener('sayso:error', (e) => told.push(e.detail), true);";

async fn until_told(world: &World) -> Result {
    let told = "globalThis.told?.some(({ code }) => code === 'log-inconsistent')";
    world.browser.until_js("the page to be told", told).await
}

#[test]
fn a_browser_that_comes_back_notices_a_rebuilt_log() {
    run(async |world| {
        world.browser.before_every_document(LISTEN).await?;
        println!("  somebody else answers first");
        world.visit("/").await?;
        world.answer("give-all").await?;
        world.settled().await?;
        world.browser.forget(&world.demo.origin()).await?;

        println!("  then our visitor");
        world.visit("/").await?;
        world.answer("give-all").await?;
        world.settled().await?;
        until_seen(world, 2).await?;
        let files = world
            .browser
            .js_async("return await sayso.receipts()")
            .await?;
        let receipt = files[0]["receipt"].clone();
        assert!(receipt.is_string(), "{files}");

        println!("  the ledger is rebuilt without the first receipt, with the same keys");
        begin_anew(world).await?;
        post(world, &json!({ "v": 1, "receipts": [receipt] })).await?;
        world.until_ledger(1).await?;

        world.visit("/pricing").await?;
        world.browser.gone("#sayso").await?;
        world.until_choice("analytics", 'g').await?;
        world.history().await?;
        until_told(world).await?;
        let notice = "deep('dialog [role=alert] h3').some((e) => e.textContent === 'The log of receipts was altered')";
        world
            .browser
            .until_js("the history to say so", notice)
            .await?;
        world.shot("log-altered").await?;

        println!("  it is not forgotten, and both checkpoints are handed out");
        world.visit("/").await?;
        world.history().await?;
        world
            .browser
            .until_js("the history to say so still", notice)
            .await?;
        let breach = kept(world).await?["breaches"][0].clone();
        assert_eq!(size(&breach["seen"]), 2, "{breach}");
        // What was published by then: with the receipt, or before it.
        assert!(size(&breach["shown"]) < 2, "{breach}");
        let everything = world.download("Download everything").await?;
        let everything: Value = serde_json::from_str(&std::fs::read_to_string(everything)?)?;
        assert_eq!(everything["evidence"], json!([breach]));
        assert_eq!(everything["receipts"][0]["receipt"], receipt);

        println!("  and no choice is held up by it");
        let state = world.state().await?;
        assert!(state.is_some_and(|state| state.contains("analytics:g")));
        world.browser.js("sayso.withdraw()").await?;
        world.until_choice("analytics", 'w').await?;
        world.settled().await?;
        world.until_ledger(2).await?;
        Ok(())
    });
}

/// Says yes to everything in the preference centre, which opens more and so never loads the page anew.
async fn accept_in_the_centre(world: &World) -> Result {
    world
        .browser
        .click("footer [data-sayso-open=preferences]")
        .await?;
    world.browser.seen("dialog[open] .switch").await?;
    world.browser.click_text("Accept all").await
}

#[test]
fn a_log_that_grew_over_what_was_taken_out_is_noticed_with_the_next_answer() {
    run(async |world| {
        world.browser.before_every_document(LISTEN).await?;
        world.visit("/").await?;
        world.answer("refuse-all").await?;
        world.settled().await?;
        accept_in_the_centre(world).await?;
        until_seen(world, 2).await?;
        let layer = world.ledger()?[0].payload["layer"].clone();
        let state = world.state().await?.unwrap_or_default();
        let choices = state.splitn(3, '.').nth(2).unwrap_or_default().to_owned();

        println!("  the ledger is rebuilt without both, and others answer meanwhile");
        begin_anew(world).await?;
        for number in 0..3 {
            let id = format!("019aa880-bafb-7{number}52-b2cc-9f043d3c9660");
            let decision = json!({ "id": id, "time": 1_763_763_600_123_u64, "surface": "banner", "action": "give-all",
                "layer": layer, "inView": true, "choices": choices });
            post(world, &json!({ "v": 1, "decisions": [decision] })).await?;
        }
        until("a checkpoint of the larger log", async || {
            let note = reqwest::get(world.demo.url("/sayso/checkpoint")).await?;
            Ok((size(&note.text().await?.into()) == 3).then_some(()))
        })
        .await?;

        world.visit("/pricing").await?;
        accept_in_the_centre(world).await?;
        until_told(world).await?;
        world.until_ledger(4).await?;
        world.settled().await?;
        let breach = kept(world).await?["breaches"][0].clone();
        assert_eq!(size(&breach["seen"]), 2, "{breach}");
        // Larger, by the receipt's own checkpoint or by the one published before: neither extends what was seen.
        assert!(size(&breach["shown"]) > 2, "{breach}");
        println!("  what is shown now is followed from here on");
        until_seen(world, 4).await?;
        Ok(())
    });
}

#[test]
fn an_honest_log_raises_no_alarm_and_who_refuses_keeps_no_checkpoint() {
    run(async |world| {
        world.browser.before_every_document(LISTEN).await?;
        world.visit("/").await?;
        world.answer("refuse-all").await?;
        world.settled().await?;
        assert_eq!(
            kept(world).await?,
            Value::Null,
            "a checkpoint tells when somebody was here"
        );
        for count in 2..5 {
            accept_in_the_centre(world).await?;
            until_seen(world, count).await?;
            world.settled().await?;
            let told = world.browser.js("return told").await?;
            assert_eq!(told, json!([]));
            world.visit("/pricing").await?;
        }
        world.history().await?;
        world.browser.idle().await?;
        assert_eq!(kept(world).await?["breaches"], Value::Null);
        Ok(())
    });
}

/// A running `sayso witness`; killed when dropped.
struct Witness {
    child: Child,
    /// Held open: it has more to say than is read here.
    _output: BufReader<ChildStdout>,
    key: String,
}

impl Drop for Witness {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Witness {
    fn start(program: &Path, folder: &Path, log: &str, port: u16) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let config = folder.join("witness.toml");
        let text =
            format!("version = 1\nname = \"alder.example/witness\"\n\n[[logs]]\nkey = \"{log}\"\n");
        std::fs::write(&config, text)?;
        let mut child = Command::new(program)
            .args(["witness", "--config"])
            .arg(&config)
            .arg("--data")
            .arg(folder.join("data"))
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("the witness's output")?);
        let mut key = String::new();
        output.read_line(&mut key)?;
        Ok(Self {
            child,
            _output: output,
            key: key.trim().to_owned(),
        })
    }
}

/// The log's own key, as witnesses are told it: its name stands in every checkpoint.
async fn log_key(world: &World) -> Result<String> {
    let keys: Value = serde_json::from_str(&std::fs::read_to_string(world.jwks().await?)?)?;
    let jwk = keys["keys"]
        .as_array()
        .and_then(|keys| keys.iter().find(|key| key["sayso"] == "log"))
        .ok_or("a log key")?;
    let checkpoint = until("a checkpoint", async || {
        let answer = reqwest::get(world.demo.url("/sayso/checkpoint")).await?;
        Ok(if answer.status().is_success() {
            Some(answer.text().await?)
        } else {
            None
        })
    })
    .await?;
    let name = checkpoint.lines().next().ok_or("an origin")?.to_owned();
    let x = jwk["x"]
        .as_str()
        .and_then(sayso_core::digest::decode)
        .ok_or("a key")?;
    let key = sayso_core::log::note::VerifierKey {
        name,
        algorithm: sayso_core::log::note::Algorithm::Ed25519,
        public: x.try_into().map_err(|_| "32 bytes")?,
    };
    Ok(key.to_string())
}

#[test]
fn a_downloaded_receipt_carries_what_witnesses_cosigned() {
    run(async |world| {
        world.visit("/").await?;
        world.answer("give-all").await?;
        world.settled().await?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = world.folder.path().join("witness");
        let witness = Witness::start(
            world.server.program(),
            &folder,
            &log_key(world).await?,
            port,
        )?;
        println!("  the site names a witness: {}", witness.key);
        world.server.stop();
        let config = world
            .folder
            .path()
            .join("sites")
            .join("demo")
            .join("sayso.toml");
        let text = std::fs::read_to_string(&config)?;
        let named = format!(
            "\n[log]\nquorum = 1\n\n[[log.witnesses]]\nurl = \"http://127.0.0.1:{port}\"\nkey = \"{}\"\n",
            witness.key
        );
        assert!(
            !text.contains("[log]"),
            "the demo names no witnesses of its own"
        );
        std::fs::write(&config, text + named.as_str())?;
        world.server.resume().await?;
        until("a cosigned checkpoint", async || {
            let answer = reqwest::get(world.demo.url("/sayso/checkpoint")).await?;
            Ok(answer
                .text()
                .await?
                .contains("\n— alder.example/witness ")
                .then_some(()))
        })
        .await?;

        world.visit("/pricing").await?;
        world.history().await?;
        let file = world.download("Download receipt").await?;
        let keys = world.jwks().await?;
        let check = |file: &Path| -> Result<bool> {
            let output = Command::new(world.server.program())
                .arg("verify")
                .arg(file)
                .arg("--keys")
                .arg(&keys)
                .args(["--witness", &witness.key])
                .output()?;
            println!("  {}", String::from_utf8_lossy(&output.stdout));
            println!("  {}", String::from_utf8_lossy(&output.stderr));
            Ok(output.status.success())
        };
        assert!(check(&file)?, "cosigned by the witness asked for");

        let cosigned = std::fs::read_to_string(&file)?;
        std::fs::remove_file(&file)?;
        println!("  and keeps it: with the server away, the same is handed out");
        world.browser.js("deep('dialog')[0].close()").await?;
        world.server.stop();
        world.browser.js("sayso.open('history')").await?;
        let again = world.download("Download receipt").await?;
        assert_eq!(std::fs::read_to_string(again)?, cosigned);
        Ok(())
    });
}
