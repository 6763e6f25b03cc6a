//! What is counted, and the text in which Prometheus reads it (OpenMetrics).
//!
//! **Invariant:** labels name routes, sites, outcomes: things of the operator's. Nothing of a visitor can become a label,
//! since every label is a field in `label`, and none has a place for it.

mod label;
mod sites;
mod turning;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use sayso_ledger::watch::Watcher;

use crate::disk::Level;
use crate::health::Health;
use crate::site::Site;
use label::{Cut, Mail, Receipt, Request, Route, SiteLabel, TurnedAway};
pub use label::{CutWhy, Why};
use sites::SiteGauges;
pub(crate) use turning::TurningAway;
use watch::SiteWatcher;

/// Everything that is counted in this process.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram>,
    turned_away: Family<TurnedAway, Counter>,
    receipts: Family<Receipt, Counter>,
    mails: Family<Mail, Counter>,
    connections: Gauge,
    cut: Family<Cut, Counter>,
    disk_free: Gauge<u64, AtomicU64>,
    disk_total: Gauge<u64, AtomicU64>,
    disk_level: Gauge,
    sites: SiteGauges,
    commits: Family<SiteLabel, Histogram>,
    batches: Family<SiteLabel, Histogram>,
}

impl Metrics {
    /// The media type of [`Metrics::text`].
    pub const MEDIA: &'static str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Nothing counted yet.
    pub fn new() -> Self {
        let mut all = Registry::with_prefix("sayso");
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        all.register("build", "The version that runs", Info::new(version));
        let seconds = || Histogram::new(SECONDS);
        Self(Arc::new(Inner {
            requests: put(
                &mut all,
                "requests",
                "Requests answered, by route and status",
                Family::default(),
            ),
            seconds: put(
                &mut all,
                "request_seconds",
                "How long answers took",
                Family::new_with_constructor(seconds as fn() -> Histogram),
            ),
            turned_away: put(
                &mut all,
                "turned_away",
                "Requests refused for their number before anybody looked at them",
                Family::default(),
            ),
            receipts: put(
                &mut all,
                "receipts",
                "Receipts and decisions that arrived, by what became of them",
                Family::default(),
            ),
            mails: put(
                &mut all,
                "mails",
                "Attempts to hand a mail over, by what became of them",
                Family::default(),
            ),
            connections: put(
                &mut all,
                "connections",
                "Connections open now",
                Gauge::default(),
            ),
            cut: put(
                &mut all,
                "connections_cut",
                "Connections ended from our side to make room",
                Family::default(),
            ),
            disk_free: put(
                &mut all,
                "disk_free_bytes",
                "What is free of the disk that the data lies on",
                Gauge::default(),
            ),
            disk_total: put(
                &mut all,
                "disk_bytes",
                "The size of the disk that the data lies on",
                Gauge::default(),
            ),
            disk_level: put(
                &mut all,
                "disk_level",
                "What may be written: 2 everything, 1 what only shuts, 0 nothing",
                Gauge::default(),
            ),
            sites: SiteGauges::new(&mut all),
            commits: put(
                &mut all,
                "commit_seconds",
                "How long the ledger's transactions took, until they were on stable storage",
                Family::new_with_constructor(seconds as fn() -> Histogram),
            ),
            batches: put(
                &mut all,
                "batch_size",
                "How many receipts and other writes were in a transaction",
                Family::new_with_constructor((|| Histogram::new(SIZES)) as fn() -> Histogram),
            ),
            registry: all,
        }))
    }

    /// Who watches the ledger of a site.
    pub fn watcher(&self, site: &str) -> Arc<dyn Watcher> {
        let label = SiteLabel {
            site: site.to_owned(),
        };
        Arc::new(SiteWatcher {
            commits: self.0.commits.get_or_create_owned(&label),
            batches: self.0.batches.get_or_create_owned(&label),
        })
    }

    /// Everything as text, the sites asked for what only they know.
    pub async fn text(&self, sites: &[Arc<Site>], health: &Health) -> String {
        let room = health.disk().room();
        self.0.disk_free.set(room.free);
        self.0.disk_total.set(room.total);
        self.0.disk_level.set(match health.disk().level() {
            Level::Enough => 2,
            Level::Low => 1,
            Level::Full => 0,
        });
        for site in sites {
            self.0.sites.ask(site, health).await;
        }
        let mut text = String::new();
        // Writing to memory does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.0.registry);
        text
    }

    /// A request was answered.
    pub fn answered(
        &self,
        site: &str,
        route: &str,
        method: &'static str,
        status: u16,
        took: Duration,
    ) {
        let request = Request {
            site: site.to_owned(),
            route: route.to_owned(),
            method,
            status,
        };
        self.0.requests.get_or_create(&request).inc();
        let route = Route {
            route: request.route,
        };
        self.0
            .seconds
            .get_or_create(&route)
            .observe(took.as_secs_f64());
    }

    /// A request was turned away.
    pub fn turned_away(&self, site: &str, why: Why) {
        let site = site.to_owned();
        self.0
            .turned_away
            .get_or_create(&TurnedAway { site, why })
            .inc();
    }

    /// A receipt or decision had this outcome: `kept`, or the code of a refusal.
    pub fn receipt(&self, site: &str, outcome: &'static str) {
        let site = site.to_owned();
        self.0
            .receipts
            .get_or_create(&Receipt { site, outcome })
            .inc();
    }

    /// Handing a mail over had this outcome.
    pub fn mail(&self, site: &str, outcome: &'static str) {
        let site = site.to_owned();
        self.0.mails.get_or_create(&Mail { site, outcome }).inc();
    }

    /// A connection began.
    pub fn connected(&self) {
        self.0.connections.inc();
    }

    /// A connection ended.
    pub fn disconnected(&self) {
        self.0.connections.dec();
    }

    /// A connection was ended from our side.
    pub fn cut(&self, why: CutWhy) {
        self.0.cut.get_or_create(&Cut { why }).inc();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Bounds of the histogram of batches; the ledger puts at most 512 into one.
const SIZES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// Bounds of the histograms of time, in seconds: from one durable write to what a visitor would not wait for.
const SECONDS: [f64; 12] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0,
];

fn put<M: Clone + prometheus_client::registry::Metric>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    metric: M,
) -> M {
    registry.register(name, help, metric.clone());
    metric
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
