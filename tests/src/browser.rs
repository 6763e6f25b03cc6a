//! A real browser with a fresh profile, and what a test asks of it, in the words of any engine.

use std::path::Path;
use std::sync::Mutex;

use sayso_demo::Watch;
use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::engine::{Engine, Installed, Leftovers, Session};
use crate::{Result, until};

/// Helpers for scripts: the app draws into shadow trees, which a plain query does not reach.
const DEEP: &str = "
const deep = (css, root = document) => [...root.querySelectorAll(css)]
  .concat(...[...root.querySelectorAll('*')].filter((e) => e.shadowRoot).map((e) => deep(css, e.shadowRoot)));
const focused = () => {
  let e = document.activeElement;
  while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
  return e;
};
";

/// Stands before every script of a page and tells what goes wrong on it. In Chromium the console is told, which outlives
/// navigation.
const WATCH: &str = r#"
addEventListener('securitypolicyviolation', (e) => { if (!e.blockedURI.endsWith('/watch')) tell(
  'VIOLATION ' + e.violatedDirective + ' blocked ' + e.blockedURI + ' at ' + e.sourceFile + ':' + e.lineNumber + ' ' + e.sample); });
addEventListener('error', (e) => { if (e.error) tell('UNCAUGHT ' + e.error + ' ' + e.error.stack); });
addEventListener('unhandledrejection', (e) => tell('UNCAUGHT ' + e.reason + ' ' + ((e.reason && e.reason.stack) || '')));
"#;

const TO_CONSOLE: &str = "const tell = (text) => console.error(text);";

/// Elsewhere the console cannot be read: the page's own server is told, before anything else can happen on the page.
const TO_SERVER: &str = "
const tell = (text) => {
  try {
    const request = new XMLHttpRequest();
    request.open('POST', '/watch', false);
    request.send(text);
  } catch {}
};
for (const level of ['warn', 'error']) {
  const own = console[level];
  console[level] = function (...parts) { tell(level + ' ' + parts.map(String).join(' ')); return own.apply(console, parts); };
}";

/// A running browser with one session.
#[derive(Debug)]
pub struct Browser {
    /// The session, for what this type does not wrap.
    pub driver: WebDriver,
    engine: Engine,
    /// Chromium's console lines already fetched: chromedriver hands each out only once.
    console: Mutex<Vec<String>>,
    /// What the test's own sites put into their pages and hear from them, for engines without a protocol for it.
    watch: Watch,
    version: String,
    leftovers: Leftovers,
}

impl Browser {
    /// Starts a browser; profile and log lie in `folder`.
    pub(crate) async fn start(
        installed: &Installed,
        folder: &Path,
        language: &str,
        watch: Watch,
    ) -> Result<Self> {
        let Session { driver, leftovers } = installed.start(folder, language).await?;
        let version = driver
            .capabilities()
            .get("browserVersion")
            .and_then(Value::as_str)
            .unwrap_or("of unknown version")
            .to_owned();
        let browser = Self {
            driver,
            engine: installed.engine(),
            console: Mutex::default(),
            watch,
            version,
            leftovers,
        };
        let tell = match browser.engine {
            Engine::Chromium => TO_CONSOLE,
            Engine::Firefox | Engine::WebKit => TO_SERVER,
        };
        browser
            .before_every_document(&format!("{tell}{WATCH}"))
            .await?;
        Ok(browser)
    }

    /// The driver's own goodbye; what it leaves is killed when the browser is dropped.
    pub(crate) async fn quit(&mut self) {
        if self.driver.clone().quit().await.is_ok() {
            // Gone already: its number may be another's by now.
            std::mem::forget(self.leftovers.browser.take());
        }
    }

    /// The engine that runs the pages.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The browser's version, for the test's report.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Runs `script` before the page's own scripts: in Chromium in every document of this tab, in the other engines in
    /// every page of the demo site and of the test's own sites, but not in those that `sayso` itself serves.
    pub async fn before_every_document(&self, script: &str) -> Result {
        if self.engine != Engine::Chromium {
            self.watch.put(script);
            return Ok(());
        }
        let source = format!("{{{script}\n}}");
        self.cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": source }),
        )
        .await?;
        Ok(())
    }

    /// Sends a command of Chromium's own protocol; an error in any other engine.
    pub async fn cdp(&self, method: &str, parameters: Value) -> Result<Value> {
        if self.engine != Engine::Chromium {
            return Err(format!(
                "{method} is Chromium's own: {} has no such thing",
                self.engine
            )
            .into());
        }
        Ok(self.driver.cdp().send_raw(method, parameters).await?)
    }

    /// Goes to `url` and returns when the page has loaded.
    pub async fn open(&self, url: &str) -> Result {
        println!("  open {url}");
        Ok(self.driver.goto(url).await?)
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Result {
        println!("  reload");
        Ok(self.driver.refresh().await?)
    }

    /// The value of a JavaScript function body. It may use `deep(css)`, a list of what matches in the page and in open
    /// shadow trees, and `focused()`, the focused element wherever it is.
    pub async fn js(&self, script: &str) -> Result<Value> {
        Ok(self
            .driver
            .execute(format!("{DEEP}{script}"), Vec::new())
            .await?
            .json()
            .clone())
    }

    /// Elements that match, in the page and in open shadow trees.
    pub async fn all(&self, css: &str) -> Result<Vec<WebElement>> {
        let script = format!("{DEEP}return deep({css:?})");
        Ok(self.driver.execute(script, Vec::new()).await?.elements()?)
    }

    /// The value that the promise of a JavaScript async function body comes to.
    pub async fn js_async(&self, script: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {script} }})().then((value) => done({{ value }}), (error) => done({{ error: String(error && error.stack || error) }}));"
        );
        let answer = self
            .driver
            .execute_async(script, Vec::new())
            .await?
            .json()
            .clone();
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned().into()),
            None => Ok(answer.get("value").cloned().unwrap_or(Value::Null)),
        }
    }

    /// Waits until a JavaScript expression is true.
    pub async fn until_js(&self, what: &str, expression: &str) -> Result {
        let script = format!("return !!({expression})");
        until(what, async || {
            Ok((self.js(&script).await? == Value::Bool(true)).then_some(()))
        })
        .await
    }

    /// Waits until the page has loaded and the browser has been idle twice (where an engine does
    /// not tell, it has drawn twice), so that whatever the page was going to do
    /// by itself has begun.
    pub async fn idle(&self) -> Result {
        self.js_async(
            "if (document.readyState !== 'complete') await new Promise((go) => addEventListener('load', go, { once: true }));
             for (let i = 0; i < 2; i++) await new Promise((go) =>
               globalThis.requestIdleCallback ? requestIdleCallback(go, { timeout: 2000 }) : requestAnimationFrame(() => setTimeout(go)));",
        )
        .await?;
        Ok(())
    }

    /// Waits for an element that can be seen.
    pub async fn seen(&self, css: &str) -> Result<WebElement> {
        until(&format!("`{css}` to be seen"), async || {
            for element in self.all(css).await? {
                if element.is_displayed().await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Waits until nothing that matches can be seen.
    pub async fn gone(&self, css: &str) -> Result {
        until(&format!("`{css}` to be gone"), async || {
            for element in self.all(css).await? {
                // An element that went between the two questions is gone, too.
                if element.is_displayed().await.unwrap_or(false) {
                    return Ok(None);
                }
            }
            Ok(Some(()))
        })
        .await
    }

    /// Clicks, as a person does, on the first element that matches, once it can be clicked.
    pub async fn click(&self, css: &str) -> Result {
        println!("  click {css}");
        let element = self.seen(css).await?;
        self.press_on(&element).await
    }

    /// Clicks the first button, link or label with this text that can be seen.
    pub async fn click_text(&self, text: &str) -> Result {
        println!("  click \"{text}\"");
        let script = format!(
            "{DEEP}return deep('button, a, label, summary').filter((e) =>
               e.innerText.trim().replace(/\\s+/g, ' ').startsWith({text:?}))"
        );
        let element = until(&format!("something that says \"{text}\""), async || {
            let found = self.driver.execute(script.clone(), Vec::new()).await?;
            for element in found.elements()? {
                if element.is_displayed().await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await?;
        self.press_on(&element).await
    }

    async fn press_on(&self, element: &WebElement) -> Result {
        until("the element to be enabled", async || {
            Ok(element.is_enabled().await?.then_some(()))
        })
        .await?;
        self.reveal(element).await?;
        Ok(element.click().await?)
    }

    /// Brings an element into view at once, even where the page scrolls smoothly.
    async fn reveal(&self, element: &WebElement) -> Result {
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.driver
            .execute(script, vec![element.to_json()?])
            .await?;
        Ok(())
    }

    /// Types into the field with this CSS selector.
    pub async fn fill(&self, css: &str, text: &str) -> Result {
        println!("  type into {css}");
        let field = self.seen(css).await?;
        self.reveal(&field).await?;
        Ok(field.send_keys(text).await?)
    }

    /// Operates a switch of the preference centre, by the name it bears for assistive technology.
    pub async fn toggle(&self, name: &str) -> Result {
        println!("  toggle \"{name}\"");
        let switch = Self::switch(name);
        self.until_js(&format!("the switch \"{name}\""), &switch)
            .await?;
        let was = self.is_on(name).await?;
        // It may lie in a closed disclosure; whoever wants it opens that first.
        let found = format!(
            "{DEEP}const found = {switch}; let at = found; while ((at = at.parentElement)) if (at.tagName === 'DETAILS') at.open = true; return found.closest('label')"
        );
        let label = self.driver.execute(found, Vec::new()).await?.element()?;
        self.press_on(&label).await?;
        until("the switch to move", async || {
            Ok((self.is_on(name).await? != was).then_some(()))
        })
        .await
    }

    /// Whether a switch of the preference centre is on.
    pub async fn is_on(&self, name: &str) -> Result<bool> {
        let script = format!("return {}.checked", Self::switch(name));
        Ok(self.js(&script).await? == Value::Bool(true))
    }

    /// The switch with this name, as a JavaScript expression.
    pub fn switch(name: &str) -> String {
        format!(
            "deep('[role=switch]').find((s) =>
               s.getRootNode().getElementById(s.getAttribute('aria-labelledby')).textContent.trim() === {name:?})"
        )
    }

    /// Presses Tab until a JavaScript expression over `focus`, the focused element, is true.
    pub async fn tab_to(&self, what: &str, expression: &str) -> Result {
        let script = format!("const focus = focused(); return !!({expression})");
        let mut passed = Vec::new();
        for _ in 0..80 {
            self.press(Key::Tab).await?;
            if self.js(&script).await? == Value::Bool(true) {
                println!("  tab to {what}");
                return Ok(());
            }
            let here = "const e = focused(); return e.tagName + ' ' + (e.id || e.textContent.trim().slice(0, 30))";
            passed.push(self.js(here).await?.as_str().unwrap_or_default().to_owned());
        }
        Err(format!("Tab never reaches {what}; it passed {}", passed.join(" | ")).into())
    }

    /// Forgets cookies and storage of an origin, as a new visitor's browser has none. Where only the page's own can be
    /// reached, the browser stands on an empty page of that origin afterwards.
    pub async fn forget(&self, origin: &str) -> Result {
        if self.engine == Engine::Chromium {
            // The page may still be writing: it goes first.
            self.open("about:blank").await?;
            self.cdp("Network.clearBrowserCookies", json!({})).await?;
            self.cdp(
                "Storage.clearDataForOrigin",
                json!({ "origin": origin, "storageTypes": "all" }),
            )
            .await?;
            return Ok(());
        }
        self.open(&format!("{origin}{}", Watch::PATH)).await?;
        self.js_async(
            "localStorage.clear();
             sessionStorage.clear();
             for (const { name } of await indexedDB.databases())
               await new Promise((ok, no) => { const r = indexedDB.deleteDatabase(name); r.onsuccess = ok; r.onerror = no; });",
        )
        .await?;
        Ok(self.driver.delete_all_cookies().await?)
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Result {
        Ok(self.driver.action_chain().send_keys(keys).perform().await?)
    }

    /// Names of the cookies the browser holds for `url`, sorted, those a script cannot see included.
    pub async fn cookies(&self, url: &str) -> Result<Vec<String>> {
        let mut names: Vec<String> = self
            .jar(url)
            .await?
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        names.sort();
        Ok(names)
    }

    /// The value of a cookie of `url`.
    pub async fn cookie(&self, url: &str, name: &str) -> Result<Option<String>> {
        let jar = self.jar(url).await?;
        Ok(jar
            .into_iter()
            .find_map(|(own, value)| (own == name).then_some(value)))
    }

    /// Names and values. Engines other than Chromium know only the cookies of the page that is open.
    async fn jar(&self, url: &str) -> Result<Vec<(String, String)>> {
        if self.engine == Engine::Chromium {
            let answer = self
                .cdp("Network.getCookies", json!({ "urls": [url] }))
                .await?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let cookies = answer["cookies"].as_array().cloned().unwrap_or_default();
            return Ok(cookies
                .iter()
                .map(|cookie| (text(&cookie["name"]), text(&cookie["value"])))
                .collect());
        }
        let here = self.driver.current_url().await?;
        if !url.starts_with(&here.origin().ascii_serialization()) {
            return Err(format!("the cookies of {url} cannot be asked for on {here}").into());
        }
        let cookies = self.driver.get_all_cookies().await?;
        Ok(cookies
            .into_iter()
            .map(|cookie| (cookie.name, cookie.value))
            .collect())
    }

    /// The Web Locks of the page's origin: who holds which, and who waits.
    pub async fn locks(&self) -> Result<Value> {
        self.js_async("return await navigator.locks.query()").await
    }

    /// Everything in localStorage of the page's origin.
    pub async fn local_storage(&self) -> Result<Value> {
        self.js("return Object.fromEntries(Object.entries(localStorage))")
            .await
    }

    /// Everything kept in IndexedDB: database, store and number of rows, leaving out empty stores.
    pub async fn databases(&self) -> Result<Vec<String>> {
        let found = self
            .js_async(
                r"const rows = [];
                for (const { name } of await indexedDB.databases()) {
                  const db = await new Promise((ok, no) => { const r = indexedDB.open(name); r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error) });
                  for (const store of db.objectStoreNames) {
                    const n = await new Promise((ok, no) => { const r = db.transaction(store).objectStore(store).count(); r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error) });
                    if (n) rows.push(name + '/' + store + ': ' + n);
                  }
                  db.close();
                }
                return rows;",
            )
            .await?;
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| row.as_str().unwrap_or_default().to_owned())
            .collect())
    }

    /// Addresses of everything the page has fetched since it was opened.
    pub async fn fetched(&self) -> Result<Vec<String>> {
        let found = self
            .js("return performance.getEntriesByType('resource').map((entry) => entry.name)")
            .await?;
        Ok(found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect())
    }

    /// Every console line so far; outside Chromium, the warnings and errors of the pages of the test's own sites.
    pub async fn console(&self) -> Vec<String> {
        if self.engine != Engine::Chromium {
            return self.watch.reports();
        }
        let fresh = self.driver.browser_log().await.unwrap_or_default();
        let mut console = self
            .console
            .lock()
            .expect("no test panics while it holds the console");
        console.extend(
            fresh
                .into_iter()
                .map(|entry| format!("{} {}", entry.level, entry.message)),
        );
        console.clone()
    }

    /// Forgets the console lines so far, for a test that caused some on purpose.
    pub async fn forget_console(&self) {
        self.watch.forget();
        self.console().await;
        self.console
            .lock()
            .expect("no test panics while it holds the console")
            .clear();
    }

    /// A picture of the window.
    pub async fn screenshot(&self, file: &Path) -> Result {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(self.driver.screenshot(file).await?)
    }

    /// Sets the size of the viewport and whether the system asks for dark colours. Outside Chromium the window itself is
    /// made that large, no window is narrower than some 450 to 500 px, and colours stay light.
    pub async fn view(&self, width: u32, height: u32, dark: bool) -> Result {
        if self.engine != Engine::Chromium {
            return self.resize(width, height, dark).await;
        }
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.cdp("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    async fn resize(&self, width: u32, height: u32, dark: bool) -> Result {
        if dark {
            return Err(format!("{} cannot be told to ask for dark colours", self.engine).into());
        }
        let frame = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
        let frame = self.js(frame).await?;
        let side = |at: usize| {
            let side = frame[at].as_u64().unwrap_or_default();
            u32::try_from(side).unwrap_or_default()
        };
        self.driver
            .set_window_rect(0, 0, width + side(0), height + side(1))
            .await?;
        let size = format!("innerWidth === {width} && innerHeight === {height}");
        self.until_js(&format!("a window of {width} by {height}"), &size)
            .await
    }
}
