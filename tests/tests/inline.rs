//! The inline form under strict policies: the gate in the page for who has not answered, the file that the browser keeps
//! for who has, and the gate in the page again where the file does not come.

use sayso_tests::{Elsewhere, Result, World, engines, until};

/// Which gate runs: the one in the page has a type that runs since it was put in anew.
const FROM_THE_PAGE: &str =
    "return !document.querySelector('script[type=\"text/plain\"]:not([data-sayso])')";

/// Says when the page has its banner, or ran what is allowed: what is held back until then was not waited for.
const WATCH: &str = "const again = setInterval(() => {
  if (document.getElementById('sayso') || globalThis.counted) fetch('/hit/done').catch(() => {});
}, 50);
addEventListener('load', () => clearInterval(again));";

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
        {tags}<script src=/watch.js></script><h1>Inline</h1>
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
        site.put("/count.js", "globalThis.counted = fetch('/hit/count')");
        site.put("/hit/count", "ok");
        site.put("/watch.js", WATCH);
        site.put("/hit/done", "ok");
        site.put_in_pieces("/slow/sayso.js", "// Nothing.", "//", "/hit/done");
        put(&site, world, "/", &service, nonce)?;
        put(&site, world, "/slow", "/slow", nonce)?;
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

        let from_the_page = async || world.browser.js(FROM_THE_PAGE).await;

        println!("    not answered: the gate that is there, before the file has come");
        world.browser.open(&format!("{origin}/slow")).await?;
        world.browser.seen("#sayso").await?;
        assert_eq!(site.count("/slow/sayso.js"), 1, "{:?}", site.hits());
        world.browser.open(&origin).await?;
        world.browser.seen("#sayso").await?;
        world.browser.idle().await?;
        assert_eq!(site.count("/hit/count"), 0);

        println!("    answered: what is allowed runs");
        world.answer("give-all").await?;
        counted(1).await?;
        world.settled().await?;

        println!("    the next visit: the file, which the browser keeps");
        world.browser.open(&origin).await?;
        counted(2).await?;
        world.browser.idle().await?;
        world.browser.gone("#sayso").await?;
        assert_eq!(from_the_page().await?, false);

        println!("    where the file is gone or slow, the gate that is there");
        for (times, path, file) in [(3, "/gone", "/nowhere"), (4, "/slow", "/slow")] {
            world.browser.open(&format!("{origin}{path}")).await?;
            counted(times).await?;
            world.browser.gone("#sayso").await?;
            assert_eq!(from_the_page().await?, true);
            let file = format!("{file}/sayso.js");
            assert!(site.count(&file) > 0, "{:?}", site.hits());
            assert_eq!(
                site.count("/hit/count"),
                times,
                "once on each page: {:?}",
                site.hits()
            );
        }
        // The browser says that the file is gone.
        world.browser.forget_console().await;
    }
    Ok(())
}
