//! Forgeries: whoever is not one of the site's own pages can send no answer for a visitor, from another site or from a
//! sibling subdomain, by a form, a script or a beacon. And a sibling's cookie is taken for what it is.

use sayso_demo::Kind;
use sayso_tests::{Elsewhere, Engine, Result, Setup, World, engines, until};
use serde_json::json;

/// The site under attack, and a sibling of it under the same parent domain.
const SHOP: &str = "shop.site.localhost";
const SIBLING: &str = "other.site.localhost";
/// A host of another site.
const STRANGER: &str = "stranger.localhost";

/// What each attacker tries, by route, and how often.
const TRIES: [(&str, usize); 3] = [
    ("/v1/receipts", 4),
    ("/v1/addresses", 1),
    ("/newsletter", 1),
];

engines!(nobody_answers_for_a_visitor);
async fn nobody_answers_for_a_visitor(world: &mut World) -> Result {
    requests(world).await?;
    cookies(world).await
}

async fn requests(world: &World) -> Result {
    let shop = world.origin_at(SHOP)?;
    let gate = reqwest::get(format!("{}/sayso/sayso.js", world.server.origin()))
        .await?
        .text()
        .await?;
    let layer = gate
        .split("layer:`")
        .nth(1)
        .and_then(|rest| rest.split('`').next())
        .ok_or("a layer")?;
    // A form of plain text puts `=` between a name and a value: in here it stands where the server does not look.
    let (name, value) = (body(layer, 1), "\"}");
    let attackers = world.elsewhere().await?;
    attackers.put("/", &page(&shop, &name, value));
    for (round, host) in [STRANGER, SIBLING].into_iter().enumerate() {
        println!("  from {host}");
        world.browser.open(&attackers.origin(host)).await?;
        world
            .browser
            .until_js("everything to be sent", "window.sent")
            .await?;
        for (route, tries) in TRIES {
            let wanted = tries * (round + 1);
            let what = format!("{wanted} refusals of {route}");
            let found = until(&what, async || {
                let answers = answers(world, route);
                Ok((answers.len() >= wanted).then_some(answers))
            });
            assert_eq!(found.await?, vec![403; wanted], "{route} from {host}");
        }
        assert_eq!(world.ledger()?.len(), 0, "nothing is stored");
        assert_eq!(world.subscriptions()?, []);
        assert_eq!(world.mails()?.len(), 0);
        world.browser.open(&shop).await?;
        world.browser.seen("#sayso").await?;
        assert_eq!(world.browser.cookie(&shop, "sayso").await?, None);
    }
    assert_eq!(world.hits(Kind::Analytics), 0);

    println!("  the same from the site's own page is an answer");
    let own = json!(format!("{}={value}", body(layer, 2)));
    let status = format!(
        "return (await fetch('/sayso/v1/receipts', {{ method: 'POST', body: {own} }})).status"
    );
    assert_eq!(world.browser.js_async(&status).await?, 200);
    world.until_ledger(1).await?;
    Ok(())
}

/// Everything before the value of a state that opens all, as a body for the receipts' endpoint.
fn body(layer: &str, number: u8) -> String {
    let decision = json!({
        "id": format!("0199f000-0000-7000-8000-00000000000{number}"), "time": 1_760_000_000_000_u64,
        "surface": "banner", "action": "give-all", "layer": layer, "inView": true,
        "choices": "analytics:g1.g68~necessary:n1",
    });
    format!("{{\"v\":1,\"decisions\":[{decision}],\"state\":\"")
}

/// A page that tries everything that a browser lets a page do to another one's server.
fn page(shop: &str, name: &str, value: &str) -> String {
    let text = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;");
    let (name, value) = (text(name), text(value));
    let form = format!(
        "<form method=post enctype=text/plain target=out action=\"{shop}/sayso/v1/receipts\"><input name=\"{name}\" value=\"{value}\"></form>"
    );
    // Sandboxed, its origin is `null`.
    let hidden = text(&format!(
        "{form}<iframe name=out></iframe><script>document.forms[0].submit()</script>"
    ));
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Forger</title><iframe name=out></iframe>{form}
        <form method=post target=out2 action='{shop}/sayso/newsletter'><input name=email value='ada@example.org'></form>
        <iframe name=out2></iframe><iframe sandbox='allow-forms allow-scripts' srcdoc=\"{hidden}\"></iframe>
        <script>
          const field = document.querySelector('input');
          const body = field.name + '=' + field.value;
          const options = {{ method: 'POST', mode: 'no-cors', credentials: 'include', body }};
          for (const form of document.forms) form.submit();
          navigator.sendBeacon('{shop}/sayso/v1/receipts', body);
          Promise.allSettled(['receipts', 'addresses'].map((end) => fetch('{shop}/sayso/v1/' + end, options)))
            .then(() => {{ window.sent = true }});
        </script></html>"
    )
}

/// The status of every answer to a POST of this route, by the server's own log.
fn answers(world: &World, route: &str) -> Vec<u16> {
    let log = world.server.log();
    let of = |line: &str, name: &str| {
        let value = line.split(&format!("{name}=")).nth(1)?;
        Some(
            value
                .split_whitespace()
                .next()?
                .trim_matches('"')
                .to_owned(),
        )
    };
    log.lines()
        .filter(|line| of(line, "route").as_deref() == Some(route))
        .filter(|line| of(line, "method").as_deref() == Some("POST"))
        .filter_map(|line| of(line, "status")?.parse().ok())
        .collect()
}

/// A sibling's cookie opens nothing that was refused, whatever time it bears, and does not stay.
async fn cookies(world: &World) -> Result {
    let shop = world.origin_at(SHOP)?;
    world.browser.open(&shop).await?;
    world.answer("refuse-all").await?;
    world.settled().await?;
    let own = world
        .browser
        .cookie(&shop, "sayso")
        .await?
        .ok_or("a cookie")?;
    let (time, choices) = own
        .strip_prefix("1.")
        .and_then(|rest| rest.split_once('.'))
        .ok_or("a time")?;
    // With a day that counts: one too far off would have lapsed.
    let opening = choices.replace(":r", ":g");
    assert_ne!(opening, choices);
    let attacker = world.elsewhere().await?;

    println!("  of the same second: an older one loses by its time alone");
    set(world, &attacker, time, &opening).await?;
    refused(world, &own).await?;

    println!("  later");
    let later = "zzzzzz";
    set(world, &attacker, later, &opening).await?;
    refused(world, &own).await?;
    println!("    nor on the page after it");
    refused(world, &own).await?;

    println!("  later, and the only one");
    let gone = "document.cookie = 'sayso=;Max-Age=0;Path=/;Secure'";
    world.browser.js(gone).await?;
    set(world, &attacker, later, &opening).await?;
    // On the first page it is there still, beside the one that was mended; on the next it is not.
    world.browser.open(&shop).await?;
    world.browser.idle().await?;
    world.browser.gone("#sayso").await?;
    refused(world, &own).await?;

    println!("  what shuts is heard, from whomever");
    let given = format!("1.{time}.{opening}");
    let page = format!(
        "document.cookie = 'sayso={given};Path=/;Secure'; localStorage['sayso.state'] = '{given}'"
    );
    world.browser.js(&page).await?;
    world.browser.open(&shop).await?;
    world.until_hits(Kind::Analytics, 1).await?;
    set(world, &attacker, later, &choices.replace(":r", ":w")).await?;
    world.browser.open(&shop).await?;
    let shut = "window.sayso && !sayso.q && sayso.state().analytics == 'Withdrawn'";
    world.browser.until_js("it to be shut", shut).await?;
    world.browser.idle().await?;
    assert_eq!(world.hits(Kind::Analytics), 1);
    Ok(())
}

/// Has the sibling set our cookie for all of the domain.
async fn set(world: &World, attacker: &Elsewhere, time: &str, choices: &str) -> Result {
    let forged = format!("sayso=1.{time}.{choices}");
    attacker.put("/", &format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sibling</title>
        <script>document.cookie = '{forged};Domain=site.localhost;Path=/;Secure;Max-Age=9999'</script></html>"
    ));
    world.browser.open(&attacker.origin(SIBLING)).await?;
    let there = world.browser.js("return document.cookie").await?;
    assert_eq!(there, forged, "the browser took it");
    Ok(())
}

/// Opens the shop: nothing is asked, nothing runs, and one cookie is left, the visitor's own.
async fn refused(world: &World, own: &str) -> Result {
    world.demo.reset();
    world.browser.open(&world.origin_at(SHOP)?).await?;
    let ours = "document.cookie.split('; ').filter((one) => one.startsWith('sayso='))";
    world
        .browser
        .until_js("one cookie to be left", &format!("{ours}.length == 1"))
        .await?;
    let left = world.browser.js(&format!("return {ours}[0]")).await?;
    assert_eq!(left, format!("sayso={own}"));
    world.browser.idle().await?;
    world.browser.gone("#sayso").await?;
    assert_eq!(world.hits(Kind::Analytics), 0);
    Ok(())
}

/// Where a site shares its answers among its subdomains the newest counts on each of them, also one that opens. In one
/// browser: cookies of a domain are set in all three above.
#[test]
fn subdomains_that_share_their_answers_believe_each_other() {
    let base = "base = \"/sayso\"";
    Setup::default()
        .edit(
            base,
            &format!("{base}\ncookie_domain = \"site.localhost\""),
        )
        .within(Engine::Chromium)
        .run(async |world| {
            world.browser.open(&world.origin_at(SHOP)?).await?;
            world.answer("refuse-all").await?;
            world.settled().await?;
            world.browser.open(&world.origin_at(SIBLING)?).await?;
            world.browser.until_js("the gate", "window.sayso?.allows && !sayso.q").await?;
            world.browser.gone("#sayso").await?;
            let button = "document.body.append(Object.assign(document.createElement('button'), { id: 'yes', onclick: () => sayso.give('analytics') }))";
            world.browser.js(button).await?;
            world.browser.click("#yes").await?;
            world.until_hits(Kind::Analytics, 1).await?;
            world.settled().await?;
            world.browser.open(&world.origin_at(SHOP)?).await?;
            world.until_hits(Kind::Analytics, 2).await
        });
}
