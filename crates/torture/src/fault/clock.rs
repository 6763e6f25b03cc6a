//! A clock that jumps by years, forwards and back, under a service in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use sayso_server::clock::{Clock, SystemClock};
use sayso_server::service::Service;
use tower::ServiceExt;

use super::{Dose, Story};
use crate::acknowledged::{Acknowledged, Fate};
use crate::dice::Dice;
use crate::http::Answer;
use crate::receipt::{Mint, Shown};

const YEAR: u64 = 366 * 24 * 3600 * 1000;

/// A clock that only the test moves.
struct Jumping(AtomicU64);

impl Clock for Jumping {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Posts a receipt after each of `count` jumps.
pub async fn run(dose: Dose) -> Result<Story> {
    let folder = tempfile::tempdir()?;
    let today = SystemClock.now();
    let clock = Arc::new(Jumping(AtomicU64::new(today)));
    let site =
        Arc::new(crate::kept::open(folder.path(), Arc::clone(&clock) as Arc<dyn Clock>).await?);
    let router = Service::new(vec![Arc::clone(&site)]).router();
    let script = String::from_utf8_lossy(&site.edition(None, None).script.body).into_owned();
    let late = site.bundle.files.get(Shown::late(&script)?);
    let late = late.context("the module that it loads later")?;
    let shown = Shown::read(&format!(
        "{script}\n{}",
        String::from_utf8_lossy(&late.body)
    ))?;
    let mut mint = Mint::new(shown, 2, dose.seed)?;
    let mut dice = Dice::new(dose.seed);
    let mut acknowledged = Acknowledged::default();
    let (mut flagged, mut largest) = (0u64, 0);
    for _ in 0..dose.count {
        let now = jump(&mut dice, today);
        clock.0.store(now, Ordering::Relaxed);
        // The visitor's clock is right: it is the server's that is off.
        let receipt = mint.receipt(today)?;
        let body = format!(r#"{{"v":1,"receipts":["{}"]}}"#, receipt.jws);
        let request = Request::post("/sayso/v1/receipts")
            .header("host", "127.0.0.1:1")
            .header("origin", crate::site::ORIGIN)
            .header("content-type", "text/plain")
            .body(Body::from(body))?;
        let response = router.clone().oneshot(request).await?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await?.to_bytes();
        let answer = Answer {
            status,
            retry_after: None,
            body: &body,
        };
        let mut one = Acknowledged::default();
        let fate = one.read(&answer, &[&receipt])?;
        ensure!(fate == Fate::Kept, "at {now}: {fate:?}");
        let (_, _, file) = one.iter().next().context("an answer")?;
        let file = serde_json::to_vec(file)?;
        let verified = sayso_core::verify::verify(
            &file,
            &site.signer.jwks(),
            &sayso_core::verify::Demands::default(),
            &sayso_server::crypto::RingVerifier,
        )
        .with_context(|| format!("at {now}"))?;
        let statement = verified.statement;
        ensure!(
            statement.received == now,
            "received at {} by a clock at {now}",
            statement.received
        );
        let off = now.abs_diff(today) > 401 * 24 * 3600 * 1000;
        ensure!(
            !off || statement.flags.iter().any(|flag| flag == "clock"),
            "a clock off by {} days is not flagged",
            now.abs_diff(today) / 86_400_000
        );
        flagged += u64::from(!statement.flags.is_empty());
        ensure!(
            verified.checkpoint.size >= largest,
            "a checkpoint went back"
        );
        largest = verified.checkpoint.size;
        acknowledged.extend(one)?;
    }
    drop((router, site));
    let found = crate::kept::check(folder.path(), &acknowledged).await?;
    Ok(Story::new(
        format!(
            "let the server's clock jump {} times, up to ten years either way, to 1970 and to 9999",
            dose.count
        ),
        format!(
            "no panic, none refused, {flagged} of {} flagged; every received time is what the clock said, \
             checkpoints only grew, and the log holds",
            found.receipts
        ),
    ))
}

fn jump(dice: &mut Dice, today: u64) -> u64 {
    match dice.below(10) {
        0 => 0,
        1 => 253_402_300_799_999,
        2 => today,
        3..=5 => today + dice.below(10 * YEAR),
        _ => today - dice.below(10 * YEAR),
    }
}
