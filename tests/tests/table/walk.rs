//! Walking a visitor into each state, and comparing every cell with what is found there.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sayso_tests::{Engine, Result, World, until_within};
use serde_json::Value;

use crate::cell::{Cell, Feature, Features, STATES};
use crate::front::Front;
use crate::page::{self, OWN};

/// How long a cell may take to become what it must be.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a cell that is meant to be wrong must stay so, with every other as it must be.
const STAYS: Duration = Duration::from_millis(1200);

/// What no feature keeps: the table's own notes, and what the gate itself and its modules do.
const OURS: [&str; 3] = ["cookie sayso", "local sayso.", "session table.said"];

/// The table in a world.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    world: &'a World,
    features: &'a Features,
    /// What the pages and their ends are served by.
    pub(crate) front: Front,
    look: String,
    /// Whether this browser brings a page back as it was; some load it anew, and then what is said is said again.
    restores: AtomicBool,
}

/// A cell that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The feature, or what belongs to none.
    pub(crate) feature: String,
    /// The state.
    pub(crate) state: String,
    /// What was found, and what there must be.
    pub(crate) why: String,
}

impl Wrong {
    /// The cell's name.
    pub(crate) fn cell(&self) -> String {
        format!("{} × {}", self.feature, self.state)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.cell(), self.why)
    }
}

impl<'a> Table<'a> {
    /// A table whose page is served by `front`.
    pub(crate) fn new(world: &'a World, features: &'a Features, front: Front) -> Self {
        let look = page::look(features);
        Self {
            world,
            features,
            front,
            look,
            restores: AtomicBool::new(true),
        }
    }

    /// Walks through every state and gives every wrong cell. One that is expected to be wrong is waited for no longer
    /// than all others need.
    pub(crate) async fn walk_all(&self, expected: &[String]) -> Result<Vec<Wrong>> {
        let mut wrong = Vec::new();
        for state in STATES {
            wrong.extend(
                self.walk(state, expected)
                    .await
                    .map_err(|error| format!("{state}: {error}"))?,
            );
        }
        Ok(wrong)
    }

    /// Walks into one state, and looks.
    pub(crate) async fn walk(&self, state: &str, expected: &[String]) -> Result<Vec<Wrong>> {
        println!("  {state}");
        let browser = &self.world.browser;
        let first = browser.driver.window().await?;
        self.enter(state).await?;
        let mut wrong = self
            .compare(state, expected, |feature| feature.click.is_empty())
            .await?;
        let mut clicked = false;
        for (_, feature) in self
            .features
            .iter()
            .filter(|(_, feature)| !feature.click.is_empty())
        {
            clicked = true;
            if self.is_there(&feature.click).await? {
                browser.click(&feature.click).await?;
            }
        }
        if clicked {
            wrong.extend(
                self.compare(state, expected, |feature| !feature.click.is_empty())
                    .await?,
            );
        }
        for one in &wrong {
            println!("    wrong: {one}");
        }
        // An answer under way would give the next visitor a cookie.
        self.world.settled().await?;
        if browser.driver.window().await? != first {
            browser.driver.close_window().await?;
            browser.driver.switch_to_window(first).await?;
        }
        Ok(wrong)
    }

    /// Brings a visitor into a state, as such a visitor comes into it.
    async fn enter(&self, state: &str) -> Result {
        let browser = &self.world.browser;
        match state {
            "before" => {
                self.visitor("", true).await?;
                self.open("page").await
            }
            // Answered here and now: what was asked for before the answer counts as well, what was said before does not.
            "given" | "refused" => {
                self.visitor("", false).await?;
                self.open("page?from=mail").await?;
                browser.seen("#sayso").await?;
                self.silence().await?;
                let yes = state == "given";
                self.answer(if yes { "give-all" } else { "refuse-all" })
                    .await
            }
            "objected" => {
                self.visitor("", false).await?;
                self.open("page?from=mail").await?;
                browser.seen("#sayso").await?;
                self.silence().await?;
                browser.js("sayso.object(['analytics'])").await?;
                Ok(())
            }
            "withdrawn" => {
                self.visitor(GIVEN, false).await?;
                self.open("page").await?;
                self.opened().await?;
                self.begin_here().await?;
                browser
                    .js("window.before = true; sayso.withdraw(['analytics'])")
                    .await?;
                browser
                    .until_js(
                        "the page to be loaded anew",
                        "!window.before && window.sayso && !sayso.q",
                    )
                    .await
            }
            "expired" => {
                self.visitor(LAPSED, true).await?;
                self.open("page").await
            }
            "older" => {
                self.visitor("g1.${day(100)}", true).await?;
                self.open("page").await
            }
            "newer" => {
                self.visitor("g3.${day(100)}", true).await?;
                self.open("page").await
            }
            "reload" => {
                self.visitor(GIVEN, true).await?;
                self.open("page").await?;
                self.opened().await?;
                self.begin_here().await?;
                browser.reload().await
            }
            // Of a visitor who refused in another tab, with a page still open there.
            "new_tab" => {
                self.visitor("r2.${day(100)}", true).await?;
                self.open("door").await?;
                let tab = match self.world.engine {
                    // There a tab that a program opens stays behind the first, and draws nothing.
                    Engine::WebKit => browser.driver.new_window().await?,
                    _ => browser.driver.new_tab().await?,
                };
                browser.driver.switch_to_window(tab).await?;
                self.front.reset();
                self.open("page").await
            }
            // Back to a page that was left unanswered, after a yes on the next one.
            "back" => {
                self.visitor("", false).await?;
                self.open("page?from=search").await?;
                browser.seen("#sayso").await?;
                self.open("door").await?;
                self.answer("give-all").await?;
                self.world.settled().await?;
                self.begin_here().await?;
                browser.driver.back().await?;
                let anew =
                    "return performance.getEntriesByType('navigation')[0].type == 'back_forward'";
                let anew = browser.js(anew).await? == Value::Bool(true);
                self.restores.store(!anew, Ordering::Relaxed);
                if anew {
                    let engine = self.world.engine;
                    println!(
                        "    {engine} loads the page anew here, so what is said is not compared"
                    );
                }
                Ok(())
            }
            // Of a visitor who allowed it: the next view stands in the place of the first.
            "single_page" => {
                self.visitor(GIVEN, true).await?;
                self.open("page").await?;
                self.opened().await?;
                self.begin_here().await?;
                let swap = "history.pushState(null, '', 'next');
                    document.querySelector('#view').replaceChildren(document.querySelector('#next').content.cloneNode(true));";
                browser.js(swap).await?;
                Ok(())
            }
            _ => Err(format!("nobody knows how a visitor comes to be {state:?}").into()),
        }
    }

    /// Answers on the first layer once that has been in view for long enough; what becomes of the layer is a cell.
    async fn answer(&self, action: &str) -> Result {
        let browser = &self.world.browser;
        browser.seen("#sayso").await?;
        let long = "(window.since ??= performance.now()) + 350 < performance.now()";
        browser
            .until_js("the layer to have been in view for long enough", long)
            .await?;
        browser
            .click(&format!("#sayso [data-sayso-action={action}]"))
            .await?;
        browser
            .until_js(
                "the answer to be taken",
                "document.cookie.includes('sayso=1.')",
            )
            .await
    }

    /// A browser as such a visitor has it, with or without what earlier visits left.
    async fn visitor(&self, choice: &str, left: bool) -> Result {
        self.open("blank").await?;
        let cookie = if choice.is_empty() {
            String::new()
        } else {
            format!(
                "document.cookie = `sayso=1.${{time}}.ads:s1~analytics:{choice}~necessary:n1;Path=/;Max-Age=9999999`;"
            )
        };
        let left: String = self
            .features
            .iter()
            .filter(|_| left)
            .map(|(_, feature)| feature.left.clone() + ";\n")
            .collect();
        let script = format!(
            "for (const one of document.cookie.split('; '))
               for (const path of ['/', '']) document.cookie = one.split('=')[0] + '=;Max-Age=0;Path=' + path;
             localStorage.clear(); sessionStorage.clear();
             const day = (days) => (Math.floor(Date.now() / 864e5) + days).toString(36);
             const time = (Math.floor(Date.now() / 1000) - 86400).toString(36);
             {cookie}\n{left}"
        );
        self.world.browser.js(&script).await?;
        self.front.reset();
        Ok(())
    }

    async fn open(&self, page: &str) -> Result {
        self.world
            .browser
            .open(&self.world.url(&format!("{OWN}{page}")))
            .await
    }

    /// From here on counts what is requested and said.
    async fn begin_here(&self) -> Result {
        self.silence().await?;
        self.front.reset();
        Ok(())
    }

    /// Forgets what was said so far.
    async fn silence(&self) -> Result {
        self.world
            .browser
            .js("sessionStorage.removeItem('table.said')")
            .await?;
        Ok(())
    }

    /// Waits until the page with everything open has come to rest.
    async fn opened(&self) -> Result {
        self.world
            .browser
            .until_js("the gate to be there", "window.sayso && !sayso.q")
            .await?;
        self.world.browser.idle().await?;
        let mut last = Vec::new();
        until_within(PATIENCE, "nothing more to be asked for", async || {
            let now = self.front.hits();
            let still = !now.is_empty() && now == last;
            last = now;
            Ok(still.then_some(()))
        })
        .await?;
        self.world.browser.idle().await
    }

    async fn is_there(&self, css: &str) -> Result<bool> {
        let script = format!("return deep({css:?}).some((one) => one.offsetWidth > 0)");
        Ok(self.world.browser.js(&script).await? == Value::Bool(true))
    }

    /// Waits until every cell of a state is as it must be and stays so until the browser has nothing left to do; gives
    /// those that never are.
    async fn compare(
        &self,
        state: &str,
        expected: &[String],
        wanted: fn(&Feature) -> bool,
    ) -> Result<Vec<Wrong>> {
        let start = Instant::now();
        let breaks = self.features.iter().any(|(name, feature)| {
            wanted(feature) && expected.contains(&format!("{name} × {state}"))
        });
        // What a broken gate does wrong it may do a moment after all is right.
        let least = if breaks { STAYS } else { Duration::ZERO };
        let mut rested = false;
        let mut wrong_since = None;
        let mut last = Vec::new();
        let found = until_within(PATIENCE * 2, "the cells to be told", async || {
            let wrong = self.wrong(state, wanted).await?;
            if wrong.is_empty() {
                if rested {
                    return Ok((start.elapsed() >= least).then(Vec::new));
                }
                self.world.browser.idle().await?;
                rested = true;
                return Ok(None);
            }
            let meant = wrong.iter().all(|one| expected.contains(&one.cell()));
            if !meant || wrong != last {
                wrong_since = None;
            }
            last.clone_from(&wrong);
            let stays = meant && wrong_since.get_or_insert_with(Instant::now).elapsed() >= STAYS;
            Ok((stays || start.elapsed() >= PATIENCE).then_some(wrong))
        })
        .await?;
        Ok(found)
    }

    /// Every cell of a state that is not now what it must be.
    async fn wrong(&self, state: &str, wanted: fn(&Feature) -> bool) -> Result<Vec<Wrong>> {
        let seen = self.world.browser.js(&self.look).await?;
        let hits = self.front.hits();
        let kept = list(&seen["kept"]).unwrap_or_default();
        let mut wrong = Vec::new();
        let mut tell = |feature: &str, why: String| {
            wrong.push(Wrong {
                feature: feature.to_owned(),
                state: state.to_owned(),
                why,
            });
        };
        for (name, feature) in self.features.iter().filter(|(_, feature)| wanted(feature)) {
            let told = &seen["features"][name];
            let of = |hit: &String| hit.strip_prefix(name)?.strip_prefix('/').map(str::to_owned);
            let stored = list(&told["stored"]).unwrap_or_else(|| {
                kept.iter()
                    .filter(|one| feature.keeps.contains(one))
                    .cloned()
                    .collect()
            });
            let found = Cell {
                requested: Some(hits.iter().filter_map(of).collect()),
                stored: Some(stored),
                shown: list(&told["shown"]),
                said: list(&told["said"]),
            };
            let mut cell = feature.cells[state].clone();
            let mut found = found;
            if state == "back" && !self.restores.load(Ordering::Relaxed) {
                cell.said = None;
                found.said = None;
            }
            if !same(&cell, &found) {
                tell(name, format!("found{found}; must be{cell}"));
            }
        }
        for hit in &hits {
            let owner = hit.split('/').next().unwrap_or_default();
            if !self.features.iter().any(|(name, _)| name == owner) {
                tell("nobody's", format!("requested {hit:?}"));
            }
        }
        for one in &kept {
            let owned = self
                .features
                .iter()
                .any(|(_, feature)| feature.keeps.contains(one));
            if !owned && !OURS.iter().any(|ours| one.starts_with(ours)) {
                tell("nobody's", format!("stored {one:?}"));
            }
        }
        Ok(wrong)
    }
}

/// Whether what was found is what must be; the order of requests and of what is stored is nobody's business.
fn same(cell: &Cell, found: &Cell) -> bool {
    cell.aspects()
        .iter()
        .zip(found.aspects())
        .all(|((name, must), (_, is))| {
            let mut must = must.unwrap_or_default().to_vec();
            let mut is = is.unwrap_or_default().to_vec();
            if *name == "requested" || *name == "stored" {
                must.sort();
                is.sort();
            }
            must == is
        })
}

fn list(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter().map(|one| match one {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    Some(texts.collect())
}

/// A yes that still counts.
const GIVEN: &str = "g2.${day(100)}";
/// A yes that lapsed on 23 May 2026.
const LAPSED: &str = "g2.fw4";
