//! Somebody else's page: written while the test runs from the README's example, on another origin than the server's.

use sayso_tests::{Elsewhere, Result, World, choice_in, run, until, workspace};

/// The README's own lines that embed Sayso, with the server's address in the place of the example's.
fn embedding(server: &str) -> Result<String> {
    let readme = std::fs::read_to_string(workspace().join("README.md"))?;
    let block = readme
        .split("```html\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.contains("/sayso.js"))
        .ok_or("README.md has no html example with sayso.js")?;
    let end = block
        .find("/sayso/sayso.js")
        .ok_or("the README's example loads …/sayso/sayso.js")?;
    let start = block[..end]
        .rfind(['"', '\''])
        .ok_or("the README's example quotes the address")?
        + 1;
    let tag = block[..end]
        .rfind("<script")
        .ok_or("the README's example is a script tag")?;
    let close = end
        + block[end..]
            .find("</script>")
            .ok_or("the script tag is closed")?
        + "</script>".len();
    Ok(format!(
        "{}{server}{}",
        &block[tag..start],
        &block[end..close]
    ))
}

/// A site with two gated tags and one gated frame.
async fn site(world: &World) -> Result<Elsewhere> {
    let site = Elsewhere::start().await?;
    let embed = embedding(&world.server.origin())?;
    println!("  the page embeds {embed}");
    let page = |title: &str| {
        format!(
            r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
            {embed}
            <script type="text/plain" data-sayso="analytics" src="/count.js"></script>
            <script type="text/plain" data-sayso="analytics">fetch('/hit/inline'); document.cookie = '_pulse_id=1; path=/';</script>
            <h1>{title}</h1>
            <iframe data-sayso="video" data-src="/hit/frame" title="A film" width="400" height="225"></iframe>
            <button data-sayso-open="preferences">Cookie settings</button>"#
        )
    };
    site.put("/", &page("One"));
    site.put("/two", &page("Two"));
    site.put("/count.js", "fetch('/hit/script')");
    site.put("/hit/script", "ok");
    site.put("/hit/inline", "ok");
    site.put("/hit/frame", "<p>film</p>");
    Ok(site)
}

#[test]
fn a_page_made_from_the_readme_works_on_another_origin() {
    run(async |world| {
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
            let entries = world.until_ledger(before + 3).await?;
            assert_eq!(entries[before + 2].status("analytics"), Some("Withdrawn"));
            world.settled().await?;
            let hits = site.count("/hit/");
            browser.open(&origin).await?;
            browser.idle().await?;
            browser.gone("#sayso").await?;
            assert_eq!(site.count("/hit/"), hits, "{:?}", site.hits());
        }
        Ok(())
    });
}
