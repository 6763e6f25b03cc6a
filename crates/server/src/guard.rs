//! Who may pass to a handler: the network's rate, the number under way, the disk. In this order the cheapest refusal
//! comes first, and none costs more than reading a few kilobytes.
//!
//! Each kind of room has a part that only what shuts may use. So where there is no room for what opens, a body is looked
//! at, and if it only shuts, it passes.

mod early;
pub mod room;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sayso_app::pages::served::Page;
use sayso_core::wire::MAX_BODY;
use tokio::sync::OwnedSemaphorePermit;

use crate::client::Network;
use crate::connection::places::Place;
use crate::disk::{Disk, Level};
use crate::edge::Edge;
use crate::handler::read_body;
use crate::limit::class::{Class, Content};
use crate::limit::{Rates, TooOften, shuts};
use crate::metrics::{Metrics, Why};
use crate::origin;
use crate::page::{self, Kind};
use crate::problem::{Code, Refusal};
use crate::random::{Random, array};
use crate::site::Site;
use early::NoRoomLeft;
use room::Places;

/// What one site's requests pass.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The rates.
    pub rates: Arc<Rates>,
    /// Places for what is under way.
    places: Places,
    disk: Disk,
    metrics: Metrics,
    /// What most of those are told for whom there is no room, ready to be sent.
    no_room: Arc<NoRoomLeft>,
    /// How many were turned away since somebody last asked.
    turned_away: Arc<AtomicU64>,
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoRoom {
    TooOften(TooOften),
    Busy,
    Disk,
}

/// What a request draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// What everything may use.
    Common,
    /// What only shutting may use, too.
    Shutting,
}

impl Guard {
    /// The guard of a site.
    pub fn new(site: &Site, edge: &Edge) -> Self {
        Self {
            rates: Arc::new(Rates::new(&site.config.limits)),
            places: Places::new(edge.room),
            disk: edge.health.disk().clone(),
            metrics: edge.metrics.clone(),
            no_room: Arc::new(NoRoomLeft::new(&site.config.id, &edge.metrics)),
            turned_away: Arc::default(),
        }
    }

    /// How many were turned away since this was last asked.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.swap(0, Ordering::Relaxed)
    }

    /// Room for one write, as long as the permit is kept.
    fn admit(
        &self,
        content: Option<Content>,
        network: Option<Network>,
        body: &[u8],
    ) -> Result<OwnedSemaphorePermit, NoRoom> {
        let Some(content) = content else {
            return self.room(Share::Shutting, network);
        };
        let only_shuts = match content {
            // Looked at always: what leads to a mail has a rate of its own.
            Content::Address => Some(shuts::address(body)),
            Content::Newsletter => Some(false),
            Content::Answers | Content::Opening => None,
        };
        if let (Some(false), Some(network)) = (only_shuts, network) {
            let mail = self.rates.network(network, Why::Mail);
            mail.map_err(NoRoom::TooOften)?;
        }
        self.room(Share::Common, network).or_else(|refused| {
            let only_shuts =
                only_shuts.unwrap_or_else(|| content == Content::Answers && shuts::answers(body));
            if only_shuts {
                self.room(Share::Shutting, network)
            } else {
                Err(refused)
            }
        })
    }

    fn room(&self, share: Share, network: Option<Network>) -> Result<OwnedSemaphorePermit, NoRoom> {
        let (why, least) = match share {
            Share::Common => (Why::Opening, Level::Enough),
            Share::Shutting => (Why::Shutting, Level::Low),
        };
        if self.disk.level() < least {
            return Err(NoRoom::Disk);
        }
        if let Some(network) = network {
            let rate = self.rates.network(network, why);
            rate.map_err(NoRoom::TooOften)?;
        }
        let found = match share {
            Share::Common => self.places.common(),
            Share::Shutting => self.places.any(),
        };
        found.ok_or(NoRoom::Busy)
    }

    /// The refusal that says so, counted.
    fn refuse(&self, site: &Site, no_room: NoRoom) -> Refusal {
        let id = &site.config.id;
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        match no_room {
            NoRoom::TooOften(TooOften { why, wait }) => {
                self.metrics.turned_away(id, why);
                let mut refusal = Refusal::new(
                    Code::RateLimited,
                    "too many requests of this kind; try again after the time in `Retry-After`",
                );
                refusal.retry_after = Some(seconds(wait));
                refusal
            }
            NoRoom::Busy => {
                self.metrics.turned_away(id, Why::Busy);
                early::busy()
            }
            NoRoom::Disk => {
                self.metrics.turned_away(id, Why::Disk);
                Refusal::new(
                    Code::Unavailable,
                    "nothing can be stored at this moment; try again later",
                )
            }
        }
    }
}

/// The route that answered, as it was registered.
#[derive(Clone)]
pub(crate) struct Route(pub(crate) MatchedPath);

/// Lets a request pass to its handler, or says why not, and notes on the answer which route made it.
pub async fn pass(route: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = through(&route, request, next).await;
    response.extensions_mut().insert(Route(route));
    response
}

async fn through(route: &MatchedPath, request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let (Some(guard), Some(site)) = (
        extensions.get::<Guard>().cloned(),
        extensions.get::<Arc<Site>>().cloned(),
    ) else {
        return next.run(request).await;
    };
    let network = extensions.get::<Network>().copied();
    let connection = extensions.get::<Place>().cloned();
    let refused = |headers: &HeaderMap, refusal| answer(&site, route.as_str(), headers, refusal);
    match Class::of(request.method(), route.as_str()) {
        Class::Free => next.run(request).await,
        Class::Read => {
            let rate = network.map_or(Ok(()), |network| guard.rates.network(network, Why::Reading));
            match rate {
                Ok(()) => next.run(request).await,
                Err(often) => {
                    let refusal = guard.refuse(&site, NoRoom::TooOften(often));
                    refused(request.headers(), refusal)
                }
            }
        }
        class @ (Class::Write(_) | Class::Shut) => {
            let content = match class {
                Class::Write(content) => Some(content),
                _ => None,
            };
            // Read before a place is taken: who sends slowly must not keep one.
            let (parts, body) = request.into_parts();
            let body: Bytes = match read_body(body, MAX_BODY).await {
                Ok(body) => body,
                Err(refusal) => return refused(&parts.headers, refusal),
            };
            match guard.admit(content, network, &body) {
                Ok(_place) => {
                    guard.places.give_way().await;
                    let _busy = connection.as_ref().map(Place::busy);
                    next.run(Request::from_parts(parts, Body::from(body))).await
                }
                Err(no_room) => refused(&parts.headers, guard.refuse(&site, no_room)),
            }
        }
    }
}

/// A refusal in the form its reader expects: a page for people, else a problem document that the asking page may read.
fn answer(site: &Site, route: &str, headers: &HeaderMap, refusal: Refusal) -> Response {
    if Class::is_page(route) {
        let edition = site.edition_for(headers);
        let status = refusal.code.status();
        let mut response = page::render(site, edition, Kind::Form, status, &Page::Error);
        if let Some(seconds) = refusal.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        return response;
    }
    let mut response = refusal.into_response();
    if let Ok(origin) = origin::listed(&site.config, headers) {
        origin::allow(origin, response.headers_mut());
    }
    response
}

/// Spreads those who are told to come back: at once as many would come again.
pub fn jitter(response: &mut Response, random: &dyn Random) {
    let temporary = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if !temporary.contains(&response.status()) {
        return;
    }
    let Some(value) = response.headers_mut().get_mut(header::RETRY_AFTER) else {
        return;
    };
    let Some(least) = value
        .to_str()
        .ok()
        .and_then(|text| text.parse::<u32>().ok())
    else {
        return;
    };
    let [more] = array::<1>(random);
    let spread = u64::from(least.max(1)) * u64::from(more) / u64::from(u8::MAX);
    *value = HeaderValue::from(u64::from(least) + spread);
}

fn seconds(wait: Duration) -> u32 {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(whole).unwrap_or(u32::MAX).max(1)
}
