//! A lost answer: the request went through, the connection broke, and the client asks again.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, ensure};
use sayso_core::wire;
use sayso_server::clock::{Clock, SystemClock};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{Dose, Story};
use crate::acknowledged::{Acknowledged, Fate};
use crate::http::{Connection, post};
use crate::receipt::Mint;
use crate::server::Setup;

/// Posts `count` receipts through a proxy that passes each on, waits for the answer, and cuts the connection instead of
/// handing it over; then posts each again.
pub async fn run(dose: Dose) -> Result<Story> {
    let folder = tempfile::tempdir()?;
    let setup = Setup::new(folder.path())?;
    let server = setup.start().await?;
    let mut mint = Mint::new(server.shown().await?, 4, dose.seed)?;
    let receipts = mint.receipts(usize::try_from(dose.count)?, SystemClock.now())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let proxy = listener.local_addr()?;
    let (lost, mut answers) = mpsc::unbounded_channel();
    let cutting = tokio::spawn(cut_answers(listener, server.address(), lost));

    let mut acknowledged = Acknowledged::default();
    let (mut direct, mut same) = (Connection::new(server.address()), 0u64);
    for receipt in &receipts {
        let mut cut = Connection::new(proxy);
        let fate = acknowledged.post(&mut cut, &[receipt]).await?;
        ensure!(
            fate == Fate::Unknown,
            "the proxy let an answer through: {fate:?}"
        );
        let lost: Vec<u8> = answers.recv().await.context("the answer that was lost")?;
        let mut again = Vec::new();
        for _ in 0..2 {
            let answer = direct.exchange(&post(&[&receipt.jws])).await?;
            again = answer.body.to_vec();
            let fate = acknowledged.read(&answer, &[receipt])?;
            ensure!(fate == Fate::Kept, "the second time: {fate:?}");
        }
        ensure!(
            essence(&lost)? == essence(&again)?,
            "the answer that was lost and the one to the retry differ"
        );
        same += u64::from(lost == again);
    }
    cutting.abort();
    acknowledged.verify(&server.keys().await?)?;
    ensure!(server.stop()?.success(), "sayso did not stop in order");
    let found = crate::kept::check(&setup.data, &acknowledged).await?;
    ensure!(
        found.receipts == dose.count,
        "{} receipts sent, {} kept",
        dose.count,
        found.receipts
    );
    Ok(Story::new(
        format!(
            "cut the connection between the answer and the client {} times, then asked twice again",
            dose.count
        ),
        format!(
            "the same receipt, salt and countersignature each time ({same} answers equal to the byte, proofs \
             included); one entry each"
        ),
    ))
}

/// What must be the same whenever it is asked for; the proof may lead to a later tree.
fn essence(body: &[u8]) -> Result<Vec<(String, String, String)>> {
    let response: wire::Response = serde_json::from_slice(body)?;
    let parts = |outcome: wire::Outcome| {
        let file = outcome.countersigned.context("not countersigned")?;
        Ok((file.receipt, file.salt, file.countersignature))
    };
    response.results.into_iter().map(parts).collect()
}

/// Passes every request on, tells the answer to the test, and hangs up on the client.
async fn cut_answers(
    listener: TcpListener,
    to: SocketAddr,
    lost: mpsc::UnboundedSender<Vec<u8>>,
) -> Result<()> {
    loop {
        let (mut client, _) = listener.accept().await?;
        let mut request = Vec::new();
        // A request of this generator arrives whole once its stated length is there.
        while !is_whole(&request) {
            ensure!(
                client.read_buf(&mut request).await? > 0,
                "the client hung up first"
            );
        }
        let mut server = Connection::new(to);
        let answer = server.exchange(&request).await?;
        lost.send(answer.body.to_vec())?;
        drop(client);
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    length.and_then(|length| length.parse().ok()) == Some(body.len())
}
