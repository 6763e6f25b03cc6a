//! Pages that take the gate's ground away, by accident or on purpose: elements named like what it reads, prototypes with
//! more in them, frozen ones, functions that throw or lie. None breaks it, and none has it open anything.

use sayso_tests::{Elsewhere, Result, World, engines, until};

/// Names that the gate reads on the document and on the window.
const ON_DOCUMENT: &str = "currentScript body head cookie readyState visibilityState prerendering querySelector \
    querySelectorAll createElement dispatchEvent adoptedStyleSheets baseURI elementFromPoint activeElement importNode";
const ON_WINDOW: &str = "sayso addEventListener removeEventListener dispatchEvent trustedTypes localStorage fetch location \
    navigator requestAnimationFrame requestIdleCallback isSecureContext allows q state analytics";

/// What each page does before the gate is there: a name, its head, the beginning of its body.
fn pages() -> Vec<(&'static str, &'static str, String)> {
    let images: String = ON_DOCUMENT
        .split_whitespace()
        .map(|name| format!("<img name={name}>"))
        .collect();
    let anchors: String = ON_WINDOW
        .split_whitespace()
        .map(|name| format!("<a id={name}></a>"))
        .collect();
    let clobbered = format!(
        "{images}{anchors}<form id=sayso name=body><input name=q><input name=allows><input name=closest></form>"
    );
    vec![
        ("elements with our names", "", clobbered),
        ("more in every prototype", POLLUTED, String::new()),
        ("everything frozen", FROZEN, String::new()),
        ("functions that throw", THROWING, String::new()),
        ("functions that lie", LYING, String::new()),
        ("an older browser", OLDER, String::new()),
    ]
}

const POLLUTED: &str = "
    const yes = { letter: 'g', revision: 1, day: 99999, services: {}, id: 'analytics' };
    // Not to be listed, or the drivers' own scripts lose their way.
    const more = (made, names) => Object.keys(names).forEach((name) =>
      Object.defineProperty(made.prototype, name, { value: names[name], writable: true, configurable: true }));
    const names = { necessary: true, open: { analytics: true }, allows: () => true, q: [yes], gpc: false,
      domain: 'elsewhere.example', services: [yes], standing: yes, status: 'Given', choices: yes, state: yes, letter: 'g',
      switchable: true, late: '/gone.js', base: '/gone', model: 'OptOut', time: 99999999999, analytics: yes };
    more(Object, names);
    more(Array, { analytics: yes, last: () => yes });
    more(String, { services: [yes] });";

const FROZEN: &str = "
    for (const made of [Object, Array, Function, String, Number, Boolean, RegExp, Promise, Map, Set, WeakSet, Date, Error,
      JSON, Math, Reflect, Node, Element, HTMLElement, Document, EventTarget, Event, CustomEvent, Storage])
      for (const one of [made, made.prototype]) if (one) Object.freeze(one);";

const THROWING: &str = "
    const never = () => { throw new Error('not here') };
    window.fetch = never;
    navigator.sendBeacon = never;
    HTMLElement.prototype.showPopover = never;
    window.addEventListener = document.addEventListener = never;
    window.requestIdleCallback = undefined;
    Object.defineProperty(window, 'trustedTypes', { value: { createPolicy: never } });";

const LYING: &str = "
    const { parse } = JSON;
    JSON.parse = (text, ...more) => (text.includes('analytics') ? { analytics: 'g' } : parse(text, ...more));
    const { includes } = Array.prototype;
    // Of objects it tells the truth: the drivers' own scripts ask.
    Array.prototype.includes = function (one) { return typeof one == 'string' || includes.call(this, one) };
    Array.prototype.some = Array.prototype.every = String.prototype.includes = () => true;
    window.fetch = async () => ({ ok: true, status: 200 });
    document.hasFocus = () => false;";

const OLDER: &str = "
    delete HTMLElement.prototype.popover;
    delete HTMLElement.prototype.showPopover;
    delete window.requestIdleCallback;
    delete window.BroadcastChannel;
    delete Document.prototype.adoptedStyleSheets;
    delete Navigator.prototype.userActivation;";

engines!(no_page_breaks_it_or_has_it_open_anything);
async fn no_page_breaks_it_or_has_it_open_anything(world: &mut World) -> Result {
    policy(world).await?;
    hostile(world).await
}

async fn hostile(world: &World) -> Result {
    let site = world.elsewhere().await?;
    let origin = site.origin("localhost");
    for path in ["/hit/inline", "/hit/image"] {
        site.put(path, "<p>ok</p>");
    }
    site.put("/hit/script.js", "1");
    site.put("/blank", "<!doctype html><title>Blank</title>");
    for (at, (name, head, body)) in pages().into_iter().enumerate() {
        println!("  {name}");
        let path = format!("/{at}");
        let gate = format!("{}/sayso/sayso.js?lang=en", world.service());
        site.put(&path, &format!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Strict</title><script>{head}</script>{body}
            <script async src='{gate}'></script><h1>Strict</h1>
            <script type=text/plain data-sayso=analytics>new Image().src = '/hit/inline'</script>
            <script type=text/plain data-sayso=pulse data-src=/hit/script.js></script>
            <img data-sayso=beacon data-src=/hit/image alt=''></html>"
        ));
        let url = format!("{origin}{path}");
        anew(world, &origin).await?;
        let before = site.count("/hit/");
        world.browser.open(&url).await?;
        shown(world).await?;
        assert_eq!(site.count("/hit/"), before, "{name}: before an answer");

        answer(world, "refuse-all").await?;
        until_letter(world, 'r').await?;
        world.browser.open(&url).await?;
        world.browser.until_js("the gate", GATE).await?;
        world.browser.js_async(DRAWN).await?;
        assert_eq!(layers(world).await?, 0, "{name}: answered");
        assert_eq!(site.count("/hit/"), before, "{name}: refused");

        anew(world, &origin).await?;
        world.browser.open(&url).await?;
        shown(world).await?;
        answer(world, "give-all").await?;
        opened(&site, before + 3, name).await?;
        until_letter(world, 'g').await?;
    }
    // What they broke on purpose they may complain of.
    world.browser.forget_console().await;
    Ok(())
}

/// The gate's own name may be taken by an element; its property is not.
const GATE: &str = "Object.getOwnPropertyDescriptor(window, 'sayso')?.value?.allows";

/// A new visitor. The page before would mend the cookie from its copy as long as it is open.
async fn anew(world: &World, origin: &str) -> Result {
    world.browser.open(&format!("{origin}/blank")).await?;
    world.browser.forget(origin).await?;
    // WebKit writes behind the page: what was written last may come after.
    world.browser.open(&format!("{origin}/blank")).await?;
    let nothing = "localStorage.length == 0 || localStorage.clear()";
    world.browser.until_js("nothing to be kept", nothing).await
}

/// Twice drawn: whatever the gate was going to do by itself has begun. What `idle` asks is an element here.
const DRAWN: &str =
    "for (let i = 0; i < 2; i++) await new Promise((go) => requestAnimationFrame(go))";

/// The layer, told from a form of the same id.
const LAYER: &str = "section#sayso";

async fn layers(world: &World) -> Result<u64> {
    let script =
        format!("return Document.prototype.querySelectorAll.call(document, '{LAYER}').length");
    Ok(world
        .browser
        .js(&script)
        .await?
        .as_u64()
        .unwrap_or_default())
}

/// Waits until the layer has been in view for as long as a yes needs. Nothing here asks the page's own document.
async fn shown(world: &World) -> Result {
    until("the layer", async || {
        Ok((layers(world).await? == 1).then_some(()))
    })
    .await?;
    let long = "(window.since ??= performance.now()) + 350 < performance.now()";
    world
        .browser
        .until_js("the layer to have been in view", long)
        .await
}

/// Presses a button of the layer, as a person does; by its place, since the drivers' own scripts ask the document, too.
async fn answer(world: &World, action: &str) -> Result {
    let script = format!(
        "const {{ x, y, width, height }} = Document.prototype.querySelector
            .call(document, '{LAYER} [data-sayso-action={action}]').getBoundingClientRect();
         return [Math.round(x + width / 2), Math.round(y + height / 2)]"
    );
    let at = world.browser.js(&script).await?;
    let (x, y) = at[0].as_i64().zip(at[1].as_i64()).ok_or("a place")?;
    let mouse = world.browser.driver.action_chain();
    mouse.move_to(x, y).click().perform().await?;
    until("the layer to be gone", async || {
        Ok((layers(world).await? == 0).then_some(()))
    })
    .await
}

async fn until_letter(world: &World, letter: char) -> Result {
    let script = format!(
        "Reflect.get(Document.prototype, 'cookie', document).indexOf('analytics:{letter}') > 0"
    );
    world
        .browser
        .until_js(&format!("analytics:{letter}"), &script)
        .await
}

async fn opened(site: &Elsewhere, count: usize, name: &str) -> Result {
    until(&format!("{name}: what was allowed"), async || {
        Ok((site.count("/hit/") >= count).then_some(()))
    })
    .await?;
    assert_eq!(
        site.count("/hit/"),
        count,
        "{name}: once each: {:?}",
        site.hits()
    );
    Ok(())
}

/// Promise 11: one page with a nonce, Trusted Types, and gated scripts of every kind.
const POLICY: &str = "default-src 'none'; script-src 'nonce-R4nd0m' 'wasm-unsafe-eval' SERVICE; style-src 'self'; \
    img-src 'self'; connect-src 'self' SERVICE; require-trusted-types-for 'script'; trusted-types sayso";

async fn policy(world: &World) -> Result {
    let site = world.elsewhere().await?;
    let service = world.service();
    for name in ["a", "b", "c"] {
        site.put(
            &format!("/{name}.js"),
            &format!("order.push('{name}'); done()"),
        );
    }
    site.put("/", &format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Strict</title>
        <meta http-equiv=Content-Security-Policy content=\"{}\">
        <script nonce=R4nd0m>window.order = []; window.done = () => {{ document.title = order.join(' ') }}</script>
        <script nonce=R4nd0m async src='{service}/sayso/sayso.js?lang=en'></script><h1>Strict</h1>
        <script nonce=R4nd0m type=text/plain data-sayso=analytics>order.push('inline'); done()</script>
        <script nonce=R4nd0m type=text/plain data-sayso=analytics data-src=/a.js></script>
        <script nonce=R4nd0m type=text/plain data-sayso=pulse>order.push('after'); done()</script>
        <script nonce=R4nd0m type=text/plain data-sayso=pulse data-src=/b.js defer></script>
        <script nonce=R4nd0m type=text/plain data-sayso=pulse data-src=/c.js data-type=module></script></html>",
        POLICY.replace("SERVICE", &service)
    ));
    world.browser.open(&site.origin("localhost")).await?;
    world.answer("give-all").await?;
    world
        .browser
        .until_js(
            "every script in its order",
            "document.title == 'inline a after b c'",
        )
        .await?;
    world.settled().await?;
    assert_eq!(
        world.until_ledger(1).await?[0].status("analytics"),
        Some("Given")
    );
    world.browser.js("sayso.open('preferences')").await?;
    world.browser.seen("dialog[open]").await?;
    Ok(())
}
