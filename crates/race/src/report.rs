//! The figures of a run: per page, against the page with nothing and against the fastest peer, as text and as JSON.

mod table;

use sayso_machine::Machine;
use serde::Serialize;
use serde_json::{Value, json};

use crate::figure::Visit;
use crate::page::{Kind, Page};
use crate::statistic::{Median, bounds, differences, median, paired};

/// Runs that the budgets against peers ask for.
const ENOUGH: usize = 15;
/// Request to answerable banner, against the fastest peer.
const ASYNC: f64 = 0.85;
const INLINE: f64 = 0.70;

/// What the figures were taken under.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Conditions {
    pub(crate) date: String,
    pub(crate) machine: Machine,
    pub(crate) browser: String,
    pub(crate) rounds: usize,
    /// Whether the page has a stylesheet of its own to wait for.
    pub(crate) stylesheet: bool,
    /// In milliseconds.
    pub(crate) round_trip: u64,
    /// In kilobits per second.
    pub(crate) rate: u64,
    pub(crate) slower: f64,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// One page's figures. What is "over" is over the page with nothing, in the same round.
#[derive(Clone, Debug, Serialize)]
struct Row {
    page: &'static str,
    name: &'static str,
    #[serde(skip)]
    kind: Kind,
    /// Since the navigation began.
    answerable: Option<Median>,
    /// Since the page was asked for.
    wait: Option<Median>,
    /// The wait against the least of any peer's in the same round.
    ratio: Option<Median>,
    /// The same of all pairs together, by signed ranks.
    paired: Option<Median>,
    /// And so since the navigation began, handshakes included.
    paired_whole: Option<Median>,
    first_paint: Option<Median>,
    largest_paint: Option<Median>,
    /// The most of any round.
    layout_shift: f64,
    /// Until the banner.
    round_trips: Option<Median>,
    requests_over: Option<Median>,
    bytes_over: Option<Median>,
    task_over: Option<Median>,
    script_over: Option<Median>,
    accept: Option<Median>,
    /// Against the best of the peers in the same round.
    accept_ratio: Option<Median>,
    answer_requests: Option<Median>,
    answer_bytes: Option<Median>,
    cold: Later,
    warm: Later,
    /// What the main thread of a warm visit takes more than with the cheapest peer, of all pairs together.
    warm_beside: Option<Median>,
}

/// A later visit's figures.
#[derive(Clone, Debug, Serialize)]
struct Later {
    /// The most of any round.
    requests: usize,
    bytes_over: Option<Median>,
    task: Option<Median>,
    task_over: Option<Median>,
    long_tasks_over: Option<Median>,
    counted: Option<Median>,
    layout_shift: f64,
}

/// A budget and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Verdict {
    budget: &'static str,
    found: String,
    /// Nothing where the runs are too few to tell.
    kept: Option<bool>,
}

/// A run's figures.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    conditions: Conditions,
    rows: Vec<Row>,
    verdicts: Vec<Verdict>,
    visits: Vec<Visit>,
}

impl Report {
    /// Reckons up the visits of all pages; the first page is the one with nothing.
    pub(crate) fn new(conditions: Conditions, pages: &[Page], visits: Vec<Visit>) -> Self {
        let figures = Figures {
            visits: &visits,
            bare: pages[0].id,
            peers: pages
                .iter()
                .filter(|page| page.kind == Kind::Peer)
                .map(|page| page.id)
                .collect(),
        };
        let rows: Vec<_> = pages.iter().map(|page| figures.row(page)).collect();
        let verdicts = verdicts(&rows, conditions.rounds);
        Self {
            conditions,
            rows,
            verdicts,
            visits,
        }
    }

    /// Whether every budget is kept.
    pub(crate) fn kept(&self) -> bool {
        self.verdicts
            .iter()
            .all(|verdict| verdict.kept == Some(true))
    }

    /// Everything, each visit included.
    pub(crate) fn json(&self) -> Value {
        json!({
            "conditions": self.conditions,
            "pages": self.rows,
            "budgets": self.verdicts,
            "visits": self.visits,
        })
    }
}

/// All visits, ready to be compared.
struct Figures<'a> {
    visits: &'a [Visit],
    bare: &'static str,
    peers: Vec<&'static str>,
}

impl Figures<'_> {
    fn of(&self, page: &str) -> impl Iterator<Item = &Visit> {
        self.visits.iter().filter(move |visit| visit.page == page)
    }

    fn at(&self, page: &str, round: usize) -> Option<&Visit> {
        self.of(page).find(|visit| visit.round == round)
    }

    /// A figure's median.
    fn median(&self, page: &str, figure: impl Fn(&Visit) -> Option<f64>) -> Option<Median> {
        median(self.of(page).filter_map(figure))
    }

    /// What a figure is more than the page with nothing has in the same round.
    fn over(&self, page: &str, figure: impl Fn(&Visit) -> f64) -> Option<Median> {
        self.over_bare(page, &figure, &figure)
    }

    fn over_bare(
        &self,
        page: &str,
        figure: impl Fn(&Visit) -> f64,
        of_bare: impl Fn(&Visit) -> f64,
    ) -> Option<Median> {
        median(self.of(page).filter_map(|visit| {
            let bare = self.at(self.bare, visit.round)?;
            Some(figure(visit) - of_bare(bare))
        }))
    }

    /// Round by round, a figure divided by the least that any peer has in the same round.
    fn ratios(&self, page: &str, figure: impl Fn(&Visit) -> Option<f64>) -> Vec<f64> {
        let ratios = self.of(page).filter_map(|visit| {
            let peers = self.peers.iter();
            let peers = peers.filter_map(|peer| figure(self.at(peer, visit.round)?));
            let best = peers.min_by(f64::total_cmp)?;
            Some(figure(visit)? / best)
        });
        ratios.collect()
    }

    /// The peer whose main thread is the least busy where a visitor has answered and the cache is warm.
    fn cheapest(&self) -> Option<&'static str> {
        let cost = |peer: &str| self.over(peer, |visit| visit.warm.task);
        let peers = self.peers.iter();
        let costs = peers.filter_map(|peer| Some((cost(peer)?.median, *peer)));
        costs
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, peer)| peer)
    }

    /// Round by round, what its main thread takes more than the cheapest peer's on such a visit.
    fn beside_cheapest(&self, page: &str) -> Option<Median> {
        let peer = self.cheapest()?;
        differences(
            self.of(page)
                .filter_map(|visit| Some(visit.warm.task - self.at(peer, visit.round)?.warm.task)),
        )
    }

    fn most(&self, page: &str, figure: impl Fn(&Visit) -> f64) -> f64 {
        self.of(page).map(figure).fold(0.0, f64::max)
    }

    fn row(&self, page: &Page) -> Row {
        let id = page.id;
        let answerable = |visit: &Visit| visit.first.answerable;
        let wait = |visit: &Visit| visit.first.wait();
        let accept = |visit: &Visit| Some(visit.answer.as_ref()?.paint);
        let own = page.kind == Kind::Own;
        let later = |of: fn(&Visit) -> &crate::figure::Return| Later {
            requests: self.most(id, |visit| of(visit).requests as f64) as usize,
            bytes_over: self.over(id, |visit| of(visit).bytes as f64),
            task: self.median(id, |visit| Some(of(visit).task)),
            task_over: self.over(id, |visit| of(visit).task),
            long_tasks_over: self.over(id, |visit| of(visit).long_tasks as f64),
            counted: self.median(id, |visit| of(visit).counted),
            layout_shift: self.most(id, |visit| of(visit).layout_shift),
        };
        Row {
            page: id,
            name: page.name,
            kind: page.kind,
            answerable: self.median(id, answerable),
            wait: self.median(id, wait),
            ratio: own.then(|| median(self.ratios(id, wait))).flatten(),
            paired: own.then(|| paired(self.ratios(id, wait))).flatten(),
            paired_whole: own.then(|| paired(self.ratios(id, answerable))).flatten(),
            first_paint: self.median(id, |visit| visit.first.first_paint),
            largest_paint: self.median(id, |visit| visit.first.largest_paint),
            layout_shift: self.most(id, |visit| visit.first.layout_shift),
            round_trips: self.median(id, |visit| Some(visit.first.before.round_trips as f64)),
            requests_over: self.over_bare(
                id,
                |visit| visit.first.before.requests as f64,
                |bare| bare.first.all.requests as f64,
            ),
            bytes_over: self.over_bare(
                id,
                |visit| visit.first.before.bytes as f64,
                |bare| bare.first.all.bytes as f64,
            ),
            task_over: self.over(id, |visit| visit.first.task),
            script_over: self.over(id, |visit| visit.first.script),
            accept: self.median(id, accept),
            accept_ratio: own.then(|| median(self.ratios(id, accept))).flatten(),
            answer_requests: self.median(id, |visit| Some(visit.answer.as_ref()?.requests as f64)),
            answer_bytes: self.median(id, |visit| Some(visit.answer.as_ref()?.bytes as f64)),
            cold: later(|visit| &visit.cold),
            warm: later(|visit| &visit.warm),
            warm_beside: own.then(|| self.beside_cheapest(id)).flatten(),
        }
    }
}

/// The design's budgets.
fn verdicts(rows: &[Row], rounds: usize) -> Vec<Verdict> {
    let enough = rounds >= ENOUGH && bounds(rounds);
    let mut verdicts = Vec::new();
    let of = |id: &str| rows.iter().find(|row| row.page == id);
    let at_most = |budget, row: &Row, limit: f64| Verdict {
        budget,
        found: match (row.paired, row.ratio, row.paired_whole) {
            (Some(paired), Some(ratio), Some(whole)) => format!(
                "{} in pairs; median {}; handshakes included, {} in pairs",
                table::ratio(paired),
                table::ratio(ratio),
                table::ratio(whole)
            ),
            _ => "nothing".to_owned(),
        },
        kept: row
            .paired
            .filter(|_| enough)
            .map(|paired| paired.high <= limit),
    };
    if let (Some(own), Some(inline)) = (of("sayso"), of("sayso-inline")) {
        verdicts.push(at_most(
            "request to answerable banner, async: at most 0.85 of the fastest peer's time",
            own,
            ASYNC,
        ));
        verdicts.push(at_most(
            "request to answerable banner, inline: at most 0.70 of the fastest peer's time",
            inline,
            INLINE,
        ));
        let waits =
            |row: &Row, limit: f64| row.round_trips.is_some_and(|trips| trips.median <= limit);
        verdicts.push(Verdict {
            budget: "round trips after the page until the banner: 1 async, 0 inline",
            found: format!(
                "{}, {}",
                table::plain(own.round_trips, 0),
                table::plain(inline.round_trips, 0)
            ),
            kept: Some(waits(own, 1.0) && waits(inline, 0.0)),
        });
    }
    for row in rows.iter().filter(|row| row.kind == Kind::Own) {
        let name = |sync: &'static str, inline: &'static str| {
            if row.page == "sayso" { sync } else { inline }
        };
        verdicts.push(Verdict {
            budget: name(
                "answered, warm cache, async: no request, no long task",
                "answered, warm cache, inline: no request, no long task",
            ),
            found: format!(
                "{} requests, {} long tasks over the bare page",
                row.warm.requests,
                table::plain(row.warm.long_tasks_over, 1)
            ),
            kept: Some(
                row.warm.requests == 0
                    && row
                        .warm
                        .long_tasks_over
                        .is_some_and(|more| more.median <= 0.0),
            ),
        });
        let cheapest = rows
            .iter()
            .filter(|row| row.kind == Kind::Peer)
            .filter_map(|row| Some((row.warm.task_over?.median, row.name)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        verdicts.push(Verdict {
            budget: name(
                "answered, warm cache, async: main thread no busier than with the cheapest peer",
                "answered, warm cache, inline: main thread no busier than with the cheapest peer",
            ),
            found: format!(
                "{} ms over the bare page; {} ms with {}; in pairs {} ms more",
                table::plain(row.warm.task_over, 1),
                cheapest.map_or(f64::NAN, |(task, _)| (task * 10.0).round() / 10.0),
                cheapest.map_or("nobody", |(_, name)| name),
                table::bounded(row.warm_beside, 1),
            ),
            kept: row
                .warm_beside
                .filter(|_| enough)
                .map(|more| more.median <= 0.0),
        });
        verdicts.push(Verdict {
            budget: name(
                "Accept to next paint, async: no slower than the best peer",
                "Accept to next paint, inline: no slower than the best peer",
            ),
            found: row.accept_ratio.map_or("nothing".to_owned(), table::ratio),
            kept: row
                .accept_ratio
                .filter(|_| enough)
                .map(|ratio| ratio.median <= 1.0),
        });
        let shift = row
            .layout_shift
            .max(row.cold.layout_shift)
            .max(row.warm.layout_shift);
        verdicts.push(Verdict {
            budget: name("layout shift, async: none", "layout shift, inline: none"),
            found: format!("{shift}"),
            kept: Some(shift == 0.0),
        });
    }
    verdicts
}

#[cfg(test)]
mod tests;
