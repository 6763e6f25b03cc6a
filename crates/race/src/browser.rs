//! Chromium without a window: contexts as new visitors, tabs with the speed of a phone.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sayso_machine::chromium;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::pipe::{Pipe, heard};
use crate::trace::Trace;

/// What a race adds to how Chromium always starts.
const FLAGS: [&str; 4] = [
    "--disable-quic",
    // Some components hide from what says that it is a robot; here it clicks for a person.
    "--disable-blink-features=AutomationControlled",
    "--remote-debugging-pipe",
    "about:blank",
];

/// Hands the protocol's pipes over as the descriptors 3 and 4, where Chromium looks for them.
const START: &str = "exec \"$@\" 3<&0 4>&1 0</dev/null 1>&2";

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// How many times slower than this machine.
    pub(crate) slower: f64,
}

/// A running browser.
#[derive(Debug)]
pub(crate) struct Browser {
    pipe: Arc<Pipe>,
    /// Its name and version, for the report.
    pub(crate) version: String,
    _process: Child,
}

impl Browser {
    /// Starts it with a profile in `folder`; it takes the certificate with this key for good.
    pub(crate) async fn start(folder: &Path, key: &str) -> Result<Self> {
        let chromium =
            chromium::find().context("no Chromium; on Debian: apt-get install chromium")?;
        let log = std::fs::File::create(folder.join("chromium.log"))?;
        let mut process = Command::new("sh")
            .args(["-c", START, "sh"])
            .arg(chromium)
            .args(chromium::FLAGS)
            .args(FLAGS)
            .arg(format!("--ignore-certificate-errors-spki-list={key}"))
            .arg(format!(
                "--user-data-dir={}",
                folder.join("profile").display()
            ))
            .args(["--lang=en", "--accept-lang=en"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("starting Chromium")?;
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("Chromium has no pipes");
        };
        let pipe = Arc::new(Pipe::open(to, from));
        let version = pipe.call(None, "Browser.getVersion", json!({})).await?;
        Ok(Self {
            pipe,
            version: text(&version, "product")?,
            _process: process,
        })
    }

    /// A new visitor: no cookies, no storage, no cache, no connections.
    pub(crate) async fn visitor(&self) -> Result<Visitor> {
        let made = self
            .pipe
            .call(None, "Target.createBrowserContext", json!({}))
            .await?;
        Ok(Visitor {
            pipe: self.pipe.clone(),
            context: text(&made, "browserContextId")?,
        })
    }

    /// Notes from now on what its threads do.
    pub(crate) async fn trace(&self) -> Result<Trace> {
        Trace::begin(self.pipe.clone()).await
    }

    /// Ends it politely.
    pub(crate) async fn stop(self) {
        let _ = self.pipe.call(None, "Browser.close", json!({})).await;
    }
}

/// Somebody who keeps cookies, storage and cache from one visit to the next.
#[derive(Debug)]
pub(crate) struct Visitor {
    pipe: Arc<Pipe>,
    context: String,
}

impl Visitor {
    /// A new tab, slowed down.
    pub(crate) async fn tab(&self, view: View) -> Result<Tab> {
        let made = json!({ "url": "about:blank", "browserContextId": self.context });
        let made = self.pipe.call(None, "Target.createTarget", made).await?;
        let target = text(&made, "targetId")?;
        let how = json!({ "targetId": target, "flatten": true });
        let attached = self.pipe.call(None, "Target.attachToTarget", how).await?;
        let tab = Tab {
            pipe: self.pipe.clone(),
            target,
            session: text(&attached, "sessionId")?,
        };
        tab.call("Page.enable", json!({})).await?;
        tab.call("Performance.enable", json!({ "timeDomain": "threadTicks" }))
            .await?;
        let metrics = json!({ "width": view.width, "height": view.height, "deviceScaleFactor": 1, "mobile": true });
        tab.call("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        tab.call(
            "Emulation.setCPUThrottlingRate",
            json!({ "rate": view.slower }),
        )
        .await?;
        Ok(tab)
    }

    /// Forgets everything.
    pub(crate) async fn leave(self) -> Result<()> {
        let context = json!({ "browserContextId": self.context });
        self.pipe
            .call(None, "Target.disposeBrowserContext", context)
            .await?;
        Ok(())
    }
}

/// One tab.
#[derive(Debug)]
pub(crate) struct Tab {
    pipe: Arc<Pipe>,
    target: String,
    session: String,
}

impl Tab {
    /// Sends a command to the tab.
    pub(crate) async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        self.pipe
            .call(Some(&self.session), method, parameters)
            .await
    }

    /// Goes to a page and waits until it has loaded.
    pub(crate) async fn open(&self, url: &str) -> Result<()> {
        let mut events = self.pipe.listen();
        let went = self.call("Page.navigate", json!({ "url": url })).await?;
        if let Some(error) = went.get("errorText") {
            bail!("{url}: {error}");
        }
        heard(&mut events, Some(&self.session), "Page.loadEventFired").await?;
        Ok(())
    }

    /// The value of an expression, after waiting if it is a promise.
    pub(crate) async fn js(&self, expression: &str) -> Result<Value> {
        let asked =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", asked).await?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            bail!("{expression}: {thrown}");
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Presses and releases the mouse there, as a person does.
    pub(crate) async fn click(&self, x: f64, y: f64) -> Result<()> {
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let pressed = if kind == "mousePressed" { 1 } else { 0 };
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": pressed, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event).await?;
        }
        Ok(())
    }

    /// A metric of the renderer's, in milliseconds since the tab was made.
    pub(crate) async fn metrics(&self) -> Result<Metrics> {
        let answer = self.call("Performance.getMetrics", json!({})).await?;
        let of = |name: &str| {
            let metrics = answer["metrics"].as_array().into_iter().flatten();
            let found = metrics.into_iter().find(|one| one["name"] == name);
            found.and_then(|one| one["value"].as_f64()).unwrap_or(0.0) * 1000.0
        };
        Ok(Metrics {
            task: of("TaskDuration"),
            script: of("ScriptDuration"),
        })
    }

    /// A picture of what can be seen, as PNG in base64.
    pub(crate) async fn picture(&self) -> Result<String> {
        let shot = self.call("Page.captureScreenshot", json!({})).await?;
        text(&shot, "data")
    }

    /// Closes it.
    pub(crate) async fn close(self) -> Result<()> {
        let target = json!({ "targetId": self.target });
        self.pipe.call(None, "Target.closeTarget", target).await?;
        Ok(())
    }
}

/// What the main thread spent, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metrics {
    /// On everything.
    pub(crate) task: f64,
    /// On scripts.
    pub(crate) script: f64,
}

fn text(value: &Value, name: &str) -> Result<String> {
    let text = value[name].as_str().map(str::to_owned);
    text.with_context(|| format!("no {name} in {value}"))
}
