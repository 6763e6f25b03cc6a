//! What all of this rests on: that every engine reaches the sites by their names, over https, and that the harness hears
//! of what goes wrong in it.

use sayso_tests::{Result, World, engines, until};
use thirtyfour::Key;

engines!(every_name_of_this_machine_leads_to_the_site);

async fn every_name_of_this_machine_leads_to_the_site(world: &mut World) -> Result {
    for host in [
        "127.0.0.1",
        "shop.localhost",
        "other.localhost",
        "shop.site.localhost",
        "other.site.localhost",
    ] {
        let origin = world.origin_at(host)?;
        world.browser.open(&format!("{origin}/")).await?;
        world.browser.seen("#sayso").await?;
        let secure = world.browser.js("return isSecureContext && origin").await?;
        assert_eq!(secure, origin.as_str());
    }
    println!(
        "  an answer given under one name is taken by the server, and is not there under another"
    );
    world.answer("refuse-all").await?;
    world.until_ledger(1).await?;
    world.settled().await?;
    let here = world.origin_at("other.site.localhost")?;
    let cookies = world.browser.cookies(&here).await?;
    assert!(cookies.contains(&"sayso".to_owned()), "{cookies:?}");
    world
        .browser
        .open(&world.origin_at("shop.site.localhost")?)
        .await?;
    world.browser.seen("#sayso").await?;
    Ok(())
}

engines!(a_violation_or_an_error_of_a_page_is_noticed);

async fn a_violation_or_an_error_of_a_page_is_noticed(world: &mut World) -> Result {
    let site = world.elsewhere().await?;
    site.put(
        "/",
        "<!doctype html><head><meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><body><img src=/x.png>",
    );
    world.browser.open(&site.origin("localhost")).await?;
    let error = until("the violation", async || {
        Ok(world.check_console().await.err())
    })
    .await?;
    assert!(error.to_string().contains("VIOLATION img-src"), "{error}");
    world.browser.forget_console().await;

    site.put("/", "<script>throw new Error('of ours')</script>");
    world.browser.reload().await?;
    let error = until("the error", async || Ok(world.check_console().await.err())).await?;
    assert!(
        error.to_string().contains("UNCAUGHT Error: of ours"),
        "{error}"
    );
    world.browser.forget_console().await;
    Ok(())
}

engines!(an_answer_by_keyboard_is_remembered_and_countersigned);

async fn an_answer_by_keyboard_is_remembered_and_countersigned(world: &mut World) -> Result {
    world.visit("/").await?;
    world.browser.seen("#sayso").await?;
    let script = "return [typeof trustedTypes, document.querySelectorAll('#sayso button').length]";
    assert_eq!(
        world.browser.js(script).await?,
        serde_json::json!(["object", 3]),
        "the demo's policy asks for Trusted Types, and the engine knows them"
    );
    world
        .browser
        .tab_to("yes", "focus.dataset.saysoAction === 'give-all'")
        .await?;
    world
        .browser
        .until_js(
            "the banner to have been in view for long enough",
            "(window.sinceBanner ??= performance.now()) + 350 < performance.now()",
        )
        .await?;
    world.browser.press(Key::Enter).await?;
    world.browser.gone("#sayso").await?;
    world.until_choice("analytics", 'g').await?;
    world.settled().await?;
    let entries = world.until_ledger(1).await?;
    assert_eq!(entries[0].status("analytics"), Some("Given"));
    assert!(!entries[0].witnessed, "signed in the browser");

    world.browser.reload().await?;
    world.browser.idle().await?;
    world.browser.gone("#sayso").await?;
    world.until_choice("analytics", 'g').await?;
    world.history().await
}

engines!(a_new_visitor_is_forgotten_by_the_browser);

async fn a_new_visitor_is_forgotten_by_the_browser(world: &mut World) -> Result {
    world.visit("/").await?;
    world.answer("give-all").await?;
    world.settled().await?;
    world.browser.forget(&world.origin()).await?;
    world.visit("/").await?;
    world.browser.seen("#sayso").await?;
    assert_eq!(world.browser.local_storage().await?, serde_json::json!({}));
    assert_eq!(world.browser.databases().await?, [""; 0]);
    Ok(())
}
