//! Counting those who are turned away at the door: found once, since there may be very many of them.

use std::fmt;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;

use super::{Metrics, Request, Route, TurnedAway, Why};

/// What one more of them is counted in.
pub(crate) struct TurningAway {
    requests: Counter,
    seconds: Histogram,
    turned_away: Counter,
}

impl Metrics {
    /// What those are counted in who post to a route of a site and are answered with this status for their number.
    pub(crate) fn turning_away(&self, site: &str, route: &str, status: u16) -> TurningAway {
        let (site, route) = (site.to_owned(), route.to_owned());
        let request = Request {
            site: site.clone(),
            route: route.clone(),
            method: "POST",
            status,
        };
        let why = Why::Busy;
        TurningAway {
            requests: self.0.requests.get_or_create_owned(&request),
            seconds: self.0.seconds.get_or_create_owned(&Route { route }),
            turned_away: (self.0.turned_away).get_or_create_owned(&TurnedAway { site, why }),
        }
    }
}

impl TurningAway {
    /// One more, whose answer took so long.
    pub(crate) fn one(&self, took: Duration) {
        self.requests.inc();
        self.seconds.observe(took.as_secs_f64());
        self.turned_away.inc();
    }
}

impl fmt::Debug for TurningAway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurningAway")
    }
}
