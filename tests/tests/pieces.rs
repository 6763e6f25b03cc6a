//! Pages that come in pieces: a network delivers as it likes, and may stop in the middle of a gated element.

use sayso_tests::{Elsewhere, Result, World, engines, until};

/// What the page asks for when the gate has looked at what is there: then the rest may come.
const GO: &str = "/hit/go";

/// A page whose body ends with `body`, delivered up to `cut`, and on from there when the gate has had its look.
fn put(site: &Elsewhere, world: &World, path: &str, body: &str, cut: &'static str) {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Pieces</title>
        <script src='{}/sayso/sayso.js?lang=en'></script>
        <script>
          // A browser that leaves the page breaks off what nobody waits for.
          const hit = (path) => fetch(path).catch(() => {{}});
          new MutationObserver((_, watch) => {{
            if (!document.querySelector('hr')) return;
            watch.disconnect();
            setTimeout(() => hit('{GO}'));
          }}).observe(document, {{ childList: true, subtree: true }});
        </script>
        <h1>Pieces</h1><hr>{body}",
        world.service()
    );
    site.put_in_pieces(path, &page, cut, GO);
}

engines!(what_has_come_in_half_waits_for_its_other_half);

async fn what_has_come_in_half_waits_for_its_other_half(world: &mut World) -> Result {
    let site = world.elsewhere().await?;
    let origin = site.origin("localhost");
    for hit in ["/hit/first", "/hit/second", "/hit/image", GO] {
        site.put(hit, "ok");
    }
    let whole = "<!doctype html><html lang=en><title>Whole</title><h1>Whole</h1>";
    let gate = format!("{}/sayso/sayso.js?lang=en", world.service());
    site.put("/", &format!("{whole}<script async src='{gate}'></script>"));
    let pages = [
        (
            "/script",
            "<script type=text/plain data-sayso=analytics>hit('/hit/first');\n hit('/hit/second')</script>\n<p>On.",
            "hit('/hit/second')",
            &["/hit/first", "/hit/second"][..],
        ),
        (
            "/start",
            "<div><script type=text/plain data-sayso=analytics>hit('/hit/first')</script></div>",
            "hit('/hit/first')",
            &["/hit/first"],
        ),
        (
            "/last",
            "<script type=text/plain data-sayso=analytics>hit('/hit/first'); hit('/hit/second')</script>",
            "; hit('/hit/second')",
            &["/hit/first", "/hit/second"],
        ),
        (
            "/template",
            "<template data-sayso=analytics><script>hit('/hit/first')</script><img alt='' data-src=/hit/image></template>",
            "<img",
            &["/hit/first", "/hit/image"],
        ),
    ];
    for (path, body, cut, _) in pages {
        put(&site, world, path, body, cut);
    }
    world.browser.open(&origin).await?;
    world.answer("give-all").await?;
    world.settled().await?;
    for (path, _, _, wanted) in pages {
        println!("  {path}");
        let before = site.hits().len();
        world.browser.open(&format!("{origin}{path}")).await?;
        for hit in wanted {
            until(hit, async || {
                Ok(site.hits()[before..]
                    .contains(&(*hit).to_owned())
                    .then_some(()))
            })
            .await?;
        }
        world.browser.idle().await?;
        let hits = site.hits().split_off(before);
        let of = |name: &str| hits.iter().filter(|hit| *hit == name).count();
        for hit in wanted {
            assert_eq!(of(hit), 1, "{path}, {hit}: {hits:?}");
        }
        let go = hits.iter().position(|hit| hit == GO);
        let first = hits.iter().position(|hit| hit == wanted[0]);
        assert!(go < first, "{path}: not in half: {hits:?}");
    }
    Ok(())
}
