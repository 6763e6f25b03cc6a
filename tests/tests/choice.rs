//! The choice itself: nothing before it, a no as easy as a yes, and each doing what it says. The demo site's own log
//! of hits is the witness.

use sayso_demo::Kind;
use sayso_tests::{Browser, Elsewhere, Result, World, engines, run, until};
use thirtyfour::Key;

/// The page with the frame and the pixel.
const ARTICLE: &str = "/journal/quiet-mondays";

/// Cookies that need no answer: the state itself, and those of the live chat.
fn optional(cookies: Vec<String>) -> Vec<String> {
    cookies
        .into_iter()
        .filter(|name| name != "sayso" && !name.starts_with("chat_"))
        .collect()
}

/// Nothing optional has run, been fetched or been stored.
async fn nothing_optional(world: &World) -> Result {
    let cookies = world.browser.cookies(&world.origin()).await?;
    assert_eq!(optional(cookies), [""; 0], "cookies");
    for kind in [Kind::Analytics, Kind::Pixel, Kind::Frame] {
        assert_eq!(
            world.hits(kind),
            0,
            "hits of {kind:?}: {:?}",
            world.demo.hits()
        );
    }
    Ok(())
}

/// What tells one browser from another: an id, a key, a signature.
async fn no_identifier(world: &World) -> Result {
    let storage = world.browser.local_storage().await?.to_string();
    let looks_like_id = storage
        .split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .any(|word| word.len() == 36 && word.matches('-').count() == 4);
    assert!(!looks_like_id, "an id is left: {storage}");
    assert!(!storage.contains("eyJ0eXAi"), "signed: {storage}");
    assert!(
        !storage.contains("thumbprint") && !storage.contains("subject"),
        "a subject is left: {storage}"
    );
    assert_eq!(
        world.browser.databases().await?,
        [""; 0],
        "rows in IndexedDB"
    );
    Ok(())
}

fn wasm(fetched: &[String]) -> Vec<&String> {
    fetched.iter().filter(|url| url.contains(".wasm")).collect()
}

engines!(nothing_happens_before_an_answer);

async fn nothing_happens_before_an_answer(world: &mut World) -> Result {
    for page in ["/", ARTICLE, "/pricing"] {
        world.visit(page).await?;
        world.browser.seen("#sayso").await?;
        nothing_optional(world).await?;
        let fetched = world.browser.fetched().await?;
        let ours: Vec<_> = fetched
            .iter()
            .filter(|url| url.contains("/sayso/"))
            .collect();
        // A waiting frame brings the script that draws placeholders; nothing brings WebAssembly.
        let first = |url: &str| url.contains("/sayso/sayso.js");
        let late = |url: &str| page == ARTICLE && url.contains("/sayso/a/late.");
        assert!(
            ours.iter().all(|url| first(url) || late(url)),
            "on {page}, nothing but the first scripts: {ours:?}"
        );
    }
    let page = reqwest::get(world.demo.url("/")).await?;
    let policy = page.headers()["content-security-policy"]
        .to_str()?
        .to_owned();
    for rule in [
        "require-trusted-types-for 'script'",
        "trusted-types sayso",
        "style-src 'self'",
    ] {
        assert!(
            policy.contains(rule),
            "all of this runs under a strict policy: {policy}"
        );
    }
    let posts: Vec<_> = world
        .demo
        .requests()
        .into_iter()
        .filter(|seen| seen.method == "POST")
        .collect();
    assert!(
        posts.iter().all(|seen| !seen.path.starts_with("/sayso")),
        "nothing is sent: {posts:?}"
    );
    assert_eq!(
        world.browser.local_storage().await?,
        serde_json::json!({}),
        "nothing is stored"
    );
    assert_eq!(world.state().await?, None, "no cookie of our own either");

    println!("  closing, Esc and scrolling are no answers");
    world.browser.press(Key::Escape).await?;
    world
        .browser
        .js("scrollTo(0, document.body.scrollHeight); document.body.click()")
        .await?;
    world.browser.idle().await?;
    world.browser.seen("#sayso").await?;
    world.browser.reload().await?;
    world.browser.idle().await?;
    world.browser.seen("#sayso").await?;
    nothing_optional(world).await?;
    assert_eq!(world.state().await?, None);
    assert_eq!(world.ledger()?.len(), 0);
    Ok(())
}

#[test]
fn no_is_as_easy_as_yes() {
    run(async |world| {
        for (width, dark) in [(1280, false), (360, false), (1280, true)] {
            world.browser.view(width, 800, dark).await?;
            world.visit("/").await?;
            world.browser.seen("#sayso").await?;
            let first = world
                .browser
                .js("return document.body.firstElementChild.id")
                .await?;
            assert_eq!(first, "sayso", "screen readers meet the banner first");
            let buttons = world
                .browser
                .js("return [...document.querySelectorAll('#sayso [data-sayso-action]')].map((b) => {
                       const s = getComputedStyle(b), r = b.getBoundingClientRect();
                       return { action: b.dataset.saysoAction, tag: b.tagName, type: b.type, classes: b.className,
                         font: s.font, color: s.color, background: s.backgroundColor, border: s.border, opacity: s.opacity,
                         padding: s.padding, shadow: s.boxShadow, width: Math.round(r.width), height: Math.round(r.height),
                         inView: r.top >= 0 && r.bottom <= innerHeight && r.left >= 0 && r.right <= innerWidth };
                     })")
                .await?;
            let buttons = buttons.as_array().ok_or("a list of buttons")?.clone();
            let actions: Vec<_> = buttons
                .iter()
                .map(|button| button["action"].clone())
                .collect();
            assert_eq!(actions, ["give-all", "refuse-all", "preferences"]);
            for button in &buttons {
                println!("  {width} px, dark {dark}: {button}");
                assert_eq!(
                    button["inView"], true,
                    "no scrolling to any answer: {button}"
                );
                for property in [
                    "tag",
                    "type",
                    "classes",
                    "font",
                    "color",
                    "background",
                    "border",
                    "opacity",
                    "padding",
                    "shadow",
                    "width",
                    "height",
                ] {
                    assert_eq!(
                        button[property], buttons[0][property],
                        "{property} at {width} px"
                    );
                }
            }
        }
        Ok(())
    });
}

engines!(refusing_all_leaves_nothing_behind);

async fn refusing_all_leaves_nothing_behind(world: &mut World) -> Result {
    world.visit("/").await?;
    world.answer("refuse-all").await?;
    world.until_choice("analytics", 'r').await?;
    let entries = world.until_ledger(1).await?;
    assert_eq!(
        entries[0].status("analytics"),
        Some("Refused"),
        "{entries:?}"
    );
    assert!(!entries[0].witnessed, "signed with a key used once");
    world.settled().await?;
    no_identifier(world).await?;
    nothing_optional(world).await?;

    for page in ["/", ARTICLE, "/pricing"] {
        world.visit(page).await?;
        world.browser.gone("#sayso").await?;
        nothing_optional(world).await?;
        let fetched = world.browser.fetched().await?;
        assert_eq!(
            wasm(&fetched),
            [""; 0],
            "an answered visit loads no WebAssembly"
        );
    }
    no_identifier(world).await?;
    world.until_ledger(1).await?;
    Ok(())
}

engines!(accepting_all_runs_everything_once_and_at_once);

async fn accepting_all_runs_everything_once_and_at_once(world: &mut World) -> Result {
    world.visit("/").await?;
    world.answer("give-all").await?;
    world.until_hits(Kind::Analytics, 1).await?;
    world.until_choice("analytics", 'g').await?;
    world.settled().await?;
    let entries = world.until_ledger(1).await?;
    assert_eq!(entries[0].status("analytics"), Some("Given"), "{entries:?}");
    assert!(!entries[0].witnessed);
    assert_eq!(
        entries[0].payload["in_view"], true,
        "both answers were in view: {:?}",
        entries[0].payload
    );
    let cookies = optional(world.browser.cookies(&world.origin()).await?);
    assert!(
        cookies.iter().any(|name| name.starts_with("_pulse")),
        "analytics sets its cookies: {cookies:?}"
    );

    println!("  the next pages: no banner, no WebAssembly, everything runs once");
    world.demo.reset();
    world.visit("/pricing").await?;
    world.until_hits(Kind::Analytics, 1).await?;
    world.browser.gone("#sayso").await?;
    // Several times: whether the parser or the gate comes first differs from one load to the next.
    for _ in 0..4 {
        world.demo.reset();
        world.visit(ARTICLE).await?;
        world.until_hits(Kind::Frame, 1).await?;
        world.until_hits(Kind::Analytics, 1).await?;
        until("the pixel", async || {
            Ok((world.hits(Kind::Pixel) > 0).then_some(()))
        })
        .await?;
    }
    world.browser.gone("#sayso").await?;
    let fetched = world.browser.fetched().await?;
    assert_eq!(
        wasm(&fetched),
        [""; 0],
        "an answered visit loads no WebAssembly"
    );
    world.until_ledger(1).await?;
    Ok(())
}

engines!(one_service_can_be_allowed_alone_from_its_placeholder);

async fn one_service_can_be_allowed_alone_from_its_placeholder(world: &mut World) -> Result {
    world.visit(ARTICLE).await?;
    world.answer("refuse-all").await?;
    world.settled().await?;
    world.demo.reset();
    assert_eq!(world.hits(Kind::Frame), 0);
    world.browser.click_text("Always allow").await?;
    world.until_hits(Kind::Frame, 1).await?;
    let choice = until("the service in the cookie", async || {
        Ok(world
            .choice("analytics")
            .await?
            .filter(|choice| choice.contains("+video")))
    })
    .await?;
    assert!(
        choice.starts_with('r'),
        "the purpose stays refused: {choice}"
    );
    world.settled().await?;
    assert_eq!(
        world.until_ledger(2).await?[1].payload["surface"],
        "placeholder"
    );

    world.demo.reset();
    world.visit(ARTICLE).await?;
    world.until_hits(Kind::Frame, 1).await?;
    assert_eq!(
        world.hits(Kind::Analytics),
        0,
        "analytics was not allowed with it"
    );
    assert_eq!(
        optional(world.browser.cookies(&world.origin()).await?),
        [""; 0]
    );
    Ok(())
}

engines!(the_preference_centre_works_by_keyboard_alone);

async fn the_preference_centre_works_by_keyboard_alone(world: &mut World) -> Result {
    let browser = &world.browser;
    world.visit("/").await?;
    browser.seen("#sayso").await?;
    browser
        .tab_to(
            "the banner's Preferences button",
            "focus.dataset.saysoAction === 'preferences'",
        )
        .await?;
    browser.press(Key::Enter).await?;
    browser.seen("dialog[open]").await?;
    browser
        .until_js(
            "the focus to be in the dialog",
            "focused().closest('dialog[open]')",
        )
        .await?;

    let analytics = Browser::switch("Analytical");
    browser
        .until_js("the switch for analytics", &analytics)
        .await?;
    assert!(
        !browser.is_on("Analytical").await?,
        "nothing is switched on beforehand"
    );
    browser
        .tab_to(
            "the switch for analytics",
            &format!("focus === {analytics}"),
        )
        .await?;
    browser.press(Key::Space).await?;
    browser
        .until_js("the switch to be on", &format!("{analytics}.checked"))
        .await?;

    println!("  Esc closes and saves nothing");
    browser.press(Key::Escape).await?;
    browser.gone("dialog[open]").await?;
    assert_eq!(world.state().await?, None, "nothing was saved");
    browser
        .until_js(
            "the focus to be back where it was",
            "focused().dataset.saysoAction === 'preferences'",
        )
        .await?;
    browser.seen("#sayso").await?;

    println!("  open again, switch, save");
    browser.press(Key::Enter).await?;
    browser.seen("dialog[open]").await?;
    browser
        .until_js("the switch for analytics", &analytics)
        .await?;
    assert!(
        !browser.is_on("Analytical").await?,
        "what was not saved is not there"
    );
    browser
        .tab_to(
            "the switch for analytics",
            &format!("focus === {analytics}"),
        )
        .await?;
    browser.press(Key::Space).await?;
    browser
        .tab_to("Save", "focus.textContent.trim() === 'Save choices'")
        .await?;
    browser.press(Key::Enter).await?;
    world.until_choice("analytics", 'g').await?;
    world.until_hits(Kind::Analytics, 1).await?;
    browser.gone("#sayso").await?;
    let entries = world.until_ledger(1).await?;
    assert_eq!(entries[0].payload["surface"], "preferences");
    assert_eq!(entries[0].payload["action"], "save");
    Ok(())
}

engines!(withdrawing_takes_cookies_away_and_stops_every_hit);

async fn withdrawing_takes_cookies_away_and_stops_every_hit(world: &mut World) -> Result {
    world.visit("/").await?;
    world.answer("give-all").await?;
    world.until_hits(Kind::Analytics, 1).await?;
    world.settled().await?;

    world
        .browser
        .click("footer [data-sayso-open=preferences]")
        .await?;
    world.browser.seen("dialog[open]").await?;
    world
        .browser
        .until_js("the switch for analytics", &Browser::switch("Analytical"))
        .await?;
    assert!(
        world.browser.is_on("Analytical").await?,
        "the centre shows the yes"
    );
    world.browser.toggle("Analytical").await?;
    world.browser.click_text("Save choices").await?;
    world.until_choice("analytics", 'w').await?;
    until("the cookies of analytics to be gone", async || {
        let cookies = optional(world.browser.cookies(&world.origin()).await?);
        Ok(cookies
            .iter()
            .all(|name| !name.starts_with("_pulse"))
            .then_some(()))
    })
    .await?;
    world
        .browser
        .until_js(
            "its storage to be gone",
            "!Object.keys(localStorage).some((k) => k.startsWith('pulse.'))",
        )
        .await?;
    // The page is loaded anew, since code had run: a decision under way is sent as it stands and signed afterwards.
    world.settled().await?;
    let entries = world.until_decisions(2).await?;
    let last = entries.last().ok_or("a receipt")?;
    assert_eq!(
        last.status("analytics"),
        Some("Withdrawn"),
        "{:?}",
        last.payload
    );

    world.demo.reset();
    for page in ["/", ARTICLE, "/pricing"] {
        world.visit(page).await?;
        world.browser.gone("#sayso").await?;
    }
    nothing_optional(world).await
}

#[test]
fn a_double_click_is_one_answer() {
    run(async |world| {
        world.visit("/").await?;
        world.answer("preferences").await?;
        let refuse = "dialog[open] [data-sayso-press=refuse-all]";
        let refuse = world.browser.seen(refuse).await?;
        let mouse = world.browser.driver.action_chain();
        mouse.double_click_element(&refuse).perform().await?;
        world.until_choice("analytics", 'r').await?;
        world.settled().await?;
        assert_eq!(world.ledger()?.len(), 1);
        Ok(())
    });
}

#[test]
fn the_necessary_chat_can_be_switched_off() {
    run(async |world| {
        world.visit("/").await?;
        until("the chat, which needs no answer", async || {
            Ok((world.hits(Kind::Chat) > 0).then_some(()))
        })
        .await?;
        world.answer("preferences").await?;
        world.browser.seen("dialog[open]").await?;
        world
            .browser
            .until_js("the chat's switch", &Browser::switch("Larkspur Chat"))
            .await?;
        assert!(world.browser.is_on("Larkspur Chat").await?);
        // What the page hears while it is being clicked has the centre drawn between the switch's move and its telling.
        let heard = "addEventListener('click', () => document.dispatchEvent(new Event('sayso:receipt')), true)";
        world.browser.js(heard).await?;
        world.browser.toggle("Larkspur Chat").await?;
        world.browser.click_text("Save choices").await?;
        until("the chat to be off in the cookie", async || {
            Ok(world
                .choice("necessary")
                .await?
                .filter(|choice| choice.contains("-chat")))
        })
        .await?;
        world.settled().await?;

        world.demo.reset();
        for page in ["/", "/pricing"] {
            world.visit(page).await?;
            assert_eq!(
                world.hits(Kind::Chat),
                0,
                "the chat's script is not fetched on {page}"
            );
        }
        Ok(())
    });
}

engines!(a_browser_that_asks_not_to_be_tracked_is_heard);

async fn a_browser_that_asks_not_to_be_tracked_is_heard(world: &mut World) -> Result {
    let signal =
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })";
    world.browser.before_every_document(signal).await?;
    for page in ["/", ARTICLE] {
        world.visit(page).await?;
        nothing_optional(world).await?;
    }
    let state = world.browser.js("return sayso.state().analytics").await?;
    assert_eq!(state, "Objected");
    assert_eq!(world.ledger()?.len(), 0, "a signal alone makes no receipt");

    println!("  its own switch, and nothing else, lifts it");
    world
        .browser
        .click("footer [data-sayso-open=preferences]")
        .await?;
    world.browser.click_text("Accept all").await?;
    world.settled().await?;
    assert_eq!(
        world
            .choice("analytics")
            .await?
            .as_deref()
            .map(|choice| &choice[..1]),
        Some("s")
    );
    world.visit("/").await?;
    nothing_optional(world).await?;
    world
        .browser
        .click("footer [data-sayso-open=preferences]")
        .await?;
    world.browser.toggle("Analytical").await?;
    world.browser.click_text("Save choices").await?;
    world.until_choice("analytics", 'g').await?;
    world.until_hits(Kind::Analytics, 1).await?;
    world.settled().await?;
    let entries = world.until_decisions(2).await?;
    for entry in &entries {
        assert_eq!(
            entry.payload["signals"],
            serde_json::json!(["gpc"]),
            "{}",
            entry.payload
        );
    }
    Ok(())
}

#[test]
fn the_banner_moves_nothing_on_the_page() {
    run(async |world| {
        let watch = "globalThis.shifts = [];
            new PerformanceObserver((list) => {
              for (const { value, sources } of list.getEntries())
                shifts.push([value, ...sources.map(({ node, previousRect: a, currentRect: b }) =>
                  [node?.nodeName, node?.id, node?.className, a.x, a.y, a.width, a.height, b.x, b.y, b.width, b.height].join(' '))]);
            }).observe({ type: 'layout-shift', buffered: true });";
        world.browser.before_every_document(watch).await?;
        // Pages that arrive whole and do not move by themselves, so that whatever moves was moved.
        let site = Elsewhere::start().await?;
        for (path, height) in [("/short", 1), ("/long", 300)] {
            let text = "<p>A line of text.</p>".repeat(height);
            let page = format!(
                "<!doctype html><html lang=en style='overflow-y: scroll'><meta charset=utf-8><title>Still</title>
                <script async src='{}/sayso/sayso.js?lang=en'></script><h1>Still</h1>{text}",
                world.server.origin()
            );
            site.put(path, &page);
            world
                .browser
                .open(&format!("{}{path}", site.origin("127.0.0.1")))
                .await?;
            world.browser.seen("#sayso").await?;
            world.browser.idle().await?;
            let shifts = world.browser.js("return shifts").await?;
            assert_eq!(shifts, serde_json::json!([]), "layout shift of {path}");
        }
        let focus = world
            .browser
            .js("return document.activeElement === document.body")
            .await?;
        assert_eq!(focus, true, "it takes no focus");
        world.answer("refuse-all").await?;
        world.browser.idle().await?;
        let shifts = world.browser.js("return shifts").await?;
        assert_eq!(shifts, serde_json::json!([]), "nor when it goes");
        Ok(())
    });
}
