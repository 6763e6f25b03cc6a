//! Gauges that only a site's ledger knows, read when somebody asks.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::put;
use crate::health::Health;
use crate::site::Site;

type Number = Family<Label, Gauge<u64, AtomicU64>>;

/// The gauges, each by site.
pub(super) struct SiteGauges {
    ready: Number,
    tree_size: Number,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    site: String,
}

impl SiteGauges {
    pub(super) fn new(all: &mut Registry) -> Self {
        let mut gauge = |name, help| put(all, name, help, Number::default());
        Self {
            ready: gauge("ready", "Whether the site takes what it is given: 1 or 0"),
            tree_size: gauge("tree_size", "How many entries the site's log has"),
        }
    }

    /// Asks a site. What it cannot tell is left out rather than told wrongly.
    pub(super) async fn ask(&self, site: &Site, health: &Health) {
        let label = Label {
            site: site.config.id.clone(),
        };
        let ready = health.trouble(site).await.is_none();
        self.ready.get_or_create(&label).set(u64::from(ready));
        self.set(&self.tree_size, &label, site.ledger.size().await.ok());
    }

    fn set(&self, gauge: &Number, label: &Label, value: Option<u64>) {
        match value {
            Some(value) => {
                gauge.get_or_create(label).set(value);
            }
            None => {
                gauge.remove(label);
            }
        }
    }
}
