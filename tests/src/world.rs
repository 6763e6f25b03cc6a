//! One test's world: browser, demo site, server; all of it stopped, and told of if it failed, however the test ends.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::task::Poll;

use sayso_demo::{Demo, Kind, Options};
use tempfile::TempDir;

use crate::browser::Browser;
use crate::elsewhere::Elsewhere;
use crate::engine::{Engine, Installed};
use crate::ledger::{self, Entry};
use crate::mail::Mail;
use crate::server::{Server, workspace};
use crate::tls::Front;
use crate::{Result, until};

/// Everything a scenario needs. Fields are dropped in this order.
#[derive(Debug)]
pub struct World {
    /// The browser, with an empty profile.
    pub browser: Browser,
    /// The engine of that browser.
    pub engine: Engine,
    /// https before the site and before the server, where the scenario runs over it.
    fronts: Option<Fronts>,
    /// The demo site in front of the server. Its own `origin` and `url` are plain http, for programs; browsers go to
    /// [`World::origin`].
    pub demo: Demo,
    /// The real binary.
    pub server: Server,
    /// The name of the test.
    pub name: String,
    /// A folder of this test's own.
    pub folder: TempDir,
}

#[derive(Debug)]
struct Fronts {
    site: Front,
    service: Front,
}

/// The origins in the demo's `sayso.toml`, and the hosts under which its pages are reached over https besides.
const ORIGINS: &str = r#"origins = ["http://127.0.0.1:*", "http://localhost:*"]"#;
const ANY_PORT: [&str; 2] = ["localhost", "127.0.0.1"];
const SUBDOMAINS: [&str; 4] = [
    "shop.localhost",
    "other.localhost",
    "shop.site.localhost",
    "other.site.localhost",
];

/// What differs from the ordinary world.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    edits: Vec<(String, String)>,
    /// Over https; without it, Chromium over plain http.
    engine: Option<Engine>,
}

impl Setup {
    /// Changes one passage of the demo's `sayso.toml`; fails if it is not there.
    #[must_use]
    pub fn edit(mut self, from: &str, to: &str) -> Self {
        self.edits.push((from.to_owned(), to.to_owned()));
        self
    }

    /// Runs the scenario in this engine, over https: on plain http WebKit drops cookies that are marked as secure. The
    /// site's configuration names the https origins of `localhost`, of `127.0.0.1`, and at the site's own port of
    /// `shop.localhost`, `other.localhost`, `shop.site.localhost` and `other.site.localhost`.
    #[must_use]
    pub fn within(mut self, engine: Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Runs one scenario in a world like this, or says why it is skipped.
    ///
    /// # Panics
    /// When the scenario fails, when a page threw an error or broke its own security policy, and, with
    /// `SAYSO_STRICT=1`, when there is no browser.
    pub fn run(self, scenario: impl AsyncFnOnce(&mut World) -> Result) {
        let mut name = name_of(&scenario);
        if let Some(engine) = self.engine {
            name = format!("{name}-{}", engine.name());
        }
        let name = &name;
        let installed = match self.engine.unwrap_or(Engine::Chromium).find() {
            Ok(installed) => installed,
            Err(remedy) => {
                let skipped = format!("SKIPPED {name}: {remedy}");
                let strict = std::env::var_os("SAYSO_STRICT").is_some_and(|strict| strict == "1");
                assert!(!strict, "{skipped}");
                println!("{skipped}");
                return;
            }
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be built");
        if let Err(error) = runtime.block_on(self.play(name, &installed, scenario)) {
            panic!("{error}");
        }
    }

    async fn play(
        self,
        name: &str,
        installed: &Installed,
        scenario: impl AsyncFnOnce(&mut World) -> Result,
    ) -> Result {
        let mut world = self.build(name, installed).await?;
        println!("{name}, in {} {}", world.engine, world.browser.version());
        let outcome = match unpanicked(scenario(&mut world)).await {
            Ok(()) => world.check_console().await,
            Err(error) => Err(error),
        };
        let outcome = match outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(world.report(&error.to_string()).await.into()),
        };
        world.browser.quit().await;
        outcome
    }

    async fn build(self, name: &str, installed: &Installed) -> Result<World> {
        let folder = tempfile::Builder::new().prefix("sayso-e2e-").tempdir()?;
        let sites = folder.path().join("sites");
        copy(&workspace().join("sites"), &sites)?;
        let file = sites.join("demo").join("sayso.toml");
        let mut text = std::fs::read_to_string(&file)?;
        for (from, to) in &self.edits {
            if !text.contains(from.as_str()) {
                return Err(format!("{}: no passage `{from}` to change", file.display()).into());
            }
            text = text.replace(from.as_str(), to);
        }
        let mut fronts = None;
        if self.engine.is_some() {
            let made = Fronts {
                site: Front::bind().await?,
                service: Front::bind().await?,
            };
            text = text.replace(ORIGINS, &origins(made.site.port()));
            fronts = Some(made);
        }
        std::fs::write(&file, text)?;

        let server = Server::start(&sites, folder.path()).await?;
        let demo = Demo::start(Options {
            https: fronts.is_some(),
            ..Options::new(server.origin(), workspace().join("www").join("demo"))
        })
        .await?;
        if let Some(fronts) = &mut fronts {
            fronts.site.serve(demo.address())?;
            fronts.service.serve(server.address())?;
        }
        let browser = Browser::start(installed, folder.path(), "en", demo.watch()).await?;
        Ok(World {
            engine: installed.engine(),
            browser,
            fronts,
            demo,
            server,
            name: name.to_owned(),
            folder,
        })
    }
}

/// The line of the configuration, with https.
fn origins(port: u16) -> String {
    let any = ANY_PORT.map(|host| format!(", \"https://{host}:*\""));
    let named = SUBDOMAINS.map(|host| format!(", \"https://{host}:{port}\""));
    let more = [any.concat(), named.concat()].concat();
    format!("{}{more}]", ORIGINS.trim_end_matches(']'))
}

/// Runs one scenario in the ordinary world, which is Chromium over plain http; see [`Setup::run`].
pub fn run(scenario: impl AsyncFnOnce(&mut World) -> Result) {
    Setup::default().run(scenario);
}

/// The test that a scenario is written in: `choice::no_is_as_easy_as_yes::{{closure}}` tells.
fn name_of<S>(scenario: &S) -> String {
    let path = std::any::type_name_of_val(scenario);
    let name = path
        .split("::")
        .take_while(|part| !part.starts_with('{'))
        .last();
    name.unwrap_or(path).to_owned()
}

impl World {
    /// Opens a page of the demo site and waits until the gate is ready and the browser has nothing left to do.
    pub async fn visit(&self, path: &str) -> Result {
        self.browser.open(&self.url(path)).await?;
        self.browser.idle().await
    }

    /// The demo site's origin for a browser: `https://localhost:41234`, or `http://127.0.0.1:41234` in the ordinary world.
    pub fn origin(&self) -> String {
        match &self.fronts {
            Some(fronts) => fronts.site.origin("localhost"),
            None => self.demo.origin(),
        }
    }

    /// The demo site's origin under another name of this machine, such as `shop.site.localhost`: over https alone.
    pub fn origin_at(&self, host: &str) -> Result<String> {
        let fronts = self
            .fronts
            .as_ref()
            .ok_or("names need https: Setup::within")?;
        Ok(fronts.site.origin(host))
    }

    /// The address of one of its pages for a browser; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The server's own origin for a browser, for pages of other sites that take their script from there.
    pub fn service(&self) -> String {
        match &self.fronts {
            Some(fronts) => fronts.service.origin("localhost"),
            None => self.server.origin(),
        }
    }

    /// What `sayso snippet` prints of this world's site for a service at `base`.
    pub fn snippet(&self, base: &str, options: &[&str]) -> Result<String> {
        let output = Command::new(self.server.program())
            .arg("snippet")
            .arg("--sites")
            .arg(self.folder.path().join("sites"))
            .args(["--lang", "en", "--base", base])
            .args(options)
            .output()?;
        if output.status.success() {
            Ok(String::from_utf8(output.stdout)?)
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into())
        }
    }

    /// A site of another origin, over https where the scenario runs over it, whose pages are watched in every engine.
    pub async fn elsewhere(&self) -> Result<Elsewhere> {
        Elsewhere::begin(self.demo.watch(), self.fronts.is_some()).await
    }

    /// How often the demo site's endpoint of this kind was reached since the last reset.
    pub fn hits(&self, kind: Kind) -> usize {
        self.demo
            .hits()
            .iter()
            .filter(|hit| hit.kind == kind)
            .count()
    }

    /// Waits until an endpoint was reached `count` times, and fails at once when it was reached more often.
    pub async fn until_hits(&self, kind: Kind, count: usize) -> Result {
        let found = until(&format!("{count} hits of kind {kind:?}"), async || {
            let now = self.hits(kind);
            Ok((now >= count).then_some(now))
        })
        .await?;
        if found == count {
            Ok(())
        } else {
            Err(format!("{found} hits of kind {kind:?} where there should be {count}").into())
        }
    }

    /// The whole value of the cookie `sayso`.
    pub async fn state(&self) -> Result<Option<String>> {
        self.browser.cookie(&self.origin(), "sayso").await
    }

    /// What the cookie says of a purpose, such as `g1.g68+video`.
    pub async fn choice(&self, purpose: &str) -> Result<Option<String>> {
        Ok(self
            .state()
            .await?
            .and_then(|state| choice_in(&state, purpose)))
    }

    /// Waits until the cookie's letter for a purpose is this one.
    pub async fn until_choice(&self, purpose: &str, letter: char) -> Result {
        until(
            &format!("the cookie to say `{purpose}:{letter}…`"),
            async || {
                Ok(self
                    .choice(purpose)
                    .await?
                    .filter(|choice| choice.starts_with(letter))
                    .map(|_| ()))
            },
        )
        .await
    }

    /// Presses a button of the first layer, once it has been in view for as long as an answer needs to count.
    pub async fn answer(&self, action: &str) -> Result {
        self.browser.seen("#sayso").await?;
        self.browser
            .until_js(
                "the banner to have been in view for long enough",
                "(window.sinceBanner ??= performance.now()) + 350 < performance.now()",
            )
            .await?;
        self.browser
            .click(&format!("#sayso [data-sayso-action={action}]"))
            .await?;
        if action != "preferences" {
            self.browser.gone("#sayso").await?;
            self.painted().await?;
        }
        Ok(())
    }

    /// Waits until the page has been painted as it is: an answer is written down right after the first layer has gone
    /// from sight. It may have loaded the page anew.
    async fn painted(&self) -> Result {
        let paint = "await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))";
        until("the page to be painted", async || {
            Ok(self.browser.js_async(paint).await.ok())
        })
        .await?;
        Ok(())
    }

    /// Waits until nothing is pending and nothing is in the outbox.
    pub async fn settled(&self) -> Result {
        self.browser
            .until_js(
                "every decision to be settled and delivered",
                "['sayso.pending', 'sayso.outbox'].every((key) => [null, '', '[]'].includes(localStorage.getItem(key)))",
            )
            .await
    }

    /// All receipts of the ledger.
    pub fn ledger(&self) -> Result<Vec<Entry>> {
        ledger::entries(self.server.data())
    }

    /// Waits until the ledger holds this many receipts, and fails at once if it holds more.
    pub async fn until_ledger(&self, count: usize) -> Result<Vec<Entry>> {
        let found = until(&format!("{count} receipts in the ledger"), async || {
            Ok(Some(self.ledger()?).filter(|entries| entries.len() >= count))
        })
        .await?;
        if found.len() == count {
            Ok(found)
        } else {
            Err(format!(
                "{} receipts where there should be {count}: {found:#?}",
                found.len()
            )
            .into())
        }
    }

    /// Waits until the ledger holds this many decisions, and fails at once if it holds more. A decision that the server
    /// recorded when the visitor left, and that the browser signed later, stands in it twice and counts once.
    pub async fn until_decisions(&self, count: usize) -> Result<Vec<Entry>> {
        let decided = |entries: &[Entry]| {
            let mut ids: Vec<_> = entries.iter().map(|entry| entry.decision.clone()).collect();
            ids.sort();
            ids.dedup();
            ids.len()
        };
        let found = until(&format!("{count} decisions in the ledger"), async || {
            Ok(Some(self.ledger()?).filter(|entries| decided(entries) >= count))
        })
        .await?;
        if decided(&found) == count {
            Ok(found)
        } else {
            Err(format!("more than {count} decisions: {found:#?}").into())
        }
    }

    /// Purpose and status of every subscription in the ledger.
    pub fn subscriptions(&self) -> Result<Vec<(String, String)>> {
        ledger::subscriptions(self.server.data())
    }

    /// Mails written so far, oldest first.
    pub fn mails(&self) -> Result<Vec<Mail>> {
        let mut files = Vec::new();
        collect(self.server.data(), "eml", &mut files)?;
        files.sort();
        files
            .into_iter()
            .map(|file| Ok(Mail::read(&std::fs::read_to_string(file)?)))
            .collect()
    }

    /// Saves a picture of the window for people to look at, once nothing moves any more.
    pub async fn shot(&self, name: &str) -> Result {
        let still = "[document, ...deep('*').map((e) => e.shadowRoot).filter(Boolean)]
            .every((root) => root.getAnimations().every((one) => one.playState === 'finished'))";
        self.browser
            .until_js("everything to stand still", still)
            .await?;
        self.browser
            .screenshot(&results().join("shots").join(format!("{name}.png")))
            .await
    }

    /// Fails if a page threw an error or broke its own security policy at any time.
    pub async fn check_console(&self) -> Result {
        let bad: Vec<_> = self
            .browser
            .console()
            .await
            .into_iter()
            .filter(|line| line.contains("VIOLATION ") || line.contains("UNCAUGHT "))
            .collect();
        if bad.is_empty() {
            Ok(())
        } else {
            Err(format!("the page is not clean:\n{}", bad.join("\n")).into())
        }
    }

    /// What somebody needs who was not there.
    async fn report(&self, error: &str) -> String {
        let picture = results().join(format!("{}.png", self.name));
        let picture = match self.browser.screenshot(&picture).await {
            Ok(()) => picture.display().to_string(),
            Err(error) => format!("none: {error}"),
        };
        let page = self
            .browser
            .driver
            .current_url()
            .await
            .map(|url| url.to_string())
            .unwrap_or_default();
        let storage = self.browser.local_storage().await.unwrap_or_default();
        let locks = self.browser.locks().await.unwrap_or_default();
        let requests: Vec<_> = self
            .demo
            .requests()
            .iter()
            .map(|seen| format!("{} {}", seen.method, seen.path))
            .collect();
        let hits: Vec<_> = self
            .demo
            .hits()
            .iter()
            .map(|hit| format!("{:?} {}", hit.kind, hit.path))
            .collect();
        format!(
            "{}: {error}\n--- page {page}\n--- picture: {picture}\n--- cookie: {}\n--- localStorage: {storage}\n\
             --- locks: {locks}\n--- hits\n{}\n--- requests\n{}\n--- console\n{}\n--- sayso\n{}",
            self.name,
            self.state().await.ok().flatten().unwrap_or_default(),
            hits.join("\n"),
            requests.join("\n"),
            self.browser.console().await.join("\n"),
            self.server.log(),
        )
    }
}

/// Where pictures go: those of failed tests, and under `shots` those to be looked at.
pub fn results() -> PathBuf {
    workspace().join("target").join("e2e")
}

/// What a cookie value says of a purpose.
pub fn choice_in(state: &str, purpose: &str) -> Option<String> {
    let choices = state.splitn(3, '.').nth(2)?;
    choices
        .split('~')
        .find_map(|choice| choice.strip_prefix(purpose)?.strip_prefix(':'))
        .map(str::to_owned)
}

/// The outcome of a future, a panic in it being an error like any other.
async fn unpanicked(future: impl Future<Output = Result>) -> Result {
    let mut future = std::pin::pin!(future);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("a panic without words");
            Poll::Ready(Err(text.to_owned().into()))
        })
    })
    .await
}

/// Copies a folder with everything in it; what is no file and no folder stays behind.
pub(crate) fn copy(from: &Path, to: &Path) -> Result {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else if entry.path().is_file() {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) -> Result {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, extension, found)?;
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    Ok(())
}
