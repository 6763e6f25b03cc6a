//! Broken gates: each must make its own cell fail and no other. `cargo xtask test --breaks` makes them from
//! `tests/breaks.toml` and names the list in `SAYSO_BREAKS`.

use std::sync::Mutex;
use std::time::Instant;

use sayso_tests::{Result, World};
use serde::Deserialize;

use crate::cell::Features;
use crate::walk::Table;

/// The list of broken gates.
#[derive(Debug, Deserialize)]
struct Manifest {
    /// `all` states are walked for each break, or only its `own`.
    walk: String,
    breaks: Vec<Break>,
}

/// One broken gate.
#[derive(Debug, Deserialize)]
struct Break {
    /// The cell that must fail.
    cell: String,
    /// The source that was broken.
    file: String,
    /// The line that broke it.
    put: String,
    /// Texts of the real gate, and what stands in their place.
    altered: Vec<(String, String)>,
}

/// Proves every break that it was given, two at a time where all states are walked.
pub(crate) fn prove(features: &Features) {
    let Some(file) = std::env::var_os("SAYSO_BREAKS") else {
        let strict = std::env::var_os("SAYSO_STRICT").is_some_and(|strict| strict == "1");
        let skipped = "SKIPPED each_break_fails_its_own_cell_and_no_other: run cargo xtask test, which breaks the gate";
        assert!(!strict, "{skipped}");
        println!("{skipped}");
        return;
    };
    let text = std::fs::read_to_string(file).expect("the list of broken gates is there");
    let manifest: Manifest = serde_json::from_str(&text).expect("the list is in order");
    let all = manifest.walk == "all";
    let next = Mutex::new(manifest.breaks.iter().enumerate());
    let unproved = Mutex::new(Vec::new());
    let take = || next.lock().expect("no holder panics").next();
    std::thread::scope(|scope| {
        for _ in 0..if all { 2 } else { 1 } {
            scope.spawn(|| {
                crate::setup(features).run(async |world| {
                    let table = crate::table(world, features).await?;
                    while let Some((number, one)) = take() {
                        let start = Instant::now();
                        let verdict = try_one(world, &table, one, all).await;
                        let outcome = match &verdict {
                            Ok(()) => "proved".to_owned(),
                            Err(error) => error.to_string(),
                        };
                        println!(
                            "BREAK {}/{} {}: {outcome} ({:.1} s) [{}: {}]",
                            number + 1,
                            manifest.breaks.len(),
                            one.cell,
                            start.elapsed().as_secs_f32(),
                            one.file,
                            one.put,
                        );
                        if verdict.is_err() {
                            unproved
                                .lock()
                                .expect("no holder panics")
                                .push(format!("{}: {outcome}", one.cell));
                        }
                    }
                    Ok(())
                });
            });
        }
    });
    let unproved = unproved.into_inner().expect("no holder panics");
    println!(
        "{} of {} breaks proved",
        manifest.breaks.len() - unproved.len(),
        manifest.breaks.len()
    );
    assert!(unproved.is_empty(), "not proved:\n{}", unproved.join("\n"));
}

/// Serves one broken gate, and walks.
async fn try_one(world: &World, table: &Table<'_>, one: &Break, all: bool) -> Result {
    table.front.alter(one.altered.clone());
    let state = one.cell.split(" × ").nth(1).unwrap_or_default();
    let walked = if all {
        table.walk_all(Some(&one.cell)).await
    } else {
        table.walk(state, Some(&one.cell)).await
    };
    // A broken gate may throw; that is no fault of the page's.
    world.browser.forget_console().await;
    let wrong = walked?;
    if table.front.found() == 0 {
        return Err("the server sends another gate than the one that was broken".into());
    }
    let others: Vec<String> = wrong
        .iter()
        .filter(|wrong| wrong.cell() != one.cell)
        .map(ToString::to_string)
        .collect();
    if wrong.len() == others.len() {
        return Err(format!("the cell holds all the same{}", others.join("; ")).into());
    }
    if !others.is_empty() {
        return Err(format!("other cells fail as well: {}", others.join("; ")).into());
    }
    Ok(())
}
