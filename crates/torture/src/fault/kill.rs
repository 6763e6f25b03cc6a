//! kill -9 under load: what was acknowledged is there, in the tree, once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use sayso_server::clock::{Clock, SystemClock};

use super::{Dose, Story};
use crate::acknowledged::Acknowledged;
use crate::bearer::bear;
use crate::dice::Dice;
use crate::receipt::Mint;
use crate::server::Setup;
use crate::wait::until;

/// Receipts prepared for each life of the server; it is killed before they run out.
const RECEIPTS: usize = 400;
const CONNECTIONS: usize = 16;

/// Kills the server `count` times, each time after another number of answers, and reads back after every kill.
pub async fn run(dose: Dose) -> Result<Story> {
    let folder = tempfile::tempdir()?;
    let setup = Setup::new(folder.path())?;
    let mut dice = Dice::new(dose.seed);
    let mut acknowledged = Acknowledged::default();
    let (mut unknown, mut extra) = (0, 0);
    for round in 0..dose.count {
        let mut server = setup.start().await?;
        let shown = server.shown().await?;
        let mut mint = Mint::new(shown, 8, dose.seed.wrapping_mul(1_000_003) + round)?;
        let receipts = mint.receipts(RECEIPTS, SystemClock.now())?;
        let (address, keys) = (server.address(), server.keys().await?);
        let answered = AtomicU64::new(0);
        let target = 1 + dice.below(RECEIPTS as u64 / 2);
        let strike = async {
            until(Duration::from_secs(60), "enough answers", async || {
                server.check()?;
                let enough = answered.load(Ordering::Relaxed) >= target;
                Ok(enough.then_some(()))
            })
            .await?;
            server.kill();
            anyhow::Ok(())
        };
        let (borne, struck) =
            tokio::join!(bear(address, &receipts, CONNECTIONS, &answered), strike);
        struck?;
        let borne = borne?;
        borne.acknowledged.verify(&keys)?;
        unknown += borne.unknown;
        ensure!(
            borne.later_without_time == 0,
            "a refusal gave no time to come back at"
        );
        acknowledged.extend(borne.acknowledged)?;
        let found = crate::kept::check(&setup.data, &acknowledged)
            .await
            .with_context(|| format!("after kill {}", round + 1))?;
        extra = found.receipts - found.acknowledged as u64;
    }
    Ok(Story::new(
        format!(
            "killed the server {} times with {CONNECTIONS} connections posting",
            dose.count
        ),
        format!(
            "all {} acknowledged receipts at their indexes and proved, no gap, no double; {unknown} requests \
             were cut off, {extra} receipts of them were kept all the same",
            acknowledged.len()
        ),
    ))
}
