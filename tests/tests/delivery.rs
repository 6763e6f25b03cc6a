//! An answer is never lost, and never comes twice: leaving early, WebAssembly missing, the server away, answers late.

use std::time::Duration;

use sayso_demo::{Faults, Kind, WasmFault};
use sayso_tests::{Elsewhere, Engine, Result, Setup, World, engines, run, until};
use thirtyfour::WindowHandle;

#[test]
fn without_webassembly_both_answers_work_and_are_witnessed() {
    run(async |world| {
        world.demo.set_faults(Faults {
            wasm: WasmFault::Missing,
            ..Faults::default()
        });
        for (number, action, letter, status) in [
            (1, "give-all", 'g', "Given"),
            (2, "refuse-all", 'r', "Refused"),
        ] {
            world.browser.forget(&world.demo.origin()).await?;
            world.demo.reset();
            world.visit("/").await?;
            world.answer(action).await?;
            world.until_choice("analytics", letter).await?;
            let entries = world.until_ledger(number).await?;
            let entry = &entries[number - 1];
            assert!(entry.witnessed, "recorded by the server: {entry:?}");
            assert_eq!(entry.payload["via"], "gate");
            assert_eq!(
                entry.payload["subject"],
                serde_json::Value::Null,
                "nobody's key: {}",
                entry.payload
            );
            assert_eq!(entry.status("analytics"), Some(status));
            world.settled().await?;
            world
                .until_hits(Kind::Analytics, usize::from(letter == 'g'))
                .await?;
            world.visit("/pricing").await?;
            world.browser.gone("#sayso").await?;
        }
        world.until_ledger(2).await?;

        println!("  and the settings link leads to a page instead of a dialog");
        world
            .browser
            .click("footer [data-sayso-open=preferences]")
            .await?;
        let there = "location.pathname === '/preferences' && document.readyState === 'complete'";
        world
            .browser
            .until_js("to be on the preferences page", there)
            .await?;
        Ok(())
    });
}

#[test]
fn leaving_right_after_accepting_loses_nothing() {
    run(async |world| {
        let away = Elsewhere::start().await?;
        away.put("/", "<title>Away</title>");
        for (number, wait) in [0, 50, 500].into_iter().enumerate() {
            world.demo.set_faults(Faults {
                wasm: WasmFault::Stalled,
                ..Faults::default()
            });
            world.browser.forget(&world.demo.origin()).await?;
            world.visit("/").await?;
            world.browser.seen("#sayso").await?;
            // The wait is the scenario: a visitor who clicks and is gone so many milliseconds later.
            let leave = format!(
                "addEventListener('click', () => {{ const go = () => {{ location.href = '{}/' }}; {wait} ? setTimeout(go, {wait}) : go(); }})",
                away.origin("127.0.0.1")
            );
            world.browser.js(&leave).await?;
            world
                .browser
                .until_js(
                    "the banner to have been in view for long enough",
                    "(globalThis.sinceBanner ??= performance.now()) + 350 < performance.now()",
                )
                .await?;
            world
                .browser
                .click("#sayso [data-sayso-action=give-all]")
                .await?;
            println!("  and leave {wait} ms later");
            world
                .browser
                .until_js("to be away", "document.title === 'Away'")
                .await?;
            world.until_decisions(number + 1).await?;

            println!("  and come back, with WebAssembly working");
            world.demo.set_faults(Faults::default());
            world.visit("/pricing").await?;
            world.browser.gone("#sayso").await?;
            world.until_choice("analytics", 'g').await?;
            world.settled().await?;
            let entries = world.until_decisions(number + 1).await?;
            let signed = entries.iter().filter(|entry| !entry.witnessed).count();
            assert_eq!(
                signed,
                number + 1,
                "signed later under the same id: {entries:#?}"
            );
        }
        Ok(())
    });
}

#[test]
fn with_the_server_away_a_choice_binds_and_its_receipt_follows() {
    run(async |world| {
        world.visit("/").await?;
        world.browser.seen("#sayso").await?;
        world.server.stop();
        world.answer("give-all").await?;
        world.until_choice("analytics", 'g').await?;
        world.until_hits(Kind::Analytics, 1).await?;
        world.browser.idle().await?;

        world.server.resume().await?;
        assert_eq!(world.ledger()?.len(), 0, "nothing could arrive");
        world.visit("/pricing").await?;
        world.browser.gone("#sayso").await?;
        world.until_hits(Kind::Analytics, 2).await?;
        world.settled().await?;
        world.visit("/").await?;
        let entries = world.until_decisions(1).await?;
        assert_eq!(entries[0].status("analytics"), Some("Given"));
        let signed = entries.iter().any(|entry| !entry.witnessed);
        assert!(signed, "signed in the end: {entries:#?}");
        Ok(())
    });
}

#[test]
fn a_killed_server_has_kept_what_it_acknowledged() {
    run(async |world| {
        world.visit("/").await?;
        world.answer("give-all").await?;
        world.settled().await?;
        world.server.stop();
        world.server.resume().await?;
        let entries = world.until_ledger(1).await?;
        assert_eq!(entries[0].status("analytics"), Some("Given"));
        Ok(())
    });
}

#[test]
fn a_late_answer_does_not_revive_what_was_withdrawn() {
    run(async |world| {
        world.visit("/").await?;
        world.demo.set_faults(Faults {
            hold_receipts: true,
            ..Faults::default()
        });
        world.answer("give-all").await?;
        world.until_hits(Kind::Analytics, 1).await?;
        world.until_ledger(1).await?;
        println!("  the server has the yes; its answer is held back");

        let (first, second) = second_tab(world).await?;
        world.browser.driver.switch_to_window(first.clone()).await?;

        withdraw_everything(world).await?;
        world.until_choice("analytics", 'w').await?;
        let state = world.state().await?;
        println!("  withdrawn; now the answer to the yes arrives");
        world.demo.set_faults(Faults::default());
        world.settled().await?;
        world.until_decisions(2).await?;
        assert_eq!(world.state().await?, state, "the cookie stays");

        world.demo.reset();
        for tab in [first, second] {
            world.browser.driver.switch_to_window(tab).await?;
            let allowed = world.browser.js("return sayso.allows('analytics')").await?;
            assert_eq!(allowed, false, "shut in this tab, too");
            world.browser.reload().await?;
            world.browser.idle().await?;
            world.browser.gone("#sayso").await?;
            assert_eq!(
                world.state().await?,
                state,
                "the cookie stays after a reload"
            );
        }
        assert_eq!(world.hits(Kind::Analytics), 0, "{:?}", world.demo.hits());
        Ok(())
    });
}

#[test]
fn a_late_answer_that_the_same_page_still_hears_revives_nothing() {
    run(async |world| {
        world.visit("/journal/quiet-mondays").await?;
        world.answer("refuse-all").await?;
        world.settled().await?;
        world.demo.set_faults(Faults {
            hold_receipts: true,
            ..Faults::default()
        });
        println!("  allow one frame, which needs no reload when it is taken back");
        world.browser.click_text("Always allow").await?;
        world.until_hits(Kind::Frame, 1).await?;
        world.until_decisions(2).await?;
        world
            .browser
            .js("globalThis.same = true; sayso.withdraw(['video'])")
            .await?;
        until("the frame to be shut in the cookie", async || {
            Ok(world
                .choice("analytics")
                .await?
                .filter(|choice| !choice.contains("+video")))
        })
        .await?;
        let state = world.state().await?;

        println!("  now the answer to the yes arrives");
        world.demo.set_faults(Faults::default());
        world.settled().await?;
        world.until_decisions(3).await?;
        world.browser.idle().await?;
        assert_eq!(
            world.browser.js("return same").await?,
            true,
            "still the same page"
        );
        assert_eq!(world.state().await?, state, "the cookie stays");
        assert_eq!(
            world.browser.js("return sayso.allows('video')").await?,
            false
        );
        world.demo.reset();
        world.browser.reload().await?;
        world.browser.idle().await?;
        assert_eq!(world.hits(Kind::Frame), 0, "{:?}", world.demo.hits());
        assert_eq!(world.state().await?, state);
        Ok(())
    });
}

/// Not in WebKit, whose driver hears no click in a second tab.
#[test]
fn two_tabs_agree_on_the_newest_answer() {
    for engine in [Engine::Chromium, Engine::Firefox] {
        Setup::default().within(engine).run(two_tabs);
    }
}

async fn two_tabs(world: &mut World) -> Result {
    world.visit("/").await?;
    let (first, _) = second_tab(world).await?;
    world.answer("refuse-all").await?;
    world.until_choice("analytics", 'r').await?;
    world.browser.driver.switch_to_window(first).await?;
    println!("  the first tab hears of it without a reload");
    world.browser.gone("#sayso").await?;
    assert_eq!(
        world.browser.js("return sayso.allows('analytics')").await?,
        false
    );
    assert_eq!(world.hits(Kind::Analytics), 0);
    world.until_ledger(1).await?;
    Ok(())
}

engines!(a_lock_that_nobody_gives_back_holds_up_no_receipt);

/// As a page leaves it behind that WebKit has not quite forgotten.
async fn a_lock_that_nobody_gives_back_holds_up_no_receipt(world: &mut World) -> Result {
    world.visit("/").await?;
    world.browser.seen("#sayso").await?;
    for lock in ["sayso.post", "sayso.store"] {
        println!("  {lock} is held for ever");
        let hold = format!(
            "return await new Promise((held) =>
               navigator.locks.request('{lock}', () => new Promise(() => held(true))).catch(() => {{}}))"
        );
        world.browser.js_async(&hold).await?;
    }
    world.answer("give-all").await?;
    let entries = world.until_ledger(1).await?;
    assert!(!entries[0].witnessed, "signed: {:?}", entries[0]);
    world.settled().await
}

/// Opens a second tab and a page in it; returns the tab that was there, and the new one, which is in front.
async fn second_tab(world: &World) -> Result<(WindowHandle, WindowHandle)> {
    let first = world.browser.driver.window().await?;
    let second = world.browser.driver.new_tab().await?;
    world
        .browser
        .driver
        .switch_to_window(second.clone())
        .await?;
    world.visit("/pricing").await?;
    Ok((first, second))
}

/// Takes everything back by the page's own interface, which needs no dialog.
async fn withdraw_everything(world: &World) -> Result {
    println!("  withdraw");
    world.browser.js("sayso.withdraw(['analytics'])").await?;
    // Cookies carry whole seconds, so the yes and the withdrawal may bear the same one: the no must win all the same.
    tokio::time::timeout(Duration::from_secs(5), world.until_choice("analytics", 'w')).await?
}
