//! Pages that come up without being loaded: back from the browser's own back/forward cache, and drawn ahead by its own
//! prerendering.

use sayso_tests::{Elsewhere, Engine, Result, Setup, World, engines, until};

/// A page of the test's own with one gated script; `head` runs before everything.
fn page(world: &World, head: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Back</title><script>{head}</script>
        <script async src='{}/sayso/sayso.js?lang=en'></script><h1>Back</h1>
        <script type=text/plain data-sayso=analytics>fetch('/hit/first').catch(() => {{}})</script></html>",
        world.service()
    )
}

async fn hits(site: &Elsewhere, path: &str, count: usize) -> Result {
    until(&format!("{count} times {path}"), async || {
        Ok((site.count(path) >= count).then_some(()))
    })
    .await?;
    assert_eq!(site.count(path), count, "{:?}", site.hits());
    Ok(())
}

engines!(a_page_comes_back_with_the_newest_answer);
async fn a_page_comes_back_with_the_newest_answer(world: &mut World) -> Result {
    let (browser, driver) = (&world.browser, &world.browser.driver);
    let site = world.elsewhere().await?;
    // Firefox and WebKit keep no page that must not be stored.
    site.let_keep();
    // Outlives the page's being loaded anew.
    let record = "addEventListener('pageshow', ({ persisted }) => {
        sessionStorage.shown = (sessionStorage.shown ?? '') + (persisted ? 'back ' : 'anew ') })";
    site.put("/page", &page(world, record));
    site.put("/hit/first", "<p>ok</p>");
    site.put(
        "/plain",
        "<!doctype html><title>Plain</title><h1>Plain</h1>",
    );
    let origin = site.origin("localhost");
    let (of_ours, plain) = (format!("{origin}/page"), format!("{origin}/plain"));
    // The other tab is the first one: WebKit's driver shows no second one, and an answer unseen does not count.
    let there = driver.window().await?;
    let here = driver.new_tab().await?;
    driver.switch_to_window(here.clone()).await?;

    browser.open(&of_ours).await?;
    browser.seen("#sayso").await?;
    browser.open(&plain).await?;
    println!("  answered in another tab while this page lay in the cache");
    driver.switch_to_window(there.clone()).await?;
    browser.open(&of_ours).await?;
    world.answer("give-all").await?;
    world.settled().await?;
    hits(&site, "/hit/first", 1).await?;
    let answer = browser.js("return document.cookie").await?;
    driver.switch_to_window(here.clone()).await?;
    driver.back().await?;
    browser
        .until_js("the page itself", "sessionStorage.shown == 'anew back '")
        .await?;
    browser.gone("#sayso").await?;
    hits(&site, "/hit/first", 2).await?;
    assert_eq!(browser.js("return document.cookie").await?, answer);
    let given = "return sayso.state().analytics";
    assert_eq!(browser.js(given).await?, "Given");

    println!(
        "  withdrawn in another tab: what ran here cannot be stopped, so the page is loaded anew"
    );
    browser.open(&plain).await?;
    driver.switch_to_window(there).await?;
    browser.js("sayso.withdraw()").await?;
    let withdrawn = "window.sayso && !sayso.q && sayso.state().analytics == 'Withdrawn'";
    browser.until_js("the withdrawal", withdrawn).await?;
    world.settled().await?;
    driver.switch_to_window(here).await?;
    driver.back().await?;
    let anew = "sessionStorage.shown == 'anew back back anew '";
    browser.until_js("the page, and then anew", anew).await?;
    browser.until_js("the withdrawal", withdrawn).await?;
    browser.gone("#sayso").await?;
    // What the gate opens it opens in one go: a request after that comes last. (A hidden tab is never idle.)
    browser.js_async("await fetch('/plain')").await?;
    hits(&site, "/hit/first", 2).await
}

/// In Chromium, which alone draws pages ahead: Firefox and WebKit have no prerendering.
#[test]
fn a_page_drawn_ahead_waits_until_somebody_looks() {
    Setup::default().within(Engine::Chromium).run(drawn_ahead);
}

async fn drawn_ahead(world: &mut World) -> Result {
    let site = world.elsewhere().await?;
    let tell = "addEventListener('load', () => setTimeout(() => {
        const there = [document.prerendering, !!document.querySelector('#sayso'), !!window.sayso];
        fetch('/hit/ahead?' + there).catch(() => {}) }))";
    let rules = r#"{"prerender": [{"urls": ["/ahead"], "eagerness": "immediate"}]}"#;
    site.put("/ahead", &page(world, tell));
    site.put("/from", &format!(
        "<!doctype html><html lang=en><title>From</title><script type=speculationrules>{rules}</script><a href=/ahead>Go</a>"
    ));
    for hit in ["/hit/first", "/hit/ahead"] {
        site.put(hit, "<p>ok</p>");
    }
    for (visit, known) in [(1, "nobody knows"), (2, "what is known")] {
        println!("  drawn ahead: {known}");
        let before = site.count("/hit/first");
        let posts = world.server.log().matches("POST").count();
        world
            .browser
            .open(&format!("{}/from", site.origin("localhost")))
            .await?;
        hits(&site, "/hit/ahead", visit).await?;
        let told = site.hits();
        let last = told.iter().rfind(|hit| hit.starts_with("/hit/ahead"));
        assert_eq!(
            last.map(String::as_str),
            Some("/hit/ahead?true,false,false")
        );
        let now = world.server.log().matches("POST").count();
        assert_eq!(now, posts, "the server is told nothing");
        assert_eq!(site.count("/hit/first"), before, "{told:?}");

        world.browser.click("a").await?;
        let looked = "location.pathname == '/ahead' && !document.prerendering
            && performance.getEntriesByType('navigation')[0].activationStart > 0";
        world
            .browser
            .until_js("somebody to look at it", looked)
            .await?;
        if visit == 1 {
            world.answer("give-all").await?;
        }
        hits(&site, "/hit/first", before + 1).await?;
        world.browser.gone("#sayso").await?;
        world.settled().await?;
        assert_eq!(
            site.count("/ahead"),
            visit,
            "the very page: {:?}",
            site.hits()
        );
    }
    Ok(())
}
