//! Global Privacy Control, by property and by header, present and then absent, under each consent model. What reached
//! the test's own site is the witness.

use sayso_tests::{Browser, Elsewhere, Engine, Result, Setup, World, engines, until};
use serde_json::json;

const OPT_IN: &str = "[jurisdictions.world]\nmodel = \"OptIn\"";
const ALL_MODELS: &str = "[jurisdictions.notice]
model = \"NoticeOnly\"
controller = \"larkspur-world\"
age = 16
authority = { name = \"Office\", url = \"https://office.example/\" }

[jurisdictions.world]
model = \"OptOut\"";

/// By jurisdiction, the models, and whether one that was never signalled opens what nobody was asked for.
const MODELS: [(&str, &str, bool); 3] = [
    ("EU", "OptIn", false),
    ("world", "OptOut", true),
    ("notice", "NoticeOnly", true),
];

/// How a signal arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Property,
    Header,
}

engines!(
    a_signal_is_heard_under_every_model,
    Setup::default().edit(OPT_IN, ALL_MODELS)
);
async fn a_signal_is_heard_under_every_model(world: &mut World) -> Result {
    let site = site(world).await?;
    for (jurisdiction, model, open) in MODELS {
        for by in [By::Property, By::Header] {
            if by == By::Property || world.browser.has_privacy_control() {
                println!("  {model}, {by:?}");
                heard(world, &site, jurisdiction, open, by).await?;
            }
        }
        // The centre is the app's; that a browser runs it otherwise under another model is not to be expected.
        if world.engine == Engine::Chromium || model == "OptOut" {
            lifted(world, &site, jurisdiction, model).await?;
        }
    }
    Ok(())
}

/// The header as a browser itself sends it, in the one that can be told to: WebKit has no such setting, and Chromium's
/// header is its protocol's. Under one model: what becomes of a header under the others does not depend on who sent it.
#[test]
fn a_browsers_own_header_is_heard() {
    Setup::default()
        .edit(OPT_IN, ALL_MODELS)
        .within(Engine::Firefox)
        .run(async |world| {
            let site = site(world).await?;
            let (jurisdiction, _, open) = MODELS[1];
            heard(world, &site, jurisdiction, open, By::Header).await
        });
}

/// A site with a page for each model and each way of telling.
async fn site(world: &World) -> Result<Elsewhere> {
    let site = world.elsewhere().await?;
    site.put("/hit", "<p>ok</p>");
    site.put("/blank", "<!doctype html><title>Blank</title>");
    for (jurisdiction, _, _) in MODELS {
        for by in [None, Some(By::Property), Some(By::Header)] {
            site.put(&path(jurisdiction, by), &page(world, jurisdiction, by));
        }
    }
    Ok(site)
}

fn path(jurisdiction: &str, by: Option<By>) -> String {
    format!("/{jurisdiction}-{by:?}")
}

fn page(world: &World, jurisdiction: &str, by: Option<By>) -> String {
    // A browser that sends the header has the property as well: here each is heard by itself.
    let property = match by {
        None => String::new(),
        Some(by) => format!(
            "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {{ get: () => {} }})",
            by == By::Property
        ),
    };
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Signal</title><script>{property}</script>
        <script async src='{}/sayso/sayso.js?lang=en&r={jurisdiction}{}'></script>
        <p>Text</p><button id=all>All</button><button id=one>One</button>
        <script>for (const [id, ids] of [['all'], ['one', 'analytics']])
          document.getElementById(id).onclick = async () => {{ window.given = await sayso.give(ids) }}</script>
        <script type=text/plain data-sayso=analytics>fetch('/hit')</script></html>",
        world.service(),
        // Where the cache cannot tell the two apart; where it can, `Vary` does.
        if by == Some(By::Header) && world.engine == Engine::Chromium { "&by=header" } else { "" }
    )
}

/// Opens the page with or without the signal and waits until the gate has done its work.
async fn open(world: &World, site: &Elsewhere, jurisdiction: &str, by: Option<By>) -> Result {
    if world.browser.has_privacy_control() {
        world
            .browser
            .set_privacy_control(by == Some(By::Header))
            .await?;
    }
    let url = format!("{}{}", site.origin("localhost"), path(jurisdiction, by));
    world.browser.open(&url).await?;
    let ready = "window.sayso && sayso.state().analytics";
    world.browser.until_js("the gate", ready).await?;
    world.browser.idle().await
}

/// A new visitor. The page before would mend the cookie from its copy as long as it is open.
async fn anew(world: &World, origin: &str) -> Result {
    world.browser.open(&format!("{origin}/blank")).await?;
    world.browser.forget(origin).await?;
    // WebKit writes behind the page: what was written last may come after.
    world.browser.open(&format!("{origin}/blank")).await?;
    let nothing = "localStorage.length == 0 || localStorage.clear()";
    world.browser.until_js("nothing to be kept", nothing).await
}

async fn status(world: &World) -> Result<String> {
    let found = world.browser.js("return sayso.state().analytics").await?;
    Ok(found.as_str().unwrap_or_default().to_owned())
}

async fn asked(world: &World) -> Result<bool> {
    let there = "return !!document.querySelector('#sayso')";
    Ok(world.browser.js(there).await? == true)
}

/// The signal shuts what it is for, whoever is silent opens what the model opens, and what was signalled once stays shut.
async fn heard(
    world: &World,
    site: &Elsewhere,
    jurisdiction: &str,
    open_by_rule: bool,
    by: By,
) -> Result {
    let origin = site.origin("localhost");
    anew(world, &origin).await?;
    let ledger = world.ledger()?.len();
    let before = site.count("/hit");

    open(world, site, jurisdiction, Some(by)).await?;
    assert_eq!(status(world).await?, "Objected");
    assert!(!asked(world).await?, "the signal is an answer");
    assert_eq!(site.count("/hit"), before, "{:?}", site.hits());

    println!("    absent later");
    open(world, site, jurisdiction, None).await?;
    let stands = if open_by_rule { "Objected" } else { "Unknown" };
    assert_eq!(status(world).await?, stands);
    assert_eq!(
        asked(world).await?,
        !open_by_rule,
        "its absence is no consent"
    );
    assert_eq!(site.count("/hit"), before, "{:?}", site.hits());
    assert_eq!(
        world.ledger()?.len(),
        ledger,
        "a signal alone makes no receipt"
    );

    println!("    never there");
    anew(world, &origin).await?;
    open(world, site, jurisdiction, None).await?;
    assert!(asked(world).await?);
    if open_by_rule {
        until("what the model opens", async || {
            Ok((site.count("/hit") > before).then_some(()))
        })
        .await?;
    }
    assert_eq!(site.count("/hit"), before + usize::from(open_by_rule));
    Ok(())
}

/// No *Accept all* and no control of the site's lifts it; its own switch does, and that lasts.
async fn lifted(world: &World, site: &Elsewhere, jurisdiction: &str, model: &str) -> Result {
    println!("  {model}: lifted by its own switch");
    let browser = &world.browser;
    let signal = Some(By::Property);
    anew(world, &site.origin("localhost")).await?;
    let before = site.count("/hit");
    open(world, site, jurisdiction, signal).await?;
    browser.click("#all").await?;
    browser.until_js("an answer", "window.given").await?;
    world.settled().await?;
    assert_eq!(status(world).await?, "Objected", "accepting all leaves it");
    open(world, site, jurisdiction, signal).await?;
    browser.click("#one").await?;
    browser.seen("dialog[open]").await?;
    let analytics = Browser::switch("Analytical");
    browser.until_js("the switch", &analytics).await?;
    assert!(!browser.is_on("Analytical").await?);
    let note =
        "deep('dialog[open]')[0].textContent.includes('Your browser asks sites not to do this')";
    browser
        .until_js("a sentence that the browser asks otherwise", note)
        .await?;
    assert_eq!(site.count("/hit"), before, "{:?}", site.hits());
    browser.toggle("Analytical").await?;
    browser.click_text("Save choices").await?;
    until("the yes to count", async || {
        Ok((site.count("/hit") > before).then_some(()))
    })
    .await?;
    world.settled().await?;
    open(world, site, jurisdiction, signal).await?;
    assert_eq!(status(world).await?, "Given");
    let last = world.ledger()?.pop().ok_or("a receipt")?;
    assert_eq!(last.payload["signals"], json!(["gpc"]));
    assert_eq!(last.payload["model"], model);
    Ok(())
}
