//! What a visit may cost, as far as it can be counted: requests until the banner, and requests and processor time of a
//! visit that was answered before. What takes a clock and a quiet machine is `cargo xtask bench browser`.

use sayso_tests::{Elsewhere, Result, World, run};
use serde_json::json;

/// Notes when the banner comes into the page.
const WHEN: &str = "
globalThis.banner = undefined;
new MutationObserver((_, watch) => {
  if (!document.getElementById('sayso')) return;
  globalThis.banner = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });";

/// Paths of what was asked for before the banner came.
const BEFORE: &str = "
return performance.getEntriesByType('resource')
  .filter((entry) => entry.startTime < banner)
  .map((entry) => new URL(entry.name).pathname);";

/// A long task on the phone that the figures are taken for, which is four times slower, in milliseconds of this machine.
const LONG: f64 = 50.0 / 4.0;

/// A page with nothing but the tags of `sayso snippet` in one form, and something that waits for an answer.
fn page(world: &World, form: &[&str]) -> Result<String> {
    // Through the demo site, which keeps a log of what it is asked for.
    let base = format!("{}/sayso", world.demo.origin());
    let snippet = world.snippet(&base, form)?;
    Ok(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Budget</title><link rel=icon href=data:,>
        {snippet}
        <script type='text/plain' data-sayso='analytics'>globalThis.counted = 1</script>
        <h1>Budget</h1><p>A page.</p>"
    ))
}

/// The most that the page's parser may have to compile, in bytes.
const INLINE: u64 = 2_000;

/// What there is of it: what stands in tags that run by themselves. The gated one has yet to be opened.
const PARSED: &str = "
return [...document.scripts]
  .filter((script) => !script.src && !script.hasAttribute('data-sayso') && script.type != 'text/plain')
  .reduce((sum, script) => sum + new Blob([script.text]).size, 0);";

/// Processor time of the page's own scripts since it was opened, in milliseconds.
async fn script_time(world: &World) -> Result<f64> {
    let answer = world
        .browser
        .cdp("Performance.getMetrics", json!({}))
        .await?;
    let metrics = answer["metrics"].as_array().ok_or("a list of metrics")?;
    let found = metrics.iter().find(|one| one["name"] == "ScriptDuration");
    let seconds = found.and_then(|one| one["value"].as_f64());
    Ok(seconds.ok_or("ScriptDuration")? * 1000.0)
}

#[test]
fn a_visit_costs_what_it_may() {
    run(async |world| {
        world.browser.before_every_document(WHEN).await?;
        let clock = json!({ "timeDomain": "threadTicks" });
        world.browser.cdp("Performance.enable", clock).await?;
        let site = Elsewhere::start().await?;
        let origin = site.origin("127.0.0.1");
        for (form, before) in [
            (&[][..], json!(["/sayso/sayso.js"])),
            // Nothing waits for it here: `inline.rs` holds it back.
            (&["--inline"], json!(["/sayso/sayso.js"])),
        ] {
            println!("  {form:?}: until the banner");
            site.put("/", &page(world, form)?);
            world.browser.forget(&origin).await?;
            world.browser.open(&origin).await?;
            world.browser.seen("#sayso").await?;
            assert_eq!(world.browser.js(BEFORE).await?, before, "before the banner");

            println!("  {form:?}: answered before, with a warm cache");
            world.answer("give-all").await?;
            world.settled().await?;
            let asked = world.demo.requests();
            assert!(!asked.is_empty(), "the log has what the answer needed");
            world.demo.reset();
            let earlier = script_time(world).await?;
            world.browser.open(&origin).await?;
            world.browser.idle().await?;
            let spent = script_time(world).await?;
            // A page may begin in a new process, which counts from nothing.
            let spent = if spent < earlier {
                spent
            } else {
                spent - earlier
            };
            world.browser.gone("#sayso").await?;
            let ran = world.browser.js("return globalThis.counted").await?;
            assert_eq!(ran, 1, "what is allowed runs");
            let asked = world.demo.requests();
            assert!(asked.is_empty(), "nothing is fetched or sent: {asked:?}");
            let parsed = world.browser.js(PARSED).await?.as_u64();
            let parsed = parsed.ok_or("a number of bytes")?;
            assert!(
                0 < parsed && parsed <= INLINE,
                "{parsed} bytes are parsed inline"
            );
            println!("  {form:?}: {spent:.1} ms of scripts, {parsed} bytes of them inline");
            assert!(spent < LONG, "{spent} ms of scripts are a long task");
        }
        Ok(())
    });
}
