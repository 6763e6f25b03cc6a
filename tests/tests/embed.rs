//! Somebody else's page: written while the test runs from the README's example, on another origin than the server's.

use sayso_tests::{Elsewhere, Result, World, choice_in, engines, until, workspace};

/// The README's example of a whole page, with the invented addresses replaced by real ones. Its inline tag tells this
/// site that it ran, and sets a cookie as a counting tag would.
fn page(server: &str) -> Result<String> {
    let readme = std::fs::read_to_string(workspace().join("README.md"))?;
    let mut page = readme
        .split("```html\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.starts_with("<!doctype html>"))
        .ok_or("README.md has no html example of a whole page")?
        .to_owned();
    for (invented, real) in [
        ("https://consent.example/", &format!("{server}/")[..]),
        ("https://player.example/film/7", "/hit/frame"),
        (
            "console.log(\"allowed to count\");",
            "fetch('/hit/inline'); document.cookie = '_pulse_id=1; path=/';",
        ),
    ] {
        if !page.contains(invented) {
            return Err(format!("the README's page has no `{invented}`:\n{page}").into());
        }
        page = page.replace(invented, real);
    }
    Ok(page)
}

/// A site with that page: two gated tags and one gated frame.
async fn site(world: &World) -> Result<Elsewhere> {
    let site = world.elsewhere().await?;
    let page = page(&world.service())?;
    site.put("/", &page);
    site.put("/two", &page);
    site.put("/count.js", "fetch('/hit/script')");
    for hit in ["/hit/script", "/hit/inline", "/hit/frame"] {
        site.put(hit, "<p>ok</p>");
    }
    Ok(site)
}

engines!(a_page_made_from_the_readme_works_on_another_origin);

async fn a_page_made_from_the_readme_works_on_another_origin(world: &mut World) -> Result {
    for (round, host) in ["127.0.0.1", "localhost"].into_iter().enumerate() {
        let site = site(world).await?;
        let origin = site.origin(host);
        let browser = &world.browser;
        let until_choice = async |letter: char| -> Result {
            until(&format!("`analytics:{letter}`"), async || {
                let state = browser.cookie(&origin, "sayso").await?;
                let choice = state.and_then(|state| choice_in(&state, "analytics"));
                Ok(choice
                    .filter(|choice| choice.starts_with(letter))
                    .map(|_| ()))
            })
            .await
        };
        let before = world.ledger()?.len();

        println!("  {origin}: nothing before the answer");
        browser.open(&origin).await?;
        browser.seen("#sayso").await?;
        browser.idle().await?;
        assert_eq!(
            site.count("/hit/") + site.count("/count.js"),
            0,
            "{:?}",
            site.hits()
        );
        assert_eq!(browser.cookies(&origin).await?, [""; 0]);

        println!("  refuse");
        world.answer("refuse-all").await?;
        until_choice('r').await?;
        world.settled().await?;
        browser.open(&format!("{origin}/two")).await?;
        browser.idle().await?;
        browser.gone("#sayso").await?;
        assert_eq!(
            site.count("/hit/") + site.count("/count.js"),
            0,
            "{:?}",
            site.hits()
        );
        let entries = world.until_ledger(before + 1).await?;
        assert_eq!(entries[before].status("analytics"), Some("Refused"));
        assert!(!entries[before].witnessed);

        println!("  a new visitor accepts");
        browser.forget(&origin).await?;
        browser.open(&origin).await?;
        world.answer("give-all").await?;
        for hit in ["/hit/script", "/hit/inline", "/hit/frame"] {
            until(hit, async || Ok((site.count(hit) > 0).then_some(()))).await?;
        }
        until_choice('g').await?;
        world.settled().await?;
        world.until_ledger(before + 2).await?;
        browser.open(&format!("{origin}/two")).await?;
        for hit in ["/hit/script", "/hit/inline", "/hit/frame"] {
            until(hit, async || Ok((site.count(hit) >= 2).then_some(()))).await?;
            assert_eq!(site.count(hit), 2, "once on each page: {:?}", site.hits());
        }
        browser.gone("#sayso").await?;

        println!("  and withdraws in the preference centre");
        browser.click("[data-sayso-open=preferences]").await?;
        browser.seen("dialog[open]").await?;
        if round == 0 {
            world.shot("embedded-centre").await?;
        }
        browser.toggle("Analytical").await?;
        browser.click_text("Save choices").await?;
        until_choice('w').await?;
        until("its cookie to be gone", async || {
            Ok((!browser
                .cookies(&origin)
                .await?
                .contains(&"_pulse_id".to_owned()))
            .then_some(()))
        })
        .await?;
        // The page is loaded anew: a decision under way may stand in the ledger unsigned and signed.
        world.settled().await?;
        let last = world.ledger()?.pop().ok_or("a receipt")?;
        assert_eq!(last.status("analytics"), Some("Withdrawn"));
        let hits = site.count("/hit/");
        browser.open(&origin).await?;
        browser.idle().await?;
        browser.gone("#sayso").await?;
        assert_eq!(site.count("/hit/"), hits, "{:?}", site.hits());
    }
    Ok(())
}
