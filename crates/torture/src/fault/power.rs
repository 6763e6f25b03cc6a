//! Power cuts: a disk that forgets what was not synced, and tears what it half remembers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use sayso_server::clock::{Clock, SystemClock};

use super::{Dose, Story};
use crate::acknowledged::Acknowledged;
use crate::bearer::bear;
use crate::dice::Dice;
use crate::disk::Cut;
use crate::disk::mount::{Mounted, obstacle};
use crate::receipt::Mint;
use crate::server::Setup;
use crate::wait::until;

const RECEIPTS: usize = 300;
const CONNECTIONS: usize = 8;

/// Cuts the power `count` times under load; every other time what was not synced survives in part and torn.
pub async fn run(dose: Dose) -> Result<Story> {
    if let Some(reason) = obstacle() {
        return Ok(Story::skipped(reason));
    }
    let folder = tempfile::tempdir()?;
    let place = folder.path().join("disk");
    std::fs::create_dir(&place)?;
    let mut disk = Mounted::new(&place)?;
    let setup = Setup::new(folder.path())?.over(&place.join("data"));
    let mut dice = Dice::new(dose.seed);
    let mut acknowledged = Acknowledged::default();
    let mut extra = 0;
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
        acknowledged.extend(borne.acknowledged)?;
        let cut = if round % 2 == 0 {
            Cut::Nothing
        } else {
            Cut::Torn(dice.roll())
        };
        disk.cut(cut)?;
        let copy = tempfile::tempdir()?;
        disk.disk().copy(copy.path())?;
        let found = crate::kept::check(&copy.path().join("data"), &acknowledged)
            .await
            .with_context(|| format!("after power cut {} ({cut:?})", round + 1))?;
        extra = found.receipts - found.acknowledged as u64;
    }
    Ok(Story::new(
        format!(
            "cut the power {} times under load on a disk that forgets what was not synced, every other time \
             leaving torn parts of it",
            dose.count
        ),
        format!(
            "all {} acknowledged receipts there and proved, no gap, no double; {extra} more were kept",
            acknowledged.len()
        ),
    ))
}
