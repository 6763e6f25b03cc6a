//! Broken gates: `tests/breaks.toml` has, for each cell of the table under `tests/table/`, a one-line edit of a gate's
//! source that must make exactly that cell fail. Here the edits become gates; the table's own test serves them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::json;
use toml::{Table, Value};

use crate::repo::Repo;
use crate::stamp::{read_text, write};
use crate::{dist, native, process};

/// What the table's test finds the broken gates by.
pub(super) const VARIABLE: &str = "SAYSO_BREAKS";

/// The cells whose breaks every ordinary test proves, each in its own state alone.
const FEW: [&str; 6] = [
    "img × before",
    "inline × refused",
    "cookies × withdrawn",
    "google × before",
    "layer × given",
    "external × older",
];

/// A one-line edit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Break {
    /// The cell that must fail, such as `img × before`.
    cell: String,
    /// The source below `www/gate/`.
    file: String,
    /// What stands there once.
    find: String,
    /// What takes its place.
    put: String,
}

/// Proves every break whose cell contains the filter, and that no cell is without one.
pub(super) fn run(repo: &Repo, filter: Option<&str>) -> Result<()> {
    let breaks = read(repo)?;
    let missing: Vec<String> = cells(repo)?
        .into_iter()
        .filter(|cell| !breaks.iter().any(|one| one.cell == *cell))
        .collect();
    let wanted: Vec<Break> = breaks
        .into_iter()
        .filter(|one| filter.is_none_or(|part| one.cell.contains(part)))
        .collect();
    dist::scripts(repo)?;
    let mut maker = Maker::new(repo)?;
    for one in &wanted {
        maker.add(std::slice::from_ref(one), false)?;
    }
    // That a break does nothing in other states shows as well when each state has one.
    if filter.is_none() {
        for together in together(&wanted, &cells(repo)?) {
            maker.add(&together, true)?;
        }
    }
    println!("{} breaks, in {} gates", wanted.len(), maker.list.len());
    let manifest = maker.write()?;
    let binaries = native::build(repo)?;
    process::run(
        repo.cargo()
            .args([
                "test",
                "--package=sayso-tests",
                "--test=table",
                "--",
                "each_break",
                "--nocapture",
            ])
            .env(VARIABLE, manifest)
            .env("SAYSO_BIN", binaries.sayso),
    )?;
    if !missing.is_empty() {
        bail!("cells without a break:\n  {}", missing.join("\n  "));
    }
    Ok(())
}

/// Makes the few that every test proves; gives what the test finds in its environment.
pub(super) fn few(repo: &Repo) -> Result<(&'static str, PathBuf)> {
    let breaks = read(repo)?;
    let few: Vec<Break> = FEW
        .iter()
        .map(|cell| {
            let found = breaks.iter().find(|one| one.cell == *cell);
            found
                .cloned()
                .with_context(|| format!("tests/breaks.toml has no break for {cell}"))
        })
        .collect::<Result<_>>()?;
    let mut maker = Maker::new(repo)?;
    for one in &few {
        maker.add(std::slice::from_ref(one), false)?;
    }
    Ok((VARIABLE, maker.write()?))
}

/// Makes broken gates, and lists what differs from the real one.
struct Maker<'a> {
    repo: &'a Repo,
    sources: PathBuf,
    real: BTreeMap<String, String>,
    list: Vec<serde_json::Value>,
}

impl<'a> Maker<'a> {
    fn new(repo: &'a Repo) -> Result<Self> {
        let sources = repo.root.join("www/gate");
        let real = dist::script_pieces(&sources, &|path: &Path| read_text(path))?;
        Ok(Self {
            repo,
            sources,
            real,
            list: Vec::new(),
        })
    }

    /// A gate with these breaks; the test walks through all states, or only that of the one cell.
    fn add(&mut self, breaks: &[Break], all: bool) -> Result<()> {
        let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
        for one in breaks {
            let file = self.sources.join(&one.file);
            let whole = match files.get(&file) {
                Some(broken) => broken.clone(),
                None => read_text(&file)?,
            };
            if whole.matches(&one.find).count() != 1 {
                bail!(
                    "tests/breaks.toml: {}: www/gate/{} must have exactly once `{}`",
                    one.cell,
                    one.file,
                    one.find
                );
            }
            if one.put.contains('\n') || one.find.contains('\n') {
                bail!("tests/breaks.toml: {}: a break is one line", one.cell);
            }
            files.insert(file, whole.replace(&one.find, &one.put));
        }
        let cells: Vec<&str> = breaks.iter().map(|one| one.cell.as_str()).collect();
        let read = |path: &Path| {
            files
                .get(path)
                .map_or_else(|| read_text(path), |broken| Ok(broken.clone()))
        };
        let pieces = dist::script_pieces(&self.sources, &read)
            .with_context(|| format!("tests/breaks.toml: {}", cells.join(", ")))?;
        let altered: Vec<[&str; 2]> = self
            .real
            .iter()
            .filter_map(|(name, text)| {
                let broken = pieces.get(name)?;
                (broken != text).then_some([text.as_str(), broken.as_str()])
            })
            .collect();
        if altered.is_empty() {
            bail!(
                "tests/breaks.toml: {}: the gate is the same with it",
                cells.join(", ")
            );
        }
        let how: Vec<String> = breaks
            .iter()
            .map(|one| format!("{}: {}", one.file, one.put))
            .collect();
        self.list
            .push(json!({ "cells": cells, "all": all, "how": how.join("; "), "altered": altered }));
        Ok(())
    }

    fn write(&self) -> Result<PathBuf> {
        let file = self.repo.target.join("breaks.json");
        write(&file, json!(self.list).to_string().as_bytes())?;
        Ok(file)
    }
}

/// Breaks that are tried at once, one in each state. No two of them meet more than once, so none can hide for good what
/// another does in its state.
fn together(breaks: &[Break], cells: &[String]) -> Vec<Vec<Break>> {
    let names = |part: usize| -> Vec<&str> {
        let mut names: Vec<&str> = cells
            .iter()
            .filter_map(|cell| cell.split(" × ").nth(part))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let (features, states) = (names(0), names(1));
    // The second step is prime to how many there are, and its difference from the first too far to come around.
    let steps = [1, if features.len() % 3 == 0 { 5 } else { 3 }];
    let mut groups = Vec::new();
    for step in steps {
        for first in 0..features.len() {
            let cell = |(at, state): (usize, &&str)| {
                format!(
                    "{} × {state}",
                    features[(first + at * step) % features.len()]
                )
            };
            let wanted: Vec<String> = states.iter().enumerate().map(cell).collect();
            let group: Vec<Break> = breaks
                .iter()
                .filter(|one| wanted.contains(&one.cell))
                .cloned()
                .collect();
            groups.push(group);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// Every cell of the table by name; that no state is missing is the table's own test.
fn cells(repo: &Repo) -> Result<Vec<String>> {
    let mut cells = Vec::new();
    for entry in std::fs::read_dir(repo.root.join("tests/table"))? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text: Table = read_text(&path)?
            .parse()
            .with_context(|| path.display().to_string())?;
        let states = text.get("cells").and_then(Value::as_table);
        for state in states.into_iter().flat_map(Table::keys) {
            cells.push(format!("{name} × {state}"));
        }
    }
    cells.sort();
    Ok(cells)
}

/// Every break: for each feature one line for all its states, `{when}` standing for the state's condition, or a line of
/// its own for a state.
fn read(repo: &Repo) -> Result<Vec<Break>> {
    let file = repo.root.join("tests/breaks.toml");
    let text: Table = read_text(&file)?
        .parse()
        .with_context(|| file.display().to_string())?;
    expand(text, &cells(repo)?)
}

fn expand(mut text: Table, cells: &[String]) -> Result<Vec<Break>> {
    let when: BTreeMap<String, String> = match text.remove("when") {
        Some(when) => when.try_into().context("tests/breaks.toml: [when]")?,
        None => bail!("tests/breaks.toml: no [when]"),
    };
    let mut breaks = Vec::new();
    for cell in cells {
        let (feature, state) = cell.split_once(" × ").context("a cell has two names")?;
        let Some(own) = text.get(feature).and_then(Value::as_table) else {
            continue;
        };
        let special = own.get(state).and_then(Value::as_table);
        let member = |name: &str| {
            let value = special
                .and_then(|special| special.get(name))
                .or_else(|| own.get(name));
            value
                .and_then(Value::as_str)
                .with_context(|| format!("tests/breaks.toml: {cell} has no {name}"))
        };
        let condition = when
            .get(state)
            .with_context(|| format!("tests/breaks.toml: [when] has no {state}"))?;
        breaks.push(Break {
            cell: cell.clone(),
            file: member("file")?.to_owned(),
            find: member("find")?.to_owned(),
            put: member("put")?.replace("{when}", &format!("({condition})")),
        });
    }
    for (feature, own) in &text {
        let states = own.as_table().into_iter().flatten();
        for (state, _) in states.filter(|(_, value)| value.is_table()) {
            if !cells.contains(&format!("{feature} × {state}")) {
                bail!("tests/breaks.toml: there is no cell {feature} × {state}");
            }
        }
        if !cells
            .iter()
            .any(|cell| cell.starts_with(&format!("{feature} × ")))
        {
            bail!("tests/breaks.toml: there is no feature {feature}");
        }
    }
    Ok(breaks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<Vec<Break>> {
        let cells = ["img × before".to_owned(), "img × given".to_owned()];
        expand(text.parse().expect("is TOML"), &cells)
    }

    #[test]
    fn one_line_serves_every_state_unless_it_has_its_own() {
        let breaks = expanded(
            "[when]\nbefore = 'a'\ngiven = 'b'\n[img]\nfile = 'open.js'\nfind = 'x'\nput = 'y || {when}'\n\
             [img.given]\nput = 'z'",
        )
        .expect("is in order");
        let puts: Vec<&str> = breaks.iter().map(|one| one.put.as_str()).collect();
        assert_eq!(puts, ["y || (a)", "z"]);
    }

    #[test]
    fn no_two_breaks_are_tried_together_twice() {
        let named = |feature: u32, state: u32| format!("f{feature} × s{state:02}");
        let cells: Vec<String> = (10..36)
            .flat_map(|feature| (0..12).map(move |state| named(feature, state)))
            .collect();
        let breaks: Vec<Break> = cells
            .iter()
            .map(|cell| Break {
                cell: cell.clone(),
                file: String::new(),
                find: String::new(),
                put: String::new(),
            })
            .collect();
        let groups = together(&breaks, &cells);
        let mut pairs = std::collections::BTreeSet::new();
        for group in &groups {
            assert_eq!(group.len(), 12);
            for (at, one) in group.iter().enumerate() {
                for other in &group[at + 1..] {
                    assert!(
                        pairs.insert((one.cell.clone(), other.cell.clone())),
                        "{one:?} {other:?}"
                    );
                }
            }
        }
        assert_eq!(groups.len(), 2 * 26);
    }

    #[test]
    fn what_belongs_to_no_cell_is_refused() {
        let when = "[when]\nbefore = 'a'\ngiven = 'b'\n";
        let img = "[img]\nfile = 'f'\nfind = 'x'\nput = 'y'\n";
        let refused = |text: &str| expanded(text).expect_err("is refused").to_string();
        assert!(refused(&format!("{when}[gif]\nfind = 'x'")).contains("no feature gif"));
        assert!(
            refused(&format!("{when}{img}[img.never]\nput = 'x'")).contains("no cell img × never")
        );
        assert!(refused(&format!("{when}[img]\nfind = 'x'")).contains("has no file"));
        assert!(refused(img).contains("no [when]"));
    }

    #[test]
    fn every_break_of_the_gate_fits_its_source() {
        let repo = Repo::find().expect("this is a checkout");
        let sources = repo.root.join("www/gate");
        for one in read(&repo).expect("tests/breaks.toml is in order") {
            let text = read_text(&sources.join(&one.file)).expect("the file is there");
            assert_eq!(
                text.matches(&one.find).count(),
                1,
                "{}: {} in {}",
                one.cell,
                one.find,
                one.file
            );
        }
    }
}
