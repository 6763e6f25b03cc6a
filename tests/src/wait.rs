//! Waiting: always for a condition, never for a time.

use std::time::{Duration, Instant};

use crate::Result;

/// Generous for two busy cores; a condition that holds is seen within 20 ms.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// Asks `condition` again and again until it answers `Some`, and says `what` was missing if it never does.
pub async fn until<T>(what: &str, condition: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, condition).await
}

/// Like [`until`], with a patience of its own.
pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    mut condition: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        let last = match condition().await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if start.elapsed() >= patience {
            let why = last
                .map(|error| format!("; the last try said: {error}"))
                .unwrap_or_default();
            return Err(format!("waited {patience:?} in vain for {what}{why}").into());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
