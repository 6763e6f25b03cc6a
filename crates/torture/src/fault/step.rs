//! Failure of each step in turn: the k-th write, sync or rename fails, once or from then on, for every k until a run
//! comes to its end without meeting it.

use anyhow::{Context, Result, bail, ensure};
use sayso_server::clock::{Clock, SystemClock};

use super::{Dose, Story};
use crate::acknowledged::{Acknowledged, Fate};
use crate::disk::fault::Errno;
use crate::disk::mount::{Mounted, obstacle};
use crate::disk::{Cut, Disk};
use crate::http::Connection;
use crate::receipt::{Mint, Signed};
use crate::server::{Server, Setup, Start};

/// How many receipts go into each request of a run.
const REQUESTS: [usize; 3] = [1, 2, 1];

/// When the disk begins to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// At the first start over an empty disk.
    First,
    /// At a start over a site that has receipts.
    Again,
    /// While receipts are posted.
    Posting,
}

/// What there is to begin with.
struct Bench {
    disk: Mounted,
    setup: Setup,
    kept: Disk,
    acknowledged: Acknowledged,
    mint: Mint,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    runs: u64,
    refused_starts: u64,
    later: u64,
    unknown: u64,
    acknowledged: u64,
}

/// Lets every `count`-th step fail; 1 is all of them.
pub async fn run(dose: Dose) -> Result<Story> {
    if let Some(reason) = obstacle() {
        return Ok(Story::skipped(reason));
    }
    let folder = tempfile::tempdir()?;
    let place = folder.path().join("disk");
    std::fs::create_dir(&place)?;
    let mut bench = Bench::new(folder.path(), &place, dose.seed).await?;
    let mut steps = Vec::new();
    for when in [When::First, When::Again, When::Posting] {
        let mut longest = 0;
        for (errno, for_ever) in [
            (Errno::Io, false),
            (Errno::Io, true),
            (Errno::NoSpace, false),
            (Errno::NoSpace, true),
        ] {
            let mut k = 1 + dose.seed % dose.count;
            loop {
                let story = format!("{when:?}, step {k}: {errno:?}, for ever: {for_ever}");
                let met = bench
                    .run(when, k, errno, for_ever)
                    .await
                    .with_context(|| story)?;
                if !met {
                    break;
                }
                longest = longest.max(k);
                k += dose.count;
            }
        }
        steps.push(format!("{when:?} up to {longest}"));
    }
    let tally = &bench.tally;
    Ok(Story::new(
        format!(
            "let steps fail with EIO and ENOSPC, once and for ever, in {} runs ({}), every second with a power \
             cut afterwards",
            tally.runs,
            steps.join(", ")
        ),
        format!(
            "nothing lost of {} acknowledged; {} refusals for now, {} requests without an answer, {} starts \
             refused; every server started again and took the same receipts",
            tally.acknowledged, tally.later, tally.unknown, tally.refused_starts
        ),
    ))
}

impl Bench {
    async fn new(folder: &std::path::Path, place: &std::path::Path, seed: u64) -> Result<Self> {
        let mut disk = Mounted::new(place)?;
        let setup = Setup::new(folder)?.over(&place.join("data"));
        let server = setup.start().await?;
        let mut mint = Mint::new(server.shown().await?, 2, seed)?;
        let mut acknowledged = Acknowledged::default();
        let receipts = mint.receipts(3, SystemClock.now())?;
        let sent: Vec<&Signed> = receipts.iter().collect();
        let mut connection = Connection::new(server.address());
        let fate = acknowledged.post(&mut connection, &sent).await?;
        ensure!(fate == Fate::Kept, "a healthy disk: {fate:?}");
        server.kill();
        disk.replace(|disk| disk)?;
        let kept = disk.disk().clone();
        Ok(Self {
            disk,
            setup,
            kept,
            acknowledged,
            mint,
            tally: Tally::default(),
        })
    }

    /// One run; whether the step was reached at all.
    async fn run(&mut self, when: When, k: u64, errno: Errno, for_ever: bool) -> Result<bool> {
        self.tally.runs += 1;
        let first = when == When::First;
        let begin = if first {
            Disk::default()
        } else {
            self.kept.clone()
        };
        self.disk.replace(|_| begin)?;
        let mut acknowledged = if first {
            Acknowledged::default()
        } else {
            self.acknowledged.clone()
        };
        let receipts = self
            .mint
            .receipts(REQUESTS.iter().sum(), SystemClock.now())?;
        let arm = |disk: &Mounted| disk.disk().faults.arm(k, errno, for_ever);
        if when != When::Posting {
            arm(&self.disk);
        }
        let started = self.setup.try_start().await?;
        match started {
            Start::Ready(server) | Start::Unready(server) => {
                if when == When::Posting {
                    arm(&self.disk);
                }
                self.post(&server, &receipts, &mut acknowledged).await?;
                server.kill();
            }
            Start::Refused(_) => {
                self.tally.refused_starts += 1;
                ensure!(
                    when != When::Posting,
                    "a healthy disk: {}",
                    self.setup.log()
                );
            }
        }
        let met = self.disk.disk().faults.failed().is_some();
        if k.is_multiple_of(2) {
            self.disk.cut(Cut::Nothing)?;
        } else {
            self.disk.disk().faults.disarm();
        }
        self.heal(&receipts, &mut acknowledged).await?;
        self.tally.acknowledged += acknowledged.len() as u64;
        Ok(met)
    }

    async fn post(
        &mut self,
        server: &Server,
        receipts: &[Signed],
        acknowledged: &mut Acknowledged,
    ) -> Result<()> {
        let mut connection = Connection::new(server.address());
        let mut rest = receipts;
        for count in REQUESTS {
            let (now, later) = rest.split_at(count);
            rest = later;
            let sent: Vec<&Signed> = now.iter().collect();
            match acknowledged.post(&mut connection, &sent).await? {
                Fate::Kept => {}
                Fate::Later { status, after } => {
                    ensure!(after.is_some(), "a {status} gave no time to come back at");
                    self.tally.later += 1;
                }
                Fate::Unknown => self.tally.unknown += 1,
            }
        }
        Ok(())
    }

    /// The disk works again: the server starts, takes every receipt, and everything promised is there.
    async fn heal(&mut self, receipts: &[Signed], acknowledged: &mut Acknowledged) -> Result<()> {
        let failed = self.disk.disk().faults.failed().map(ToString::to_string);
        let server = match self.setup.try_start().await? {
            Start::Ready(server) => server,
            Start::Unready(_) => bail!(
                "after {} failed, sayso is not ready again:\n{}",
                failed.unwrap_or_default(),
                self.setup.log()
            ),
            Start::Refused(status) => bail!(
                "after {} failed, sayso does not start again ({status}):\n{}",
                failed.unwrap_or_default(),
                self.setup.log()
            ),
        };
        let mut connection = Connection::new(server.address());
        let sent: Vec<&Signed> = receipts.iter().collect();
        let fate = acknowledged.post(&mut connection, &sent).await?;
        ensure!(fate == Fate::Kept, "a healed disk: {fate:?}");
        acknowledged.verify(&server.keys().await?)?;
        server.kill();
        self.disk.cut(Cut::Nothing)?;
        let copy = tempfile::tempdir()?;
        self.disk.disk().copy(copy.path())?;
        crate::kept::check(&copy.path().join("data"), acknowledged).await?;
        Ok(())
    }
}
