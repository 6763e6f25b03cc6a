//! The first layer on pages that were not made for it: it can be read, and either answer can be given, equally.

use sayso_tests::{Elsewhere, Result, World, run};
use serde_json::{Value, json};

/// What a page may do to every element, and the rest of it.
const PAGES: [(&str, &str, &str); 9] = [
    ("resets", "<!doctype html>", "*, ::before, ::after { box-sizing: border-box; margin: 0; padding: 0; border: 0 }
        section { position: static; height: 0; overflow: hidden } h2 { font-size: 72px } p { color: #fff }"),
    ("everything unset", "<!doctype html>", "* { all: unset }"),
    ("everything unset, importantly", "<!doctype html>", "* { all: unset !important }"),
    ("no buttons", "<!doctype html>", "button { display: none } button, a { pointer-events: none; opacity: 0 }"),
    ("no boxes at all", "<!doctype html>", "div, section, button { display: none !important; visibility: hidden !important }"),
    ("nothing to be seen", "<!doctype html>", "body > * { opacity: 0 !important; transform: translateX(-200vw) !important;
        clip-path: inset(100%) !important; filter: blur(9px) !important }"),
    ("a rival above all", "<!doctype html>", "#rival { position: fixed; inset: 0; z-index: 2147483647; background: #fc0 }"),
    ("quirks mode", "", "td { color: red }"),
    ("a transformed body", "<!doctype html>", "body { transform: translateY(300px) scale(.5); contain: paint; height: 10px }"),
];

fn page(server: &str, doctype: &str, css: &str, direction: &str) -> String {
    format!(
        "{doctype}<html lang=en dir={direction}><meta charset=utf-8><meta name=viewport content='width=device-width'>
        <title>Hostile</title><style>{css}</style>
        <script async src='{server}/sayso/sayso.js?lang=en'></script>
        <body><h1>Hostile</h1><p style='height: 3000px'>Text</p><div id=rival></div></body></html>"
    )
}

/// Both answers as they are on the screen: their size, and whether a click in their middle reaches them.
async fn answers(world: &World) -> Result<Vec<Value>> {
    let script = "return ['give-all', 'refuse-all'].map((action) => {
        const button = document.querySelector(`#sayso [data-sayso-action=${action}]`);
        const { x, y, width, height } = button.getBoundingClientRect();
        const { color, backgroundColor, fontSize, fontWeight, opacity } = getComputedStyle(button);
        return { width: Math.round(width), height: Math.round(height), color, backgroundColor, fontSize, fontWeight, opacity,
            reached: button.contains(document.elementFromPoint(x + width / 2, y + height / 2)) };
    })";
    let found = world.browser.js(script).await?;
    Ok(found.as_array().cloned().unwrap_or_default())
}

/// Either answer can be given, and neither is easier.
async fn equal(world: &World, page: &str) -> Result {
    let both = answers(world).await?;
    assert_eq!(both.len(), 2, "{page}");
    assert_eq!(both[0], both[1], "{page}: equal to the eye");
    assert_eq!(both[0]["reached"], true, "{page}: {both:?}");
    assert_eq!(both[0]["opacity"], "1", "{page}");
    let least = |side: &str| both[0][side].as_f64() >= Some(44.0);
    assert!(least("width") && least("height"), "{page}: {both:?}");
    Ok(())
}

#[test]
fn it_survives_whatever_a_page_says_of_every_element() {
    run(async |world| {
        let site = Elsewhere::start().await?;
        let origin = site.origin("127.0.0.1");
        for (at, (name, doctype, css)) in PAGES.into_iter().enumerate() {
            for direction in ["ltr", "rtl"] {
                println!("  {name}, {direction}");
                world.browser.forget(&origin).await?;
                let text = page(&world.server.origin(), doctype, css, direction);
                let path = format!("/{at}-{direction}");
                site.put(&path, &text);
                world.browser.open(&format!("{origin}{path}")).await?;
                let there = "document.querySelector('#sayso')";
                world.browser.until_js("the layer", there).await?;
                equal(world, name).await?;
                let first = "return document.body.firstElementChild.id == 'sayso' && document.activeElement == document.body
                    && scrollY == 0 && getComputedStyle(document.body).overflow != 'hidden'";
                assert_eq!(
                    world.browser.js(first).await?,
                    true,
                    "{name}: first, no focus, no lock"
                );
                world.shot(&format!("hostile-{at}-{direction}")).await?;
            }
            world.answer("refuse-all").await?;
            world.settled().await?;
            let entries = world.until_ledger(at + 1).await?;
            assert_eq!(entries[at].payload["in_view"], true, "{name}");
            assert_eq!(entries[at].status("analytics"), Some("Refused"));
        }
        Ok(())
    });
}

#[test]
fn it_can_be_answered_at_any_zoom_in_forced_colours_and_without_motion() {
    run(async |world| {
        let features =
            |name: &str, value: &str| json!({ "features": [{ "name": name, "value": value }] });
        for (name, width, height, media) in [
            // A window of 1280 by 1024 at 400 %.
            ("zoom", 320, 256, json!({})),
            ("narrow", 360, 740, json!({})),
            ("low", 900, 280, json!({})),
            (
                "forced colours",
                1280,
                900,
                features("forced-colors", "active"),
            ),
            (
                "no motion",
                1280,
                900,
                features("prefers-reduced-motion", "reduce"),
            ),
        ] {
            println!("  {name}");
            world.browser.forget(&world.demo.origin()).await?;
            world.browser.view(width, height, false).await?;
            world
                .browser
                .cdp("Emulation.setEmulatedMedia", media)
                .await?;
            world.visit("/").await?;
            world.browser.seen("#sayso").await?;
            world
                .shot(&format!("zoom-{}", name.replace(' ', "-")))
                .await?;
            // By keyboard: the first stops of the page are the layer's own.
            for action in ["give-all", "refuse-all"] {
                let focused = format!("document.activeElement?.dataset.saysoAction == '{action}'");
                world.browser.tab_to(action, &focused).await?;
                let seen = "const { top, bottom } = document.activeElement.getBoundingClientRect();
                    return top >= 0 && bottom <= innerHeight";
                assert_eq!(
                    world.browser.js(seen).await?,
                    true,
                    "{name}: {action} is in view"
                );
            }
            equal(world, name).await?;
        }
        Ok(())
    });
}
