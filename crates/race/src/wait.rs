//! Waiting for something to become true.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked at.
const AGAIN: Duration = Duration::from_millis(50);

/// Asks again and again until the answer is yes.
pub(crate) async fn until(what: &str, mut is: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is().await? {
        if Instant::now() > end {
            bail!("waited in vain for {what}");
        }
        sleep(AGAIN).await;
    }
    Ok(())
}
