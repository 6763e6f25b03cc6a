//! Broken gates: each must make its own cell fail and no other. `cargo xtask test --breaks` makes them from
//! `tests/breaks.toml` and names the list in `SAYSO_BREAKS`.

use std::sync::Mutex;
use std::time::Instant;

use sayso_tests::{Result, World};
use serde::Deserialize;

use crate::cell::Features;
use crate::walk::Table;

/// One broken gate.
#[derive(Debug, Deserialize)]
struct Break {
    /// The cells that must fail: one, or one in each state.
    cells: Vec<String>,
    /// Whether all states are walked, or only that of its one cell.
    all: bool,
    /// How it was broken.
    how: String,
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
    let breaks: Vec<Break> = serde_json::from_str(&text).expect("the list is in order");
    let next = Mutex::new(breaks.iter().enumerate());
    let unproved = Mutex::new(Vec::new());
    let take = || next.lock().expect("no holder panics").next();
    let worlds = if breaks.len() > ONE_WORLD { 2 } else { 1 };
    std::thread::scope(|scope| {
        for _ in 0..worlds {
            scope.spawn(|| {
                crate::setup(features).run(async |world| {
                    let table = crate::table(world, features).await?;
                    while let Some((number, one)) = take() {
                        let start = Instant::now();
                        let verdict = try_one(world, &table, one).await;
                        let seconds = start.elapsed().as_secs_f32();
                        let cells = one.cells.join(", ");
                        let outcome = match &verdict {
                            Ok(()) => "proved".to_owned(),
                            Err(error) => format!("NOT PROVED: {error}"),
                        };
                        let number = number + 1;
                        println!(
                            "BREAK {number}/{} {seconds:.1} s {cells}: {outcome}",
                            breaks.len()
                        );
                        if verdict.is_err() {
                            let how = format!("{cells}: {outcome}\n    {}", one.how);
                            unproved.lock().expect("no holder panics").push(how);
                        }
                    }
                    Ok(())
                });
            });
        }
    });
    let unproved = unproved.into_inner().expect("no holder panics");
    println!(
        "{} of {} broken gates proved",
        breaks.len() - unproved.len(),
        breaks.len()
    );
    assert!(unproved.is_empty(), "not proved:\n{}", unproved.join("\n"));
}

/// More broken gates than this are shared between two worlds.
const ONE_WORLD: usize = 12;

/// Serves one broken gate, and walks.
async fn try_one(world: &World, table: &Table<'_>, one: &Break) -> Result {
    table.front.alter(one.altered.clone());
    let walked = if one.all {
        table.walk_all(&one.cells).await
    } else {
        let state = one.cells[0].split(" × ").nth(1).unwrap_or_default();
        table.walk(state, &one.cells).await
    };
    // A broken gate may throw; that is no fault of the page's.
    world.browser.forget_console().await;
    let wrong = walked?;
    if table.front.found() == 0 {
        return Err("the server sends another gate than the one that was broken".into());
    }
    let others: Vec<String> = wrong
        .iter()
        .filter(|wrong| !one.cells.contains(&wrong.cell()))
        .map(ToString::to_string)
        .collect();
    let holding: Vec<&str> = one
        .cells
        .iter()
        .filter(|cell| !wrong.iter().any(|wrong| wrong.cell() == **cell))
        .map(String::as_str)
        .collect();
    match (&holding[..], &others[..]) {
        ([], []) => Ok(()),
        ([], others) => Err(format!("fails as well: {}", others.join("; ")).into()),
        (holding, others) => Err(format!(
            "holds all the same: {}; fails: {}",
            holding.join(", "),
            others.join("; ")
        )
        .into()),
    }
}
