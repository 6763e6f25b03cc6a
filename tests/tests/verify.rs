//! The page that checks receipts: a file in, the truth out, and nothing uploaded.

use std::path::{Path, PathBuf};

use sayso_tests::{Result, World, run, text, workspace};
use serde_json::Value;
use thirtyfour::prelude::*;

/// Answers on the start page and keeps the countersigned receipt as a file.
async fn receipt(world: &World) -> Result<PathBuf> {
    world.visit("/").await?;
    world.answer("give-all").await?;
    world.settled().await?;
    let files = world
        .browser
        .js_async("return await sayso.receipts()")
        .await?;
    let file = world.folder.path().join("receipt.json");
    std::fs::write(&file, files[0].to_string())?;
    Ok(file)
}

async fn open(world: &World, query: &str) -> Result {
    let page = world.demo.url(&format!("/sayso/verify{query}"));
    world.browser.open(&page).await?;
    world.browser.seen("[data-drop]").await?;
    Ok(())
}

/// Chooses a file, as its dialog would.
async fn choose(world: &World, field: &str, file: &Path) -> Result {
    println!("  choose {}", file.display());
    let field = world
        .browser
        .driver
        .find(By::Css(format!("[data-{field}]")))
        .await?;
    Ok(field.send_keys(file.to_string_lossy()).await?)
}

/// Waits for a verdict of this kind and gives everything that the page says.
async fn verdict(world: &World, kind: &str) -> Result<String> {
    world.browser.seen(&format!(".verdict.{kind}")).await?;
    let said = world
        .browser
        .js("return document.querySelector('[data-out]').textContent")
        .await?;
    Ok(said.as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_receipt_is_checked_in_the_browser_and_nothing_is_uploaded() {
    run(async |world| {
        let file = receipt(world).await?;
        open(world, "?lang=en").await?;
        world.demo.reset();
        choose(world, "file", &file).await?;
        let said = verdict(world, "good").await?;
        for key in [
            "holds",
            "holds-signed",
            "notice-same",
            "layer",
            "not-person",
            "not-others",
        ] {
            let text = text("en", &format!("verify-{key}"));
            assert!(said.contains(&text), "no {text:?} in {said}");
        }
        for shown in [
            "Analytical",
            "allowed",
            "Accepted all",
            "Larkspur Tools GmbH",
        ] {
            assert!(said.contains(shown), "no {shown:?} in {said}");
        }
        let banner = world
            .browser
            .js("return document.querySelector('.layer').textContent")
            .await?;
        let banner = banner.as_str().unwrap_or_default();
        assert!(banner.contains(&text("en", "banner-title")), "{banner}");

        println!("  screen readers hear the verdict, and the focus is on it");
        let heard = "document.querySelector('[role=status]').textContent === 'This receipt holds'";
        world
            .browser
            .until_js("the verdict to be said", heard)
            .await?;
        let focused = "document.activeElement.textContent === 'This receipt holds'";
        world
            .browser
            .until_js("the verdict to be in focus", focused)
            .await?;

        println!("  and nothing left the browser but questions");
        for seen in world.demo.requests() {
            assert_eq!(seen.method, "GET", "{seen:?}");
            assert!(!seen.path.contains("eyJ0eXAi"), "{seen:?}");
        }
        Ok(())
    });
}

#[test]
fn whatever_is_wrong_is_told_by_its_own_sentence_and_code() {
    run(async |world| {
        let file = receipt(world).await?;
        let whole = std::fs::read_to_string(&file)?;
        let value: Value = serde_json::from_str(&whole)?;
        let member = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let flip = |text: &str, at: usize| {
            let other = if text.as_bytes()[at] == b'A' {
                "B"
            } else {
                "A"
            };
            format!("{}{other}{}", &text[..at], &text[at + 1..])
        };
        let with = |name: &str, text: String| {
            let mut value = value.clone();
            value[name] = text.into();
            value.to_string()
        };
        let (receipt, salt, proof) = (member("receipt"), member("salt"), member("proof"));
        let countersignature = member("countersignature");
        let signature = receipt.rfind('.').ok_or("a JWS")? + 9;
        let second = countersignature.rfind('.').ok_or("a JWS")? + 9;
        let mut bare = value.clone();
        bare.as_object_mut().ok_or("an object")?.remove("proof");
        let cases = [
            (10, "sayso".to_owned()),
            (11, whole.replacen('{', "{\"v\":1,", 1)),
            (13, with("receipt", flip(&receipt, signature))),
            (
                17,
                with("countersignature", flip(&countersignature, second)),
            ),
            (19, with("salt", flip(&salt, 3))),
            (21, bare.to_string()),
            (22, with("proof", "nonsense".to_owned())),
            (
                23,
                with("proof", proof.replacen("index 0\n", "index 1\n", 1)),
            ),
        ];
        open(world, "?lang=en").await?;
        for (code, file) in cases {
            let path = world.folder.path().join(format!("wrong-{code}.json"));
            std::fs::write(&path, file)?;
            choose(world, "file", &path).await?;
            let code_said = format!(
                "document.querySelector('[data-out]').textContent.includes('Code {code},')"
            );
            world
                .browser
                .until_js(&format!("code {code}"), &code_said)
                .await?;
            let said = verdict(world, "wrong").await?;
            let sentence = text("en", &format!("verify-code-{code}"));
            assert!(said.contains(&sentence), "no {sentence:?} in {said}");
            assert!(!said.contains("What this proves"), "{said}");
        }
        world.shot("verify-refused").await?;

        println!("  a browser without Ed25519 says so");
        let poor = "const whole = SubtleCrypto.prototype.importKey;
            SubtleCrypto.prototype.importKey = function (kind, key, form, ...rest) {
              return form === 'Ed25519' ? Promise.reject(new DOMException('', 'NotSupportedError')) : whole.call(this, kind, key, form, ...rest);
            };";
        world.browser.before_every_document(poor).await?;
        open(world, "?lang=en").await?;
        choose(world, "file", &world.folder.path().join("receipt.json")).await?;
        let said = verdict(world, "unsure").await?;
        assert!(
            said.contains("Ed25519") && said.contains("sayso verify"),
            "{said}"
        );
        Ok(())
    });
}

#[test]
fn another_sites_keys_and_witnesses_can_be_given_and_all_by_keyboard() {
    run(async |world| {
        open(world, "?lang=en").await?;
        let vectors = workspace().join("vectors").join("receipt.json");
        let vectors: Value = serde_json::from_str(&std::fs::read_to_string(vectors)?)?;
        let keys = world.folder.path().join("keys.json");
        std::fs::write(&keys, vectors["jwks"].to_string())?;
        let file = match &vectors["cases"][0]["file"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        println!("  pasted, by keyboard alone");
        let browser = &world.browser;
        browser
            .tab_to("the chooser", "focus.matches('[data-file]')")
            .await?;
        browser
            .tab_to("pasting", "focus.matches('summary')")
            .await?;
        browser.press(Key::Enter).await?;
        browser
            .tab_to("the text", "focus.matches('[data-text]')")
            .await?;
        browser
            .js(&format!(
                "document.querySelector('[data-text]').value = {}",
                Value::String(file)
            ))
            .await?;
        browser
            .tab_to("Check", "focus.textContent === 'Check'")
            .await?;
        browser.press(Key::Enter).await?;
        let said = verdict(world, "wrong").await?;
        assert!(
            said.contains("Code 16,") && said.contains("demo.sayso.example"),
            "{said}"
        );

        println!("  with that site's keys it holds; its witnesses are named, not believed");
        browser.click_text("Another site").await?;
        choose(world, "keys", &keys).await?;
        browser.click("[data-paste] button").await?;
        let said = verdict(world, "good").await?;
        assert!(said.contains("named in the file, not checked"), "{said}");
        assert!(said.contains("That others see the same log"), "{said}");

        println!("  and with their keys, believed");
        let witnesses: Vec<&str> = vectors["witnesses"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for witness in &witnesses {
            browser
                .fill("[data-witnesses]", &format!("{witness}\n"))
                .await?;
        }
        browser.click("[data-paste] button").await?;
        let believed =
            "document.querySelector('.does')?.textContent.includes('alder.example/witness')";
        browser
            .until_js("the witnesses to be believed", believed)
            .await?;
        world.shot("verify-witnesses").await?;
        Ok(())
    });
}

#[test]
fn the_page_is_at_home_everywhere() {
    run(async |world| {
        let file = receipt(world).await?;
        for (name, language, width, dark) in [
            ("wide", "en", 1280, false),
            ("dark", "en", 1280, true),
            ("360", "de", 360, false),
            ("rtl", "ar", 1280, false),
            ("360-rtl-dark", "ar", 360, true),
        ] {
            world.browser.view(width, 900, dark).await?;
            open(world, &format!("?lang={language}")).await?;
            world.shot(&format!("verify-{name}-empty")).await?;
            choose(world, "file", &file).await?;
            let said = verdict(world, "good").await?;
            assert!(said.contains(&text(language, "verify-holds")), "{said}");
            for word in ["verify-", "undefined", "NaN", "{"] {
                assert!(!said.contains(word), "{word} in {said}");
            }
            let wide = world
                .browser
                .js("return document.documentElement.scrollWidth - innerWidth")
                .await?;
            assert!(
                wide.as_i64().is_some_and(|wide| wide <= 0),
                "{name}: {wide} px too wide"
            );
            let tall = world
                .browser
                .js("return document.documentElement.scrollHeight")
                .await?;
            let tall = tall
                .as_u64()
                .and_then(|tall| u32::try_from(tall).ok())
                .unwrap_or(900);
            world.browser.view(width, tall, dark).await?;
            world.shot(&format!("verify-{name}")).await?;
        }
        Ok(())
    });
}
