//! A new key takes over: first it lies in a file, then the log tells of it, then it is in use, at a moment told ahead.
//!
//! Between any two of these steps the process may die. The key in use stays in use until the one step, a renamed file,
//! that puts the new one in its place; a start that finds a key still waiting begins again with that key, and the log's
//! last word is the one that came true.

use sayso_core::crypto::SiteJwk;
use sayso_ledger::LedgerError;
use serde::Serialize;

use crate::random::array;
use crate::signer::{KeyError, Rotating};
use crate::site::Site;

/// How long before it signs a new key is published: longer than anybody may cache the key set.
pub const AHEAD: u64 = 10 * 60 * 1000;

/// A rotation that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rotated {
    /// Which key.
    pub key: &'static str,
    /// The new key's id.
    pub kid: String,
    /// From when it signs, in milliseconds since 1970.
    pub from: u64,
    /// Where the log tells of it.
    pub index: u64,
}

/// Why a key was not rotated. The one in use stays in use.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// A file could not be read or written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log could not tell of it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The log told of it too late.
    #[error("the log took longer than the new key was announced ahead; rotate again")]
    Late,
}

/// What the log tells: the public keys as they will be.
#[derive(Serialize)]
struct KeyEvent<'a> {
    v: u32,
    site: &'a str,
    time: u64,
    keys: &'a [SiteJwk],
}

/// Rotates a key.
pub async fn rotate(site: &Site, which: Rotating) -> Result<Rotated, RotateError> {
    let _turn = site.signer.rotation.lock().await;
    let now = site.clock.now();
    let from = now + AHEAD;
    let successor = site.signer.prepare(which, from, site.random.as_ref())?;
    let event = KeyEvent {
        v: 1,
        site: &site.config.id,
        time: now,
        keys: &successor.jwks().keys,
    };
    // Strings and numbers: serialising them has no way to fail.
    let event = serde_json::to_string(&event).unwrap_or_default();
    let salt = array(site.random.as_ref());
    let index = site.ledger.key_event(event, salt, now).await?;
    site.publication.grown.notify_one();
    if site.clock.now() >= from {
        return Err(RotateError::Late);
    }
    let kid = successor.kid().to_owned();
    site.signer.take_over(successor)?;
    let key = which.as_str();
    tracing::info!(site = %site.config.id, key, %kid, from, index, "a new key takes over");
    Ok(Rotated {
        key,
        kid,
        from,
        index,
    })
}

/// Finishes rotations that were cut short. What cannot be finished now is said, and left for the next start: the keys in
/// use are whole.
pub async fn heal(site: &Site) -> Result<(), KeyError> {
    for which in site.signer.waiting()? {
        if let Err(error) = rotate(site, which).await {
            tracing::warn!(site = %site.config.id, key = which.as_str(), %error, "a rotation that was cut short waits");
        }
    }
    Ok(())
}
