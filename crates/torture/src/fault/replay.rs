//! A storm of one receipt, half of it under the other signature that holds as well.

use anyhow::{Result, ensure};
use futures::future::join_all;
use sayso_server::clock::{Clock, SystemClock};

use super::{Dose, Story};
use crate::acknowledged::{Acknowledged, Fate};
use crate::http::Connection;
use crate::receipt::{Mint, Signed, alter};
use crate::server::Setup;

const CONNECTIONS: u64 = 64;

/// Posts one receipt `count` times over many connections.
pub async fn run(dose: Dose) -> Result<Story> {
    let folder = tempfile::tempdir()?;
    let setup = Setup::new(folder.path())?;
    let server = setup.start().await?;
    let receipt = Mint::new(server.shown().await?, 1, dose.seed)?.receipt(SystemClock.now())?;
    let altered = Signed {
        jws: alter(&receipt.jws)?,
        ..receipt.clone()
    };
    let forms = [&receipt, &altered];
    let address = server.address();
    let share = dose.count.div_ceil(CONNECTIONS);
    let posting = (0..CONNECTIONS).map(async |number| {
        let mut acknowledged = Acknowledged::default();
        let mut connection = Connection::new(address);
        let (mut kept, mut later) = (0, 0u64);
        while kept < share {
            let form = forms[usize::from((number + kept) % 2 == 1)];
            match acknowledged.post(&mut connection, &[form]).await? {
                Fate::Kept => kept += 1,
                Fate::Later { status, after } => {
                    ensure!(after.is_some(), "a {status} gave no time to come back at");
                    later += 1;
                }
                Fate::Unknown => anyhow::bail!("no answer"),
            }
        }
        Ok((acknowledged, later))
    });
    let mut all = Acknowledged::default();
    let mut later = 0;
    for outcome in join_all(posting).await {
        let (acknowledged, refused) = outcome?;
        all.extend(acknowledged)?;
        later += refused;
    }
    all.verify(&server.keys().await?)?;
    ensure!(server.stop()?.success(), "sayso did not stop in order");
    let found = crate::kept::check(&setup.data, &all).await?;
    ensure!(
        all.len() == 1 && found.receipts == 1,
        "{} answers, {} entries for one receipt",
        all.len(),
        found.receipts
    );
    Ok(Story::new(
        format!(
            "posted one receipt {} times over {CONNECTIONS} connections, every second time with s replaced by n - s",
            share * CONNECTIONS
        ),
        format!(
            "one entry, and everyone was given the same answer ({later} times asked to come back)"
        ),
    ))
}
