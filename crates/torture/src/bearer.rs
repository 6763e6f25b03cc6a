//! Load for the faults: connections that post receipts until the server is gone, and remember what it acknowledged.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use futures::future::join_all;

use crate::acknowledged::{Acknowledged, Fate};
use crate::http::Connection;
use crate::receipt::Signed;

/// What the connections did together.
#[derive(Debug, Default)]
pub struct Borne {
    /// What was acknowledged.
    pub acknowledged: Acknowledged,
    /// How many requests were refused for now.
    pub later: u64,
    /// How many refusals had no `Retry-After`.
    pub later_without_time: u64,
    /// How many requests had no answer.
    pub unknown: u64,
}

impl Borne {
    fn take(&mut self, other: Self) -> Result<()> {
        self.acknowledged.extend(other.acknowledged)?;
        self.later += other.later;
        self.later_without_time += other.later_without_time;
        self.unknown += other.unknown;
        Ok(())
    }

    fn note(&mut self, fate: &Fate) {
        match fate {
            Fate::Kept => {}
            Fate::Later { after, .. } => {
                self.later += 1;
                self.later_without_time += u64::from(after.is_none());
            }
            Fate::Unknown => self.unknown += 1,
        }
    }
}

/// Posts receipts, one to a request and now and then several, over so many connections, until the first request without
/// an answer on each. `answered` counts what was acknowledged, for whoever waits to strike.
pub async fn bear(
    to: SocketAddr,
    receipts: &[Signed],
    connections: usize,
    answered: &AtomicU64,
) -> Result<Borne> {
    let shares = receipts.chunks(receipts.len().div_ceil(connections).max(1));
    let work = shares.map(async |share| {
        let mut borne = Borne::default();
        let mut connection = Connection::new(to);
        let mut rest = share;
        let mut together = 1;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(together));
            rest = later;
            together = together % 5 + 1;
            let sent: Vec<&Signed> = now.iter().collect();
            let fate = borne.acknowledged.post(&mut connection, &sent).await?;
            borne.note(&fate);
            match fate {
                Fate::Kept => {
                    answered.fetch_add(now.len() as u64, Ordering::Relaxed);
                }
                Fate::Later { .. } => {}
                Fate::Unknown => break,
            }
        }
        anyhow::Ok(borne)
    });
    let mut total = Borne::default();
    for borne in join_all(work).await {
        total.take(borne?)?;
    }
    Ok(total)
}
