//! What one visit of one page comes to.

use serde::{Deserialize, Serialize};

use crate::page::SHEET;

/// A page's visits in one round: the first, the answer, and two later ones.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Visit {
    pub(crate) page: &'static str,
    pub(crate) round: usize,
    pub(crate) first: First,
    /// None of the page with nothing.
    pub(crate) answer: Option<Answer>,
    /// A later visit with an empty cache and a new connection.
    pub(crate) cold: Return,
    /// And one with everything in the cache.
    pub(crate) warm: Return,
}

/// A visitor who has not answered. Times are in milliseconds, most of them since the navigation began.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct First {
    /// When the page itself was asked for, over a connection that stood by then.
    pub(crate) requested: f64,
    /// When both answers could be read and clicked.
    pub(crate) answerable: Option<f64>,
    pub(crate) first_paint: Option<f64>,
    pub(crate) largest_paint: Option<f64>,
    pub(crate) layout_shift: f64,
    /// What was shifted: elements' ids, or names where they have none.
    pub(crate) shifted: Vec<String>,
    pub(crate) long_tasks: usize,
    /// Processor time of the main thread, on everything and on scripts.
    pub(crate) task: f64,
    pub(crate) script: f64,
    /// Until the banner was answerable.
    pub(crate) before: Traffic,
    /// In all.
    pub(crate) all: Traffic,
}

/// What went over the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Traffic {
    /// The page itself included.
    pub(crate) requests: usize,
    /// Of bodies, compressed.
    pub(crate) bytes: usize,
    /// Requests that waited for one another, beside the page itself and its own stylesheet.
    pub(crate) round_trips: usize,
}

/// The click that accepts.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Answer {
    /// From the click to the next frame, in milliseconds.
    pub(crate) paint: f64,
    /// What was fetched and sent because of it.
    pub(crate) requests: usize,
    pub(crate) bytes: usize,
}

/// A visitor who has answered.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Return {
    /// Requests beside the page itself.
    pub(crate) requests: usize,
    /// Of bodies, compressed, the page itself included.
    pub(crate) bytes: usize,
    pub(crate) task: f64,
    pub(crate) script: f64,
    pub(crate) long_tasks: usize,
    pub(crate) layout_shift: f64,
    /// When what was allowed ran, in milliseconds since the navigation began.
    pub(crate) counted: Option<f64>,
}

/// What the browser has noted of a visit.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Noted {
    pub(crate) first_paint: Option<f64>,
    pub(crate) largest_paint: Option<f64>,
    pub(crate) layout_shift: f64,
    pub(crate) shifted: Vec<String>,
    pub(crate) long_tasks: usize,
    pub(crate) counted: Option<f64>,
    pub(crate) requests: Vec<Request>,
}

/// A request as the browser saw it, in milliseconds since the navigation began.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) name: String,
    pub(crate) sent: f64,
    pub(crate) first: f64,
    pub(crate) last: f64,
    pub(crate) body: usize,
    /// Whether it was more than a look into the cache.
    pub(crate) network: bool,
}

impl First {
    /// From the page's request to the answerable banner.
    pub(crate) fn wait(&self) -> Option<f64> {
        Some(self.answerable? - self.requested)
    }
}

/// What had been fetched by a time. The first request is the page itself.
pub(crate) fn traffic(requests: &[Request], until: f64) -> Traffic {
    let done = requests
        .iter()
        .filter(|one| one.network && one.last <= until);
    let (pages, mut added): (Vec<_>, Vec<_>) = done
        .zip(0..)
        .partition(|(one, at)| *at == 0 || one.name == SHEET);
    added.sort_by(|(a, _), (b, _)| a.sent.total_cmp(&b.sent));
    let mut depths = Vec::new();
    for (one, _) in &added {
        // It may be due to anything that had begun to arrive when it was sent.
        let waited = added.iter().zip(&depths);
        let waited = waited.filter(|((before, _), _)| before.first <= one.sent);
        depths.push(1 + waited.map(|(_, depth)| *depth).max().unwrap_or(0));
    }
    Traffic {
        requests: pages.len() + added.len(),
        bytes: pages.iter().chain(&added).map(|(one, _)| one.body).sum(),
        round_trips: depths.into_iter().max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(sent: f64, first: f64, last: f64) -> Request {
        Request {
            name: "/a".to_owned(),
            sent,
            first,
            last,
            body: 100,
            network: true,
        }
    }

    #[test]
    fn requests_side_by_side_are_one_round_trip() {
        let page = request(0.0, 150.0, 160.0);
        let style = request(155.0, 310.0, 320.0);
        let script = request(156.0, 312.0, 340.0);
        let text = request(341.0, 500.0, 510.0);
        let sheet = Request {
            name: SHEET.to_owned(),
            ..style.clone()
        };
        let own = [page.clone(), sheet];
        assert_eq!(traffic(&own, 400.0).round_trips, 0, "the page's own");
        let all = [page.clone(), style, script, text];
        let found = traffic(&all, 400.0);
        assert_eq!(
            (found.requests, found.bytes, found.round_trips),
            (3, 300, 1)
        );
        assert_eq!(traffic(&all, f64::INFINITY).round_trips, 2);
        assert_eq!(traffic(&[page], f64::INFINITY).round_trips, 0);
        assert_eq!(traffic(&[], f64::INFINITY), Traffic::default());
    }

    #[test]
    fn what_the_cache_had_is_no_traffic() {
        let cached = Request {
            network: false,
            ..request(155.0, 156.0, 156.0)
        };
        let found = traffic(&[request(0.0, 150.0, 160.0), cached], f64::INFINITY);
        assert_eq!((found.requests, found.round_trips), (1, 0));
    }
}
