//! What a page keeps, and what the world does to it: clocks that are wrong, storage that is full, cookies twice, pages
//! that change without being loaded.

use sayso_tests::{Elsewhere, Result, World, engines, until};

/// A page of the test's own with one gated script. `head` runs before everything.
fn page(world: &World, head: &str, rest: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>State</title><script>{head}</script>
        <script async src='{}/sayso/sayso.js?lang=en'></script><h1>State</h1>
        <script type=text/plain data-sayso=analytics>fetch('/hit/first').catch(() => {{}})</script>{rest}</html>",
        world.service()
    )
}

struct Site<'a> {
    world: &'a World,
    site: Elsewhere,
    origin: String,
}

impl<'a> Site<'a> {
    async fn new(world: &'a World) -> Result<Self> {
        let site = world.elsewhere().await?;
        for hit in ["/hit/first", "/hit/later"] {
            site.put(hit, "<p>ok</p>");
        }
        let origin = site.origin("localhost");
        // Cookies know no ports: those of the site before are there still, and its last page would mend them from its copy
        // as long as it is open.
        site.put("/blank", "<!doctype html><title>Blank</title>");
        let site = Self {
            world,
            site,
            origin,
        };
        site.anew().await?;
        Ok(site)
    }

    /// A new visitor.
    async fn anew(&self) -> Result {
        let blank = format!("{}/blank", self.origin);
        self.world.browser.open(&blank).await?;
        self.world.browser.forget(&self.origin).await?;
        // WebKit writes behind the page: what was written last may come after.
        self.world.browser.open(&blank).await?;
        let nothing = "localStorage.length == 0 || localStorage.clear()";
        self.world
            .browser
            .until_js("nothing to be kept", nothing)
            .await
    }

    async fn open(&self, path: &str, page: &str) -> Result {
        self.site.put(path, page);
        self.world
            .browser
            .open(&format!("{}{path}", self.origin))
            .await?;
        let gate = "window.sayso && !sayso.q && sayso.state().analytics";
        self.world.browser.until_js("the gate", gate).await?;
        self.world.browser.idle().await
    }

    async fn hits(&self, path: &str, count: usize) -> Result {
        until(&format!("{count} times {path}"), async || {
            Ok((self.site.count(path) >= count).then_some(()))
        })
        .await?;
        assert_eq!(self.site.count(path), count, "{:?}", self.site.hits());
        Ok(())
    }

    /// Is it asked, what is known, how often did the script run?
    async fn seen(&self) -> Result<(bool, String, usize)> {
        let script = "return [!!document.querySelector('#sayso'), sayso.state().analytics]";
        let found = self.world.browser.js(script).await?;
        let status = found[1].as_str().unwrap_or_default().to_owned();
        Ok((found[0] == true, status, self.site.count("/hit/first")))
    }

    async fn js(&self, script: &str) -> Result {
        self.world.browser.js(script).await?;
        Ok(())
    }
}

/// A clock that is off by so many days.
fn clock(days: i64) -> String {
    format!("const now = Date.now; Date.now = () => now() + {days} * 864e5")
}

/// Writes an answer as one made now, or as one that never lapses.
fn kept(choice: &str) -> String {
    format!(
        "const text = '1.' + Math.floor(Date.now() / 1000).toString(36) + '.analytics:' + {choice};
         document.cookie = 'sayso=' + text + ';Path=/;Secure;Max-Age=9999999'; localStorage['sayso.state'] = text"
    )
}

const GIVEN: &str = "'g1.' + (Math.floor(Date.now() / 864e5) + 183).toString(36)";
const REFUSED: &str = "'r1.' + (Math.floor(Date.now() / 864e5) + 183).toString(36)";

engines!(an_answer_outlives_what_happens_to_it);
async fn an_answer_outlives_what_happens_to_it(world: &mut World) -> Result {
    clocks(world).await?;
    keeping(world).await?;
    pages(world).await
}

/// A clock that is wrong opens nothing, and an objection stands under any.
async fn clocks(world: &World) -> Result {
    let site = Site::new(world).await?;
    site.open("/", &page(world, "", "")).await?;
    site.js(&kept(GIVEN)).await?;
    for days in [366, -366] {
        println!("  a yes, {days} days later");
        site.open("/clock", &page(world, &clock(days), "")).await?;
        assert_eq!(site.seen().await?, (true, "Expired".to_owned(), 0));
    }
    println!("  the clock is mended");
    site.open("/", &page(world, "", "")).await?;
    site.hits("/hit/first", 1).await?;

    for days in [0, 400, -400, 3000] {
        println!("  an objection, {days} days later");
        site.js(&kept("'o1'")).await?;
        site.open("/clock", &page(world, &clock(days), "")).await?;
        assert_eq!(site.seen().await?, (false, "Objected".to_owned(), 1));
    }

    println!(
        "  an answer given under a clock that was a year ahead, then one under the right clock"
    );
    site.anew().await?;
    site.open("/ahead", &page(world, &clock(366), "")).await?;
    world.answer("refuse-all").await?;
    site.open("/", &page(world, "", "")).await?;
    assert!(
        site.seen().await?.0,
        "a no from the future is asked about again"
    );
    world.answer("give-all").await?;
    site.hits("/hit/first", 2).await?;
    site.open("/", &page(world, "", "")).await?;
    site.hits("/hit/first", 3).await?;
    assert_eq!(
        site.seen().await?.1,
        "Given",
        "the newer answer counts, whatever the clock said"
    );
    Ok(())
}

/// What is kept twice, or cannot be kept, has one outcome.
async fn keeping(world: &World) -> Result {
    let site = Site::new(world).await?;
    println!("  two cookies: the later counts, and one is left");
    site.open("/deep/page", &page(world, "", "")).await?;
    site.js(&kept(REFUSED)).await?;
    site.js(&format!(
        "document.cookie = 'sayso=1.1.analytics:' + {GIVEN} + ';Path=/deep;Secure'"
    ))
    .await?;
    site.open("/deep/page", &page(world, "", "")).await?;
    let one = "document.cookie.match(/sayso=/g)?.length == 1";
    world.browser.until_js("one cookie", one).await?;
    assert_eq!(site.seen().await?, (false, "Refused".to_owned(), 0));

    println!("  a full quota: the cookie carries the answer, and no stale copy overrules it");
    let full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }";
    site.js(&kept(REFUSED).replace("Date.now() / 1000", "Date.now() / 1000 - 9"))
        .await?;
    site.open(
        "/full",
        &page(
            world,
            full,
            "<button id=yes onclick=\"sayso.give()\">Yes</button>",
        ),
    )
    .await?;
    world.browser.click("#yes").await?;
    site.hits("/hit/first", 1).await?;
    site.open("/full", &page(world, full, "")).await?;
    site.hits("/hit/first", 2).await?;

    // A copy that cannot be written over is taken away: it would now say what is no longer so.
    let copy = "return localStorage['sayso.state'] ?? ''";
    assert_eq!(world.browser.js(copy).await?, "");

    println!("  no cookies: the copy carries it");
    site.js(&kept(REFUSED)).await?;
    let none = "Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {} })";
    site.open("/none", &page(world, none, "")).await?;
    assert_eq!(site.seen().await?, (false, "Refused".to_owned(), 2));

    println!("  neither: the answer holds for this page");
    site.anew().await?;
    let blocked = format!(
        "{none}; Object.defineProperty(window, 'localStorage', {{ get() {{ throw new DOMException('no', 'SecurityError') }} }})"
    );
    site.open("/none", &page(world, &blocked, "")).await?;
    world.answer("give-all").await?;
    site.hits("/hit/first", 3).await?;
    assert_eq!(
        world.browser.js("return sayso.allows('analytics')").await?,
        true
    );
    site.open("/none", &page(world, &blocked, "")).await?;
    assert_eq!(site.seen().await?, (true, "Unknown".to_owned(), 3));
    Ok(())
}

/// A page may have the gate twice, or change under it.
async fn pages(world: &World) -> Result {
    let site = Site::new(world).await?;
    println!("  included twice, with calls made before it is there");
    let snippet = reqwest::get(format!("{}/sayso/snippet.js", world.server.origin()))
        .await?
        .text()
        .await?;
    let early = format!(
        "{snippet}; window.told = []; sayso.on('ready', (now) => told.push(now.analytics));
         sayso.on('refused', ({{ purposes }}) => told.push(...purposes));
         sayso.refuse('analytics').then((done) => told.push(done))"
    );
    let again = format!(
        "<script async src='{}/sayso/sayso.js?lang=en'></script>",
        world.service()
    );
    site.open("/twice", &page(world, &early, &again)).await?;
    world
        .browser
        .until_js("the calls", "told.length == 3")
        .await?;
    let told = world
        .browser
        .js("return told.map(String).sort().join(' ')")
        .await?;
    assert_eq!(
        told, "Unknown analytics true",
        "ready once, the answer once"
    );
    world
        .browser
        .until_js("the answer", "document.cookie.includes('analytics:r')")
        .await?;

    println!("  changed without being loaded");
    site.anew().await?;
    site.open("/app", &page(world, "", "")).await?;
    world.browser.seen("#sayso").await?;
    site.js("history.pushState({}, '', '/app/two'); document.body.replaceChildren()")
        .await?;
    world
        .browser
        .until_js(
            "the layer is back",
            "document.querySelector('#sayso:popover-open, #sayso')",
        )
        .await?;
    world.answer("give-all").await?;
    let add = "const made = document.createElement('div');
        made.innerHTML = '<img data-sayso=beacon data-src=/hit/later><script type=\"text/plain\" data-sayso=pulse>fetch(\"/hit/later?2\").catch(() => {})<\\/script>';
        document.body.append(made)";
    site.js(add).await?;
    site.hits("/hit/later", 2).await?;

    println!("  a placeholder keeps its frame's size, also when that changes");
    site.anew().await?;
    let frame =
        "<div id=room style='width:600px'><iframe data-sayso=video data-src=/hit/later?3 title=Film
        style='width:100%;height:200px;border:0'></iframe></div>";
    site.open("/frame", &page(world, "", frame)).await?;
    for (room, size) in [(600, "600 200"), (400, "400 200"), (500, "500 200")] {
        site.js(&format!(
            "document.querySelector('#room').style.width = '{room}px'"
        ))
        .await?;
        let fits = format!(
            "(() => {{ const {{ width, height }} = document.querySelector('.sayso-wait')?.getBoundingClientRect() ?? {{}};
               return `${{width}} ${{height}}` == '{size}' }})()"
        );
        world
            .browser
            .until_js(&format!("a placeholder of {size}"), &fits)
            .await?;
    }

    println!(
        "  what comes back after a withdrawal does not stay, and what cannot be deleted is told of"
    );
    site.js(&kept(REFUSED)).await?;
    site.js("document.cookie = '_pulse_id=1;Path=/'").await?;
    let stuck = "window.told = []; document.addEventListener('sayso:error', ({ detail }) => told.push(detail.code, detail.message));
        const { get, set } = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');
        Object.defineProperty(Document.prototype, 'cookie', { configurable: true,
          get() { return get.call(this) + '; vp_seen=1' }, set(text) { set.call(this, text) } })";
    site.open("/again", &page(world, stuck, "")).await?;
    world
        .browser
        .until_js("a report", "told.join() == 'kept,vp_seen'")
        .await?;
    world
        .browser
        .until_js(
            "the cookie to be gone",
            "!document.cookie.includes('_pulse_id')",
        )
        .await?;
    Ok(())
}
