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
type Witnessed = Family<WitnessLabel, Gauge<u64, AtomicU64>>;

/// The gauges, each by site.
pub(super) struct SiteGauges {
    ready: Number,
    tree_size: Number,
    writes_waiting: Number,
    mails_waiting: Number,
    checkpoint_size: Number,
    checkpoint_age: Number,
    accused: Number,
    checkpoint_cosignatures: Number,
    witness_size: Witnessed,
    witness_missing: Witnessed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    site: String,
}

/// A witness's name is the operator's to choose, in the site's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WitnessLabel {
    site: String,
    witness: String,
}

impl SiteGauges {
    pub(super) fn new(all: &mut Registry) -> Self {
        let witness_size = put(
            all,
            "witness_size",
            "The largest checkpoint that the witness cosigned since the process began",
            Witnessed::default(),
        );
        let witness_missing = put(
            all,
            "witness_missing",
            "Whether the witness's cosignature is missing from the last checkpoint it was asked for: 1 or 0",
            Witnessed::default(),
        );
        let mut gauge = |name, help| put(all, name, help, Number::default());
        Self {
            ready: gauge("ready", "Whether the site takes what it is given: 1 or 0"),
            tree_size: gauge("tree_size", "How many entries the site's log has"),
            writes_waiting: gauge("writes_waiting", "Writes that wait for the ledger"),
            mails_waiting: gauge("mails_waiting", "Mails that wait to be handed over"),
            checkpoint_age: gauge(
                "checkpoint_age_seconds",
                "How old the newest published checkpoint is; while nothing is added it grows",
            ),
            accused: gauge(
                "witness_accuses",
                "Whether a witness says that the log was rewritten: 1 or 0; nothing is published then",
            ),
            checkpoint_size: gauge(
                "checkpoint_size",
                "How many entries the newest published checkpoint covers",
            ),
            checkpoint_cosignatures: gauge(
                "checkpoint_cosignatures",
                "How many witnesses cosigned the newest published checkpoint",
            ),
            witness_size,
            witness_missing,
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
        self.set(&self.writes_waiting, &label, Some(site.ledger.waiting()));
        let mails = site.ledger.waiting_mail().await.ok();
        self.set(&self.mails_waiting, &label, mails);
        let newest = site.publication.newest();
        let age = |time| site.clock.now().saturating_sub(time) / 1000;
        let age = newest.as_ref().map(|newest| age(newest.time));
        self.set(&self.checkpoint_age, &label, age);
        let accused = u64::from(site.publication.accusation().is_some());
        self.set(&self.accused, &label, Some(accused));
        let size = newest.as_ref().map(|newest| newest.size);
        self.set(&self.checkpoint_size, &label, size);
        let cosigned = newest.map(|newest| newest.cosigned.into());
        self.set(&self.checkpoint_cosignatures, &label, cosigned);
        for standing in site
            .cosigner
            .iter()
            .flat_map(|cosigner| cosigner.standings())
        {
            let label = WitnessLabel {
                site: site.config.id.clone(),
                witness: standing.name,
            };
            self.witness_size.get_or_create(&label).set(standing.size);
            let missing = u64::from(standing.missing.is_some());
            self.witness_missing.get_or_create(&label).set(missing);
        }
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
