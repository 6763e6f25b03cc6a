//! Vendors' tags: what they can read and what they hear, in order, in every form of embedding, cold, warm and slow.

use sayso_tests::{Elsewhere, Result, Setup, World};
use serde_json::{Value, json};

const SIGNALS: &str = r#"[signals.google]
analytics_storage = "analytics"
security_storage = "necessary"
[signals.uet]
ad_storage = "analytics"
[signals.clarity]
analytics_storage = "pulse"
[signals.matomo]
consent = "analytics"

[mail]
"#;

/// What the page records: every call to a vendor's queue, what a tag reads where it stands, and the site's own callback.
const RECORDER: &str = "
window.order = [];
for (const name of ['dataLayer', 'uetq', '_paq']) {
  const queue = (window[name] = []);
  queue.push = function (...parts) {
    const plain = JSON.parse(JSON.stringify(parts.map((part) => (typeof part == 'object' && part.length ? [...part] : part))));
    order.push([name, ...(name == 'uetq' ? plain : plain[0])]);
    return Array.prototype.push.apply(this, parts);
  };
}
window.reads = (who) => {
  const told = dataLayer.filter((call) => call[0] == 'consent').map((call) => call[2].analytics_storage);
  order.push([who, told.at(-1) || 'unset']);
};";

fn page(snippet: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Tags</title>
        <script>{RECORDER}</script>
        {snippet}
        <script>reads('tag'); sayso.on('change', () => reads('site'));</script>
        <script type='text/plain' data-sayso='analytics'>reads('gated')</script>
        <h1>Tags</h1>"
    )
}

/// Everything recorded so far.
async fn order(world: &World) -> Result<Vec<Value>> {
    let order = world.browser.js("return window.order").await?;
    Ok(order.as_array().cloned().unwrap_or_default())
}

/// Where a call of this kind stands, each one.
fn at(order: &[Value], start: &Value) -> Vec<usize> {
    let start = start.as_array().map(Vec::as_slice).unwrap_or_default();
    let fits = |call: &Value| call.as_array().is_some_and(|call| call.starts_with(start));
    (0..order.len()).filter(|at| fits(&order[*at])).collect()
}

/// One default each, before the first tag read anything.
fn defaults_first(order: &[Value]) -> Result {
    let tag = at(order, &json!(["tag"]));
    for default in [
        json!(["dataLayer", "consent", "default"]),
        json!(["uetq", "consent", "default"]),
        json!(["_paq", "requireConsent"]),
    ] {
        let found = at(order, &default);
        if found.len() != 1 || tag.len() != 1 || found[0] > tag[0] {
            return Err(format!("{default}: one, before the tag: {order:#?}").into());
        }
    }
    Ok(())
}

/// One update each, granted or denied, before anything that opens by it or is told of it.
fn one_update(order: &[Value], says: &str, before: &[Value]) -> Result {
    let storage = json!({ "analytics_storage": says, "security_storage": "granted" });
    let matomo = match says {
        "granted" => "setConsentGiven",
        _ => "forgetConsentGiven",
    };
    let mut last = 0;
    for update in [
        json!(["dataLayer", "consent", "update", storage]),
        json!(["uetq", "consent", "update", { "ad_storage": says }]),
        json!(["_paq", matomo]),
    ] {
        let found = at(order, &update);
        if found.len() != 1 {
            return Err(format!("{update}: once: {order:#?}").into());
        }
        last = last.max(found[0]);
    }
    for later in before {
        if !matches!(at(order, later)[..], [one] if one > last) {
            return Err(format!("{later}: once, after the updates: {order:#?}").into());
        }
    }
    Ok(())
}

#[test]
fn vendors_hear_of_an_answer_before_anybody_else_and_of_denial_first() {
    Setup::default()
        .edit("[mail]\n", SIGNALS)
        .run(async |world| {
            world.browser.cdp("Network.enable", json!({})).await?;
            for (form, slow) in [
                (&[][..], false),
                (&[], true),
                (&["--sync"], false),
                (&["--inline"], true),
            ] {
                println!("  {form:?}, slow network: {slow}");
                let latency = if slow { 250 } else { 0 };
                let conditions = json!({
                    "offline": false, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1,
                });
                world
                    .browser
                    .cdp("Network.emulateNetworkConditions", conditions)
                    .await?;
                let site = Elsewhere::start().await?;
                let base = format!("{}/sayso", world.server.origin());
                site.put("/", &page(&world.snippet(&base, form)?));
                let origin = site.origin("127.0.0.1");
                world.browser.forget(&origin).await?;

                println!("    before the answer: denied, and nothing else");
                world.browser.open(&origin).await?;
                world.browser.seen("#sayso").await?;
                world.browser.idle().await?;
                let before = order(world).await?;
                defaults_first(&before)?;
                // What needs no answer is told as granted; what needs one is not.
                let google = at(&before, &json!(["dataLayer", "consent"]));
                let analytics = google.iter().map(|at| &before[*at][3]["analytics_storage"]);
                let analytics: Vec<_> = analytics.collect();
                assert_eq!(analytics, ["denied", "denied"], "{before:#?}");
                assert_eq!(before[google[1]][3]["security_storage"], "granted");
                assert_eq!(at(&before, &json!(["tag", "denied"])).len(), 1);
                assert_eq!(at(&before, &json!(["uetq", "consent", "update"])).len(), 0);
                let clarity = world
                    .browser
                    .js("return window.clarity.q.map((call) => [...call])")
                    .await?;
                let denied = json!({ "ad_Storage": "denied", "analytics_Storage": "denied" });
                assert_eq!(clarity, json!([["consentv2", denied]]));

                println!("    the page of the answer");
                world.answer("give-all").await?;
                let told = "order.some(([who]) => who == 'gated') && order.some(([who]) => who == 'site')";
                world.browser.until_js("the site to be told", told).await?;
                let answered = order(world).await?;
                defaults_first(&answered)?;
                let granted = [json!(["gated", "granted"]), json!(["site", "granted"])];
                one_update(&answered, "granted", &granted)?;
                world.settled().await?;

                for warm in [false, true] {
                    println!("    a later visit, warm cache: {warm}");
                    world
                        .browser
                        .cdp("Network.setCacheDisabled", json!({ "cacheDisabled": !warm }))
                        .await?;
                    world.browser.open(&origin).await?;
                    world
                        .browser
                        .until_js("the gated tag", "order.some(([who]) => who == 'gated')")
                        .await?;
                    let later = order(world).await?;
                    defaults_first(&later)?;
                    one_update(&later, "granted", &granted[..1])?;
                }

                println!("    after a withdrawal");
                world
                    .browser
                    .js("window.sayso.withdraw(['analytics'])")
                    .await?;
                let opened_anew = "!order.some(([who]) => who == 'gated') && sayso.state().analytics == 'Withdrawn'";
                world
                    .browser
                    .until_js("the page to be loaded anew, without the tag", opened_anew)
                    .await?;
                world.browser.idle().await?;
                let after = order(world).await?;
                defaults_first(&after)?;
                one_update(&after, "denied", &[])?;
                world.settled().await?;
            }
            Ok(())
        });
}

#[test]
fn whoever_builds_a_site_is_warned_of_what_would_be_a_fault() {
    Setup::default().run(async |world| {
        let server = format!("{}/sayso", world.server.origin());
        let site = Elsewhere::start().await?;
        let stranger = site.origin("localhost");
        site.put("/count.js", "window.counted = 1");
        let page = |body: &str| {
            format!(
                "<!doctype html><html lang=en><meta charset=utf-8><title>Site</title>
                <script src='{server}/sayso.js?lang=en'></script><script src='{server}/sayso.dev.js'></script>
                <h1>Site</h1>{body}"
            )
        };
        site.put(
            "/right",
            &page(
                "<script type='text/plain' data-sayso='pulse' data-src='/count.js'></script><iframe data-sayso='video' data-src='/'></iframe>
                <template data-sayso='video'><img data-src='/a.png' alt=''><img src='data:,' alt=''><a href='/film'>Film</a></template>",
            ),
        );
        site.put(
            "/wrong",
            &page(&format!(
                "<script data-sayso='pulse' src='{stranger}/count.js'></script>
                <img data-sayso='beacon' src='{stranger}/pixel.gif' alt=''>
                <iframe data-sayso='vidoe' data-src='/'></iframe>
                <template data-sayso='video'><p><img src='/a.png' alt=''></p></template>
                <script>document.cookie = 'stranger=1; path=/'</script>"
            )),
        );
        let origin = site.origin("127.0.0.1");
        let warnings = async || -> Result<Vec<String>> {
            let lines = world.browser.console().await;
            Ok(lines.into_iter().filter(|line| line.contains("[sayso]")).collect())
        };
        world.browser.open(&format!("{origin}/right")).await?;
        world.browser.idle().await?;
        assert_eq!(warnings().await?, [""; 0], "nothing is said of a page that is right");

        world.browser.open(&format!("{origin}/wrong")).await?;
        for code in ["executable", "loads-at-once", "loads-ahead", "unknown-id", "undeclared-host", "undeclared-cookie"] {
            sayso_tests::until(&format!("the warning {code}"), async || {
                let said = warnings().await?;
                Ok(said.iter().any(|line| line.contains(&format!("[sayso] {code}: "))).then_some(()))
            })
            .await?;
        }
        Ok(())
    });
}
