//! Pages of every kind: languages, storage that is blocked, a banner drawn by WebAssembly, and pictures to look at.

use sayso_demo::Kind;
use sayso_tests::{Result, Setup, World, engines, run, text, workspace};

#[test]
fn the_banner_speaks_the_pages_language() {
    run(async |world| {
        for (page, language, direction) in [
            ("/", "en", "ltr"),
            ("/de/", "de", "ltr"),
            ("/ar/", "ar", "rtl"),
        ] {
            world.visit(page).await?;
            world.browser.seen("#sayso").await?;
            let found = world
                .browser
                .js("const b = document.getElementById('sayso');
                     return [b.lang, getComputedStyle(b).direction, b.querySelector('[data-sayso-action=refuse-all]').textContent.trim()]")
                .await?;
            assert_eq!(
                found,
                serde_json::json!([language, direction, text(language, "refuse-all")])
            );
            world.shot(&format!("banner-{language}")).await?;
            world.answer("preferences").await?;
            world.browser.seen("dialog[open]").await?;
            let title = text(language, "centre-title");
            world
                .browser
                .until_js(
                    "the centre in this language",
                    &format!("deep('dialog')[0]?.textContent.includes({title:?})"),
                )
                .await?;
            world.shot(&format!("centre-{language}")).await?;
        }
        Ok(())
    });
}

const NO_STORAGE: &str = "for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get() { throw new DOMException('denied for this document', 'SecurityError') } });";

const NO_COOKIES: &str = "Object.defineProperty(Document.prototype, 'cookie', { configurable: true, get() { return '' }, set() {} });";

/// Counts the receipts that the page hears are kept: without storage nothing else tells.
const HEARD: &str = "globalThis.heard = 0; addEventListener('sayso:receipt', () => heard++, true);";

/// Waits until the page knows that its receipt is kept: one that leaves earlier sends the decision once more.
async fn heard(world: &World) -> Result {
    world
        .browser
        .until_js("the page to hear of its receipt", "globalThis.heard > 0")
        .await
}

engines!(blocked_storage_is_an_ordinary_case);

async fn blocked_storage_is_an_ordinary_case(world: &mut World) -> Result {
    world.browser.before_every_document(NO_STORAGE).await?;
    world.browser.before_every_document(HEARD).await?;
    world.visit("/").await?;
    world.answer("give-all").await?;
    world.until_hits(Kind::Analytics, 1).await?;
    let entries = world.until_ledger(1).await?;
    assert_eq!(entries[0].status("analytics"), Some("Given"));
    heard(world).await?;
    world.visit("/pricing").await?;
    world.browser.gone("#sayso").await?;
    world.until_hits(Kind::Analytics, 2).await?;

    println!("  without cookies, too, the choice holds for the page view, and is asked again");
    world.browser.before_every_document(NO_COOKIES).await?;
    world.browser.forget(&world.origin()).await?;
    world.demo.reset();
    world.visit("/").await?;
    world.answer("give-all").await?;
    world.until_hits(Kind::Analytics, 1).await?;
    assert_eq!(
        world.browser.js("return sayso.allows('analytics')").await?,
        true
    );
    world.until_ledger(2).await?;
    heard(world).await?;
    world.visit("/pricing").await?;
    world.browser.seen("#sayso").await?;
    assert_eq!(world.hits(Kind::Analytics), 1, "not without asking");
    Ok(())
}

#[test]
fn webassembly_draws_the_banner_where_a_site_wants_it() {
    Setup::default()
        .edit("first_layer = \"ready\"", "first_layer = \"app\"")
        .run(async |world| {
            world.visit("/").await?;
            world.browser.seen("#sayso").await?;
            let fetched = world.browser.fetched().await?;
            assert!(
                fetched.iter().any(|url| url.contains("/app_bg.")),
                "{fetched:?}"
            );
            assert_eq!(world.hits(Kind::Analytics), 0);
            world.shot("banner-app").await?;
            world.answer("give-all").await?;
            world.until_choice("analytics", 'g').await?;
            world.until_hits(Kind::Analytics, 1).await?;
            let entries = world.until_ledger(1).await?;
            assert_eq!(entries[0].status("analytics"), Some("Given"));
            // The ledger has it before the page has heard so; until then the receipt is still to be delivered.
            world.settled().await?;
            world.visit("/pricing").await?;
            world.browser.gone("#sayso").await?;
            let fetched = world.browser.fetched().await?;
            assert!(
                !fetched.iter().any(|url| url.contains(".wasm")),
                "an answered visit loads no WebAssembly: {fetched:?}"
            );
            Ok(())
        });
}

#[test]
fn pictures_to_look_at() {
    run(async |world| {
        for (name, width, height, dark) in [
            ("wide", 1280, 900, false),
            ("360", 360, 740, false),
            ("dark", 1280, 900, true),
            ("360-dark", 360, 740, true),
        ] {
            world.browser.view(width, height, dark).await?;
            world.browser.forget(&world.origin()).await?;
            world.visit("/").await?;
            world.browser.seen("#sayso").await?;
            world.shot(&format!("banner-{name}")).await?;
            world.answer("preferences").await?;
            world.browser.seen("dialog[open] .switch").await?;
            world.shot(&format!("centre-{name}")).await?;
            world.visit("/preferences").await?;
            world.browser.seen(".switch").await?;
            world.shot(&format!("preferences-{name}")).await?;
            let wide = world
                .browser
                .js("return document.documentElement.scrollWidth - innerWidth")
                .await?;
            assert!(
                wide.as_i64().is_some_and(|wide| wide <= 0),
                "{name}: the page is {wide} px too wide"
            );
            world.visit("/journal/quiet-mondays").await?;
            world.browser.js("document.querySelector('figure.film').scrollIntoView({ block: 'start', behavior: 'instant' })").await?;
            world.shot(&format!("article-{name}")).await?;
        }
        Ok(())
    });
}

engines!(the_gates_own_cases_pass_in_a_browser);

async fn the_gates_own_cases_pass_in_a_browser(world: &mut World) -> Result {
    let site = world.elsewhere().await?;
    let gate = workspace().join("www").join("gate");
    site.put_folder("/www/gate", &gate)?;
    let vectors = std::fs::read_to_string(workspace().join("vectors").join("cookie.json"))?;
    site.put("/vectors/cookie.json", &vectors);
    let mut pages = 0;
    for entry in std::fs::read_dir(gate.join("test"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".html") {
            continue;
        }
        pages += 1;
        let page = format!("{}/www/gate/test/{name}", site.origin("localhost"));
        world.browser.open(&page).await?;
        let done = "!['', 'running'].includes(document.title)";
        world
            .browser
            .until_js("the cases to have run", done)
            .await?;
        let title = world.browser.driver.title().await?;
        println!("  {name}: {title}");
        let failed = "return [...document.querySelectorAll('.fail')].map((e) => e.textContent)";
        let failed = world.browser.js(failed).await?;
        assert!(
            title.starts_with("ok ") && title != "ok 0",
            "{name}: {title}: {failed:#}"
        );
    }
    assert!(pages > 0, "there are cases in {}", gate.display());
    Ok(())
}
