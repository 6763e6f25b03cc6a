//! A place for each connection. When all are taken, the one that has rested longest is given away.
//!
//! A connection rests unless a request of it has been read whole and is being answered. So neither half a head nor a
//! trickling body can hold a place that somebody else has use for, and nobody who waits for an answer is cut off.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Limits;
use crate::client::Network;
use crate::metrics::{CutWhy, Metrics};

/// The places of one listener.
pub struct Places {
    limits: Limits,
    metrics: Metrics,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// How many connections there are.
    taken: usize,
    /// How many of each network.
    networks: HashMap<Network, usize>,
    /// Those that rest, in the order of their last request.
    resting: BTreeMap<u64, Resting>,
    /// The next number of that order.
    next: u64,
}

struct Resting {
    network: Option<Network>,
    leave: Arc<Notify>,
}

/// The place of one connection; its clones travel with its requests.
#[derive(Clone)]
pub struct Place(Arc<Own>);

struct Own {
    places: Arc<Places>,
    network: Option<Network>,
    leave: Arc<Notify>,
    /// Its number among the resting ones, while it rests and has not left.
    number: Mutex<State>,
    used: AtomicBool,
}

#[derive(Clone, Copy)]
enum State {
    Resting(u64),
    Busy,
    Left,
}

/// As long as this is kept, the connection is not asked to leave.
pub struct Busy(Place);

impl Places {
    /// All of them free.
    pub fn new(limits: Limits, metrics: Metrics) -> Arc<Self> {
        Arc::new(Self {
            limits,
            metrics,
            inner: Mutex::default(),
        })
    }

    /// A place, if there is one or somebody can make room.
    pub fn enter(self: &Arc<Self>, network: Option<Network>) -> Option<Place> {
        let mut inner = self.lock();
        let same = network.map_or(0, |own| inner.networks.get(&own).copied().unwrap_or(0));
        if same >= self.limits.per_network {
            let leaves = inner.cut(|resting| resting.network == network);
            self.metrics.cut(CutWhy::Network);
            if !leaves {
                return None;
            }
        } else if inner.taken >= self.limits.connections {
            let leaves = inner.cut(|_| true);
            self.metrics.cut(CutWhy::Room);
            if !leaves {
                return None;
            }
        }
        inner.taken += 1;
        if let Some(network) = network {
            *inner.networks.entry(network).or_default() += 1;
        }
        let leave = Arc::new(Notify::new());
        let number = inner.rest(network, &leave);
        drop(inner);
        self.metrics.connected();
        Some(Place(Arc::new(Own {
            places: Arc::clone(self),
            network,
            leave,
            number: Mutex::new(State::Resting(number)),
            used: AtomicBool::new(false),
        })))
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.lock().taken
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn rest(&mut self, network: Option<Network>, leave: &Arc<Notify>) -> u64 {
        let number = self.next;
        self.next += 1;
        let leave = Arc::clone(leave);
        self.resting.insert(number, Resting { network, leave });
        number
    }

    /// Asks the one that has rested longest to leave; its place counts as free from here on.
    fn cut(&mut self, which: impl Fn(&Resting) -> bool) -> bool {
        let found = self.resting.iter().find(|(_, resting)| which(resting));
        let Some(number) = found.map(|(number, _)| *number) else {
            return false;
        };
        if let Some(resting) = self.resting.remove(&number) {
            self.release(resting.network);
            resting.leave.notify_one();
        }
        true
    }

    fn release(&mut self, network: Option<Network>) {
        self.taken -= 1;
        let Some(network) = network else { return };
        if let Some(count) = self.networks.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                self.networks.remove(&network);
            }
        }
    }
}

impl Place {
    /// A request has begun: this connection is the last to be asked to leave.
    pub fn touch(&self) {
        self.0.used.store(true, Ordering::Relaxed);
        self.change(|own, inner, state| match state {
            State::Resting(number) if inner.resting.remove(&number).is_some() => {
                State::Resting(inner.rest(own.network, &own.leave))
            }
            other => other,
        });
    }

    /// Whether any request has begun.
    pub fn was_used(&self) -> bool {
        self.0.used.load(Ordering::Relaxed)
    }

    /// A request has been read and is being answered.
    pub fn busy(&self) -> Busy {
        self.change(|_, inner, state| match state {
            State::Resting(number) if inner.resting.remove(&number).is_some() => State::Busy,
            other => other,
        });
        Busy(self.clone())
    }

    /// Resolves when another needs the place.
    pub async fn asked_to_leave(&self) {
        self.0.leave.notified().await;
    }

    /// The connection has ended.
    pub fn leave(&self) {
        self.change(|own, inner, state| {
            let held = match state {
                State::Resting(number) => inner.resting.remove(&number).is_some(),
                State::Busy => true,
                State::Left => return State::Left,
            };
            if held {
                inner.release(own.network);
            }
            own.places.metrics.disconnected();
            State::Left
        });
    }

    fn change(&self, next: impl FnOnce(&Own, &mut Inner, State) -> State) {
        let own = self.0.as_ref();
        let mut inner = own.places.lock();
        let mut state = own.number.lock().unwrap_or_else(PoisonError::into_inner);
        *state = next(own, &mut inner, *state);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.change(|own, inner, state| match state {
            State::Busy => State::Resting(inner.rest(own.network, &own.leave)),
            other => other,
        });
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places")
            .field("taken", &self.taken())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Busy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(connections: usize, per_network: usize) -> Arc<Places> {
        let limits = Limits {
            connections,
            per_network,
            ..Limits::default()
        };
        Places::new(limits, Metrics::new())
    }

    fn network(last: u8) -> Option<Network> {
        Some(Network::V4([203, 0, last]))
    }

    async fn was_asked(place: &Place) -> bool {
        let asked = place.asked_to_leave();
        tokio::time::timeout(std::time::Duration::ZERO, asked)
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn the_longest_resting_makes_room() {
        let places = places(3, 3);
        let all: Vec<Place> = (0..3)
            .map(|at| places.enter(network(at)).expect("room"))
            .collect();
        all[0].touch();
        let newcomer = places.enter(network(9)).expect("somebody makes room");
        assert!(was_asked(&all[1]).await);
        assert!(!was_asked(&all[0]).await && !was_asked(&all[2]).await);
        assert_eq!(places.taken(), 3);
        all[1].leave();
        assert_eq!(places.taken(), 3, "it was counted out when it was asked");
        for place in [&all[0], &all[2], &newcomer] {
            place.leave();
            place.leave();
        }
        assert_eq!(places.taken(), 0);
        assert!(places.lock().networks.is_empty() && places.lock().resting.is_empty());
    }

    #[tokio::test]
    async fn who_is_being_answered_keeps_the_place() {
        let places = places(2, 2);
        let first = places.enter(None).expect("room");
        let second = places.enter(None).expect("room");
        let (one, two) = (first.busy(), second.busy());
        assert!(places.enter(None).is_none(), "nobody can make room");
        drop(two);
        let third = places.enter(None).expect("one rests again");
        assert!(was_asked(&second).await && !was_asked(&first).await);
        drop(one);
        third.leave();
        first.leave();
        second.leave();
        assert_eq!(places.taken(), 0);
    }

    #[tokio::test]
    async fn a_network_crowds_out_only_itself() {
        let places = places(10, 2);
        let other = places.enter(network(1)).expect("room");
        let own: Vec<Place> = (0..2)
            .map(|_| places.enter(network(2)).expect("room"))
            .collect();
        let _third = places.enter(network(2)).expect("its own makes room");
        assert!(was_asked(&own[0]).await && !was_asked(&other).await);
        assert_eq!(places.taken(), 3);
    }
}
