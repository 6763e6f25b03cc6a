//! A real browser: chromedriver on a free port, Chromium with a fresh profile, and what a test asks of them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use crate::process::{Process, on_path};
use crate::{Result, until};

const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const FLAGS: [&str; 10] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--window-size=1280,900",
];

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

/// Runs in every document before any script of the page. What it finds goes to the console, which outlives navigation.
const WATCH: &str = r#"
addEventListener('securitypolicyviolation', (e) => console.error(
  'VIOLATION ' + e.violatedDirective + ' blocked ' + e.blockedURI + ' at ' + e.sourceFile + ':' + e.lineNumber + ' ' + e.sample));
addEventListener('error', (e) => { if (e.error) console.error('UNCAUGHT ' + (e.error.stack || e.message)); });
addEventListener('unhandledrejection', (e) => console.error('UNCAUGHT ' + ((e.reason && e.reason.stack) || e.reason)));
"#;

/// Where the browser and its driver lie.
#[derive(Debug)]
pub(crate) struct Installed {
    driver: PathBuf,
    chromium: PathBuf,
}

impl Installed {
    /// Looks on the PATH.
    pub(crate) fn find() -> Option<Self> {
        Some(Self {
            driver: on_path("chromedriver")?,
            chromium: CHROMIUM.iter().find_map(|name| on_path(name))?,
        })
    }
}

/// A running browser with one session.
#[derive(Debug)]
pub struct Browser {
    /// The session, for what this type does not wrap.
    pub driver: WebDriver,
    /// Console lines already fetched: chromedriver hands each out only once.
    console: Mutex<Vec<String>>,
    version: String,
    profile: PathBuf,
    _process: Process,
}

impl Browser {
    /// Starts chromedriver and Chromium; profile and log lie in `folder`.
    pub(crate) async fn start(
        installed: &Installed,
        folder: &Path,
        language: &str,
    ) -> Result<Self> {
        let mut process = Process::start(
            &installed.driver,
            &["--port=0"],
            &folder.join("chromedriver.log"),
        )?;
        let port: u16 = until("chromedriver to name its port", async || {
            process.check()?;
            let output = process.output();
            Ok(output
                .split_once("started successfully on port ")
                .and_then(|(_, rest)| rest.split_once('.'))
                .and_then(|(port, _)| port.parse().ok()))
        })
        .await?;

        let profile = folder.join("profile");
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary(&installed.chromium.to_string_lossy())?;
        for flag in FLAGS {
            capabilities.add_arg(flag)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        capabilities.add_arg(&format!("--lang={language}"))?;
        capabilities.add_arg(&format!("--accept-lang={language}"))?;
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await?;
        let version = driver
            .capabilities()
            .get("browserVersion")
            .and_then(Value::as_str)
            .unwrap_or("of unknown version")
            .to_owned();

        let browser = Self {
            driver,
            console: Mutex::default(),
            version,
            profile,
            _process: process,
        };
        browser.before_every_document(WATCH).await?;
        Ok(browser)
    }

    /// The browser's version, for the test's report.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Runs `script` in every document of this tab before the page's own scripts.
    pub async fn before_every_document(&self, script: &str) -> Result {
        self.cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script }),
        )
        .await?;
        Ok(())
    }

    /// Sends a command of Chromium's own protocol.
    pub async fn cdp(&self, method: &str, parameters: Value) -> Result<Value> {
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

    /// Waits until the page has loaded and the browser has been idle twice, so that whatever the page was going to do
    /// by itself has begun.
    pub async fn idle(&self) -> Result {
        self.js_async(
            "if (document.readyState !== 'complete') await new Promise((go) => addEventListener('load', go, { once: true }));
             for (let i = 0; i < 2; i++) await new Promise((go) => requestIdleCallback(go, { timeout: 2000 }));",
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
        self.js(&format!("let at = {switch}; while ((at = at.parentElement)) if (at.tagName === 'DETAILS') at.open = true"))
            .await?;
        self.js(&format!("{switch}.click()")).await?;
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

    /// Forgets cookies and storage of an origin, as a new visitor's browser has none.
    pub async fn forget(&self, origin: &str) -> Result {
        self.cdp("Network.clearBrowserCookies", json!({})).await?;
        self.cdp(
            "Storage.clearDataForOrigin",
            json!({ "origin": origin, "storageTypes": "all" }),
        )
        .await?;
        Ok(())
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Result {
        Ok(self.driver.action_chain().send_keys(keys).perform().await?)
    }

    /// Names of the cookies the browser holds for `url`, sorted, those a script cannot see included.
    pub async fn cookies(&self, url: &str) -> Result<Vec<String>> {
        let answer = self
            .cdp("Network.getCookies", json!({ "urls": [url] }))
            .await?;
        let mut names: Vec<String> = answer["cookies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|cookie| cookie["name"].as_str().map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }

    /// The value of a cookie of `url`.
    pub async fn cookie(&self, url: &str, name: &str) -> Result<Option<String>> {
        let answer = self
            .cdp("Network.getCookies", json!({ "urls": [url] }))
            .await?;
        Ok(answer["cookies"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|cookie| cookie["name"] == name)
            .and_then(|cookie| cookie["value"].as_str())
            .map(str::to_owned))
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

    /// Every console line so far.
    pub async fn console(&self) -> Vec<String> {
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

    /// Sets the size of the viewport and whether the system asks for dark colours.
    pub async fn view(&self, width: u32, height: u32, dark: bool) -> Result {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.cdp("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }
}

impl Drop for Browser {
    /// chromedriver, killed, would leave its browser behind; the profile's lock names the process.
    fn drop(&mut self) {
        let Ok(lock) = std::fs::read_link(self.profile.join("SingletonLock")) else {
            return;
        };
        let lock = lock.to_string_lossy();
        if let Some(id) = lock
            .rsplit('-')
            .next()
            .filter(|id| id.parse::<u32>().is_ok())
        {
            let _ = std::process::Command::new("kill")
                .args(["-KILL", id])
                .status();
        }
    }
}
