//! The log's newest checkpoint: signed when the data is durable, cosigned by witnesses, published, and never taken back.
//!
//! **Invariant:** what was published once is covered by the ledger ever after. A ledger that is smaller than what was
//! published, or differs from it, is not served: see [`resume`].

mod file;
pub mod resume;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sayso_ledger::log::{Head, Published};
use sayso_ledger::{Ledger, LedgerError};
use tokio::sync::{Notify, watch};

use crate::cosign::{Accusation, Cosigned, Standing, Verdict, Witnesses};
use crate::signer::TwoHeads;
use crate::site::Site;
pub use file::FILE;

/// The longest pause after publishing failed.
const LONGEST: Duration = Duration::from_secs(60);

/// Cosignatures that come later.
pub type Cosigning<'a> = Pin<Box<dyn Future<Output = Cosigned> + Send + 'a>>;

/// Those who watch a site's log; a seam, so that tests can say when they answer and what.
pub trait Cosigner: Send + Sync {
    /// Asks every witness to cosign the checkpoint of a head.
    fn cosign<'a>(&'a self, ledger: &'a dyn Ledger, head: Head, note: &'a str) -> Cosigning<'a>;

    /// How it stands with each of them, for whoever collects metrics.
    fn standings(&self) -> Vec<Standing> {
        Vec::new()
    }
}

impl Cosigner for Witnesses {
    fn cosign<'a>(&'a self, ledger: &'a dyn Ledger, head: Head, note: &'a str) -> Cosigning<'a> {
        Box::pin(Witnesses::cosign(self, ledger, note, head))
    }

    fn standings(&self) -> Vec<Standing> {
        Witnesses::standings(self)
    }
}

/// What a site has published.
#[derive(Default)]
pub struct Publication {
    newest: RwLock<Option<Arc<Published>>>,
    /// The witnesses were asked about it by this process: what lies in the folder may be older than what they saw.
    confirmed: AtomicBool,
    /// What a witness says against the log. Nothing is published while it stands.
    accusation: RwLock<Option<Accusation>>,
    /// The log has grown since.
    pub grown: Notify,
    /// One publishing after another.
    turn: tokio::sync::Mutex<()>,
}

impl Publication {
    /// A publication that goes on where it was left.
    pub fn new(newest: Option<Published>) -> Self {
        Self {
            newest: RwLock::new(newest.map(Arc::new)),
            ..Self::default()
        }
    }

    /// The newest checkpoint that was published.
    pub fn newest(&self) -> Option<Arc<Published>> {
        self.newest
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What a witness says against the log, if any does.
    pub fn accusation(&self) -> Option<Accusation> {
        self.accusation
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn accuse(&self, accusation: Option<Accusation>) {
        *self
            .accusation
            .write()
            .unwrap_or_else(PoisonError::into_inner) = accusation;
    }

    fn set(&self, published: Published) {
        self.confirmed.store(true, Ordering::Relaxed);
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(published));
    }
}

/// Why a checkpoint was not published. The one before stays.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The ledger could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger contradicts what was signed.
    #[error(transparent)]
    TwoHeads(#[from] TwoHeads),
    /// The ledger has lost entries.
    #[error("the ledger has {found} entries, and a checkpoint of {published} was published")]
    Shrunk {
        /// What is there.
        found: u64,
        /// What was.
        published: u64,
    },
    /// Too few witnesses answered.
    #[error(
        "{found} of the {wanted} witnesses asked for cosigned the checkpoint of {size} entries"
    )]
    Quorum {
        /// The checkpoint's size.
        size: u64,
        /// How many did.
        found: usize,
        /// How many must.
        wanted: usize,
    },
    /// A witness has seen another history.
    #[error("{0}")]
    Rewritten(Accusation),
    /// The file could not be written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// Publishes the log's head unless it is published already, and says what is published now.
pub async fn publish(site: &Site) -> Result<Arc<Published>, PublishError> {
    let _turn = site.publication.turn.lock().await;
    let head = site.ledger.head().await?;
    if let Some(newest) = site.publication.newest() {
        if newest.size > head.size {
            return Err(PublishError::Shrunk {
                found: head.size,
                published: newest.size,
            });
        }
        let confirmed =
            site.cosigner.is_none() || site.publication.confirmed.load(Ordering::Relaxed);
        // A head of the same size and another root goes on, to be refused by signer and ledger.
        if newest.size == head.size && newest.root == head.root && confirmed {
            return Ok(newest);
        }
    }
    let signed = site.signer.checkpoint(head.size, head.root)?;
    let (note, cosigned) = match &site.cosigner {
        Some(cosigner) => cosigned(site, cosigner.as_ref(), head, &signed).await?,
        None => (signed.to_string(), 0),
    };
    let published = Published {
        size: head.size,
        root: head.root,
        note,
        cosigned,
        time: site.clock.now(),
    };
    // The ledger first: it checks the root once more, and refuses what would take a checkpoint back.
    site.ledger.publish_checkpoint(published.clone()).await?;
    file::write(&site.folder, &published.note).await?;
    site.publication.set(published.clone());
    tracing::info!(site = %site.config.id, size = published.size, cosigned, "checkpoint published");
    Ok(Arc::new(published))
}

/// The note with the cosignatures below the log's own line, and how many these are, if that is enough.
async fn cosigned(
    site: &Site,
    cosigner: &dyn Cosigner,
    head: Head,
    signed: &str,
) -> Result<(String, u32), PublishError> {
    let cosigned = cosigner.cosign(site.ledger.as_ref(), head, signed).await;
    let found = cosigned.by.len();
    site.publication.accuse(match &cosigned.verdict {
        Verdict::Rewritten(accusation) => Some(accusation.clone()),
        Verdict::Publish | Verdict::TooFew => None,
    });
    match cosigned.verdict {
        Verdict::Publish => Ok((cosigned.note, u32::try_from(found).unwrap_or(u32::MAX))),
        Verdict::TooFew => Err(PublishError::Quorum {
            size: head.size,
            found,
            wanted: site.config.log.quorum,
        }),
        Verdict::Rewritten(accusation) => Err(PublishError::Rewritten(accusation)),
    }
}

/// Publishes once at the start, and then after growth, at most once per interval, until told to stop.
pub async fn run(site: Arc<Site>, mut stop: watch::Receiver<bool>) {
    let interval = Duration::from_secs(site.config.log.interval.max(1).into());
    let mut failures: u32 = 0;
    loop {
        let pause = match publish(&site).await {
            Ok(_) => {
                failures = 0;
                interval
            }
            Err(error) => {
                tracing::warn!(site = %site.config.id, %error, "no checkpoint was published");
                failures = failures.saturating_add(1);
                let longer = interval.saturating_mul(1 << failures.min(16));
                longer.min(LONGEST.max(interval))
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if failures == 0 {
            tokio::select! {
                () = site.publication.grown.notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}

impl fmt::Debug for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publication")
            .field("newest", &self.newest())
            .finish_non_exhaustive()
    }
}
