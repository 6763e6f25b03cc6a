//! The inline form under strict policies: the gate in the page for who has not answered, the one that the browser keeps for
//! who has, and the one in the page again where the other does not come.

use sayso_tests::{Elsewhere, Result, World, engines, until};

/// How often something in the page asked for `sayso.js`.
const ASKED: &str = "performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/sayso.js')).length";

/// A page with the three tags for a service at `base`, allowed by their hashes or by a nonce.
fn put(site: &Elsewhere, world: &World, path: &str, base: &str, nonce: bool) -> Result {
    let options = if nonce {
        &["--inline", "--nonce", "R4nd0m"][..]
    } else {
        &["--inline"]
    };
    let tags = world.snippet(base, options)?;
    let source = match nonce {
        true => "'nonce-R4nd0m'",
        false => tags
            .split_once("it needs: ")
            .and_then(|(_, rest)| rest.split_once(" -->"))
            .map(|(csp, _)| csp)
            .ok_or("the hashes")?,
    };
    let service = world.service();
    site.put(path, &format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Inline</title>
        <meta http-equiv=Content-Security-Policy content=\"script-src 'self' {service} {source} 'wasm-unsafe-eval';
          style-src 'self'; require-trusted-types-for 'script'; trusted-types sayso\">
        {tags}<h1>Inline</h1>
        <script type=text/plain data-sayso=analytics data-src=/count.js nonce=R4nd0m></script>\n"
    ));
    Ok(())
}

engines!(one_of_the_inline_forms_gates_runs);

async fn one_of_the_inline_forms_gates_runs(world: &mut World) -> Result {
    let service = format!("{}/sayso", world.service());
    for nonce in [false, true] {
        println!("  by its nonce: {nonce}");
        let site = world.elsewhere().await?;
        let origin = site.origin("localhost");
        site.put("/count.js", "fetch('/hit/count')");
        site.put("/hit/count", "ok");
        put(&site, world, "/", &service, nonce)?;
        put(&site, world, "/gone", "/nowhere", nonce)?;
        let counted = async |times: usize| -> Result {
            until("what is allowed to run", async || {
                Ok((site.count("/hit/count") >= times).then_some(()))
            })
            .await
        };

        site.put("/blank", "<!doctype html><title>Blank</title>");
        // Cookies know no ports: what the site before was told counts here.
        world.browser.open(&format!("{origin}/blank")).await?;
        world.browser.forget(&origin).await?;

        println!("    not answered: the gate that is there, and nothing is asked for");
        world.browser.open(&origin).await?;
        world.browser.seen("#sayso").await?;
        world.browser.idle().await?;
        let asked = world.browser.js(&format!("return {ASKED}")).await?;
        assert_eq!(asked, 0, "the first layer needs no request");
        assert_eq!(site.count("/hit/count"), 0);

        println!("    answered: the other is there for the next visit");
        world.answer("give-all").await?;
        counted(1).await?;
        world.settled().await?;
        world
            .browser
            .until_js("the file to be kept", &format!("{ASKED} == 1"))
            .await?;

        println!("    the next visit");
        world.browser.open(&origin).await?;
        counted(2).await?;
        world.browser.idle().await?;
        world.browser.gone("#sayso").await?;
        world
            .browser
            .until_js("the file to be used", &format!("{ASKED} == 1"))
            .await?;

        println!("    where the file is gone, the gate that is there");
        world.browser.open(&format!("{origin}/gone")).await?;
        counted(3).await?;
        world.browser.gone("#sayso").await?;
        assert_eq!(site.count("/nowhere/sayso.js"), 1, "{:?}", site.hits());
        assert_eq!(
            site.count("/hit/count"),
            3,
            "once on each page: {:?}",
            site.hits()
        );
        // The browser says that the file is gone.
        world.browser.forget_console().await;
    }
    Ok(())
}
