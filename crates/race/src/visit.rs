//! One page's visits in one round: a new visitor arrives, accepts, and comes back twice.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::browser::{Browser, Metrics, Tab, View};
use crate::figure::{Answer, First, Noted, Return, Visit, traffic};
use crate::page::{Kind, Page};
use crate::server::{Seen, Server};
use crate::trace::Trace;
use crate::wait::until;

const ASK: &str = include_str!("probe/ask.js");
const LOOK: &str = include_str!("probe/look.js");

/// How long nothing has gone over the link when a visit counts as done. The main thread's figures are taken then.
const CALM: Duration = Duration::from_millis(500);
/// How long what was allowed may take to run.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many visits with a warm cache each visitor pays. The idlest one counts: their figures are small, and what disturbs a
/// machine only adds to them.
const WARM: usize = 5;

/// Everything a visit needs.
#[derive(Debug)]
pub(crate) struct Track<'a> {
    pub(crate) browser: &'a Browser,
    pub(crate) server: &'a Server,
    pub(crate) view: View,
    /// Where pictures go, if any are wanted.
    pub(crate) pictures: Option<PathBuf>,
    /// Where traces go, if any are wanted.
    pub(crate) traces: Option<PathBuf>,
}

impl Track<'_> {
    /// All visits of a page in one round.
    pub(crate) async fn visit(&self, page: &Page, round: usize) -> Result<Visit> {
        self.try_visit(page, round)
            .await
            .with_context(|| format!("{}, round {}", page.name, round + 1))
    }

    async fn try_visit(&self, page: &Page, round: usize) -> Result<Visit> {
        self.server.hang_up();
        let visitor = self.browser.visitor().await?;
        let asks = page.kind != Kind::Bare;

        let tab = visitor.tab(self.view).await?;
        let trace = self.trace().await?;
        let first = self.first(&tab, page).await?;
        self.keep(trace, page, "first", round).await?;
        let answer = if asks {
            let trace = self.trace().await?;
            let answer = self.answer(&tab, page).await?;
            self.keep(trace, page, "answer", round).await?;
            Some(answer)
        } else {
            None
        };
        tab.close().await?;

        let tab = visitor.tab(self.view).await?;
        tab.call("Network.clearBrowserCache", json!({})).await?;
        self.server.hang_up();
        let cold = self.again(&tab, page).await.context("with a cold cache")?;
        tab.close().await?;

        let mut warm = Vec::new();
        for _ in 0..WARM {
            let tab = visitor.tab(self.view).await?;
            let trace = self.trace().await?;
            warm.push(self.again(&tab, page).await.context("with a warm cache")?);
            self.keep(trace, page, "warm", round).await?;
            if round == 0 {
                self.picture(&tab, &format!("{}-answered", page.id)).await?;
            }
            tab.close().await?;
        }
        visitor.leave().await?;
        Ok(Visit {
            page: page.id,
            round,
            first,
            answer,
            cold,
            warm: idlest(warm).context("a visit with a warm cache")?,
        })
    }

    /// The first visit, until nothing happens any more.
    async fn first(&self, tab: &Tab, page: &Page) -> Result<First> {
        // The page with nothing is watched for nothing, so that watching costs all the same.
        let never = "sayso-never";
        let (yes, no) = match page.kind {
            Kind::Bare => (never, never),
            Kind::Own | Kind::Peer => (page.yes, page.no),
        };
        let source = format!(
            "({})({yes:?}, {no:?})",
            ASK.trim_end().trim_end_matches(';')
        );
        tab.call(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": source }),
        )
        .await?;
        self.server.seen();
        tab.open(&self.url(page)).await?;
        let answerable = match page.kind {
            Kind::Bare => None,
            Kind::Own | Kind::Peer => {
                let time = tab.js("race.answerable").await.context("the banner")?;
                Some(time.as_f64().context("a time")?)
            }
        };
        self.calm().await;
        let metrics = tab.metrics().await?;
        let noted = look(tab).await?;
        ensure!(noted.counted.is_none(), "it ran before an answer");
        self.picture(tab, page.id).await?;
        Ok(First {
            requested: noted.requests.first().context("the page")?.sent,
            answerable,
            first_paint: noted.first_paint,
            largest_paint: noted.largest_paint,
            layout_shift: noted.layout_shift,
            shifted: noted.shifted,
            long_tasks: noted.long_tasks,
            task: metrics.task,
            script: metrics.script,
            before: traffic(&noted.requests, answerable.unwrap_or(f64::INFINITY)),
            all: traffic(&noted.requests, f64::INFINITY),
        })
    }

    /// Accepts, as a person does, and waits until the answer has been dealt with.
    async fn answer(&self, tab: &Tab, page: &Page) -> Result<Answer> {
        self.server.seen();
        let at = tab.js("race.expect(), race.middle()").await?;
        let (x, y) = (at["x"].as_f64(), at["y"].as_f64());
        tab.click(x.context("x")?, y.context("y")?).await?;
        let paint = tab.js("race.accepted").await?;
        let paint = paint.as_f64().context("a time")?;
        tab.js("race.gone").await.context("the banner to go")?;
        let settled = format!("globalThis.counted !== undefined && ({})", page.settled);
        until("the answer to be dealt with", async || {
            Ok(tab.js(&settled).await? == true)
        })
        .await?;
        self.calm().await;
        let seen = self.server.seen();
        refuse_errors(&seen)?;
        Ok(Answer {
            paint,
            requests: seen.len(),
            bytes: bytes(&seen),
        })
    }

    /// A later visit. Nothing of ours runs in the page until it is over.
    async fn again(&self, tab: &Tab, page: &Page) -> Result<Return> {
        self.server.seen();
        tab.open(&self.url(page)).await?;
        let (metrics, noted) = self.over(tab, page).await?;
        let seen = self.server.seen();
        refuse_errors(&seen)?;
        if page.kind != Kind::Bare {
            ensure!(noted.counted.is_some(), "what was allowed did not run");
            let asked = format!(
                "!!document.querySelector({:?})?.checkVisibility({{ opacityProperty: true, visibilityProperty: true }})",
                page.yes
            );
            ensure!(tab.js(&asked).await? == false, "it asks again");
        }
        Ok(Return {
            requests: seen.len().saturating_sub(1),
            bytes: bytes(&seen),
            task: metrics.task,
            script: metrics.script,
            long_tasks: noted.long_tasks,
            layout_shift: noted.layout_shift,
            counted: noted.counted,
        })
    }

    /// Waits until a later visit is over, and looks. One that needs nothing of the link may want a little longer.
    async fn over(&self, tab: &Tab, page: &Page) -> Result<(Metrics, Noted)> {
        let began = Instant::now();
        loop {
            self.calm().await;
            let (metrics, noted) = (tab.metrics().await?, look(tab).await?);
            let ran = page.kind == Kind::Bare || noted.counted.is_some();
            if ran || began.elapsed() > PATIENCE {
                return Ok((metrics, noted));
            }
        }
    }

    fn url(&self, page: &Page) -> String {
        format!("{}/{}", self.server.origin, page.id)
    }

    /// Waits until the link has been quiet for a while.
    async fn calm(&self) {
        let began = Instant::now();
        loop {
            let quiet = self.server.link.quiet().min(began.elapsed());
            if quiet >= CALM {
                return;
            }
            sleep(CALM - quiet).await;
        }
    }

    async fn trace(&self) -> Result<Option<Trace>> {
        match self.traces {
            Some(_) => Ok(Some(self.browser.trace().await?)),
            None => Ok(None),
        }
    }

    async fn keep(
        &self,
        trace: Option<Trace>,
        page: &Page,
        part: &str,
        round: usize,
    ) -> Result<()> {
        let (Some(trace), Some(folder)) = (trace, &self.traces) else {
            return Ok(());
        };
        std::fs::create_dir_all(folder)?;
        let name = format!("{}-{part}-{}.trace.json", page.id, round + 1);
        trace.keep(&folder.join(name)).await
    }

    async fn picture(&self, tab: &Tab, name: &str) -> Result<()> {
        let Some(folder) = &self.pictures else {
            return Ok(());
        };
        std::fs::create_dir_all(folder)?;
        let bytes = Base64::decode_vec(&tab.picture().await?).ok();
        let bytes = bytes.context("a picture in base64")?;
        std::fs::write(folder.join(format!("{name}.png")), bytes)?;
        Ok(())
    }
}

/// Of some visits the one with the idlest main thread, with the most requests of any and the middle number of long tasks.
fn idlest(visits: Vec<Return>) -> Option<Return> {
    let requests = visits.iter().map(|visit| visit.requests).max()?;
    let mut long: Vec<_> = visits.iter().map(|visit| visit.long_tasks).collect();
    long.sort_unstable();
    let long_tasks = long[long.len() / 2];
    let visit = visits
        .into_iter()
        .min_by(|a, b| a.task.total_cmp(&b.task))?;
    Some(Return {
        requests,
        long_tasks,
        ..visit
    })
}

async fn look(tab: &Tab) -> Result<Noted> {
    Ok(serde_json::from_value(tab.js(LOOK).await?)?)
}

fn bytes(seen: &[Seen]) -> usize {
    seen.iter().map(|one| one.body).sum()
}

fn refuse_errors(seen: &[Seen]) -> Result<()> {
    let bad = seen.iter().find(|one| one.status >= 400);
    ensure!(bad.is_none(), "the server refused: {bad:?}");
    Ok(())
}
