//! A full disk: told honestly, nothing lost, and over as soon as there is room again.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::mount::{MsFlags, mount, umount};
use sayso_server::clock::{Clock, SystemClock};

use super::{Dose, Story};
use crate::acknowledged::{Acknowledged, Fate};
use crate::http::Connection;
use crate::receipt::{Mint, Signed};
use crate::server::{Server, Setup};
use crate::wait::until;

/// A disk this small fills up in a moment.
const SIZE: &str = "size=24m";
/// For how long a change may take to be seen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A small filesystem in memory.
struct Small(PathBuf);

impl Small {
    fn new(path: &Path) -> nix::Result<Self> {
        mount(
            Some("tmpfs"),
            path,
            Some("tmpfs"),
            MsFlags::empty(),
            Some(SIZE),
        )?;
        Ok(Self(path.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        if let Err(error) = umount(&self.0) {
            eprintln!("unmounting {}: {error}", self.0.display());
        }
    }
}

/// Fills the disk `count` times, and each time makes room again.
pub async fn run(dose: Dose) -> Result<Story> {
    let folder = tempfile::tempdir()?;
    let place = folder.path().join("small");
    std::fs::create_dir(&place)?;
    let small = match Small::new(&place) {
        Ok(small) => small,
        Err(error) => {
            return Ok(Story::skipped(format!(
                "no small disk can be mounted here: {error}; it needs root"
            )));
        }
    };
    let setup = Setup::new(folder.path())?.over(&place.join("data"));
    let server = setup.start().await?;
    let mut mint = Mint::new(server.shown().await?, 4, dose.seed)?;
    let mut acknowledged = Acknowledged::default();
    let (mut later, mut red, mut green) = (0, Duration::ZERO, Duration::ZERO);
    for _ in 0..dose.count {
        let receipts = mint.receipts(200, SystemClock.now())?;
        ensure!(
            send(&server, &receipts[..20], &mut acknowledged).await? == 0,
            "there was room"
        );
        let ballast = place.join("ballast");
        fill(&ballast)?;
        let begin = Instant::now();
        later += until(PATIENCE, "a refusal", async || {
            let refused = send(&server, &receipts[20..], &mut acknowledged).await?;
            Ok((refused > 0).then_some(refused))
        })
        .await?;
        until(PATIENCE, "readyz to turn red", async || {
            Ok((!server.is_ready().await).then_some(()))
        })
        .await?;
        red = red.max(begin.elapsed());
        ensure!(
            server.get("v1/jwks.json").await?.0 == 200,
            "what needs no room is not served"
        );
        std::fs::remove_file(&ballast)?;
        let begin = Instant::now();
        until(PATIENCE, "the server to resume by itself", async || {
            let taken = send(&server, &receipts[..20], &mut acknowledged).await? == 0;
            Ok((taken && server.is_ready().await).then_some(()))
        })
        .await
        .with_context(|| setup.log())?;
        green = green.max(begin.elapsed());
        ensure!(
            send(&server, &receipts, &mut acknowledged).await? == 0,
            "there is room again"
        );
    }
    acknowledged.verify(&server.keys().await?)?;
    server.kill();
    let found = crate::kept::check(&setup.data, &acknowledged).await?;
    drop(small);
    Ok(Story::new(
        format!(
            "filled a disk of 24 MiB {} times while receipts were posted",
            dose.count
        ),
        format!(
            "{later} refusals with Retry-After, readyz red after {:.1} s, resumed by itself {:.1} s after there \
             was room; all {} acknowledged receipts there and proved ({} in the log)",
            red.as_secs_f64(),
            green.as_secs_f64(),
            acknowledged.len(),
            found.receipts
        ),
    ))
}

/// Posts receipts one by one; how many were refused for now.
async fn send(
    server: &Server,
    receipts: &[Signed],
    acknowledged: &mut Acknowledged,
) -> Result<u64> {
    let mut connection = Connection::new(server.address());
    let mut later = 0;
    for receipt in receipts {
        match acknowledged.post(&mut connection, &[receipt]).await? {
            Fate::Kept => {}
            Fate::Later { status, after } => {
                ensure!(after.is_some(), "a {status} gave no time to come back at");
                later += 1;
            }
            Fate::Unknown => anyhow::bail!("no answer while the disk was full"),
        }
    }
    Ok(later)
}

/// Writes until nothing more goes in.
fn fill(path: &Path) -> Result<()> {
    let mut file = File::create(path)?;
    let block = [0x5a; 4096];
    loop {
        match file.write_all(&block) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => return Ok(()),
            Err(error) => return Err(error).context("filling the disk"),
        }
    }
}
