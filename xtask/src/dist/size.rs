//! What a visitor downloads, and what it may weigh at most (1 kB = 1000 bytes, brotli 11).

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::compress::beside;
use crate::repo::Repo;
use crate::stamp::read;

/// A budget: what is loaded together, from which files of `dist/`, and its limit in bytes after brotli.
struct Budget {
    name: &'static str,
    files: &'static [&'static str],
    limit: usize,
}

/// The gate with its first layer: the file of each language, since each has its own words.
const GATE: usize = 6_000;

const BUDGETS: [Budget; 5] = [
    Budget {
        name: "snippet",
        files: &["snippet.js"],
        limit: 800,
    },
    // No answered visit loads it, and it takes in what the first file need not know: the design gives it no budget.
    Budget {
        name: "gate's second file",
        files: &["late.js"],
        limit: 5_000,
    },
    Budget {
        name: "settle",
        files: &["settle_bg.wasm", "settle.js"],
        limit: 50_000,
    },
    Budget {
        name: "app",
        files: &["app_bg.wasm", "app.js"],
        limit: 125_000,
    },
    Budget {
        name: "page that checks",
        files: &["verify_bg.wasm", "verify.js", "verify_page.js"],
        limit: 80_000,
    },
];

/// The bytes of one budget's files.
pub(crate) struct Size {
    pub(crate) name: String,
    pub(crate) raw: usize,
    pub(crate) gzip: usize,
    pub(crate) brotli: usize,
    pub(crate) limit: usize,
}

/// Every budget with what was measured.
pub(crate) struct Table(pub(crate) Vec<Size>);

/// Measures what lies in `dist/`.
pub(crate) fn measure(repo: &Repo) -> Result<Table> {
    let dist = repo.dist();
    let mut rows = Vec::new();
    for language in languages(&dist)? {
        let name = format!("gate, first layer ({language})");
        rows.push(row(&dist, name, &[&format!("sayso.{language}.js")], GATE)?);
    }
    for budget in &BUDGETS {
        rows.push(row(
            &dist,
            budget.name.to_owned(),
            budget.files,
            budget.limit,
        )?);
    }
    Ok(Table(rows))
}

/// The bytes of some files together.
fn row(dist: &Path, name: String, files: &[&str], limit: usize) -> Result<Size> {
    let mut row = Size {
        name,
        raw: 0,
        gzip: 0,
        brotli: 0,
        limit,
    };
    for file in files {
        let path = dist.join(file);
        row.raw += length(&path)?;
        row.gzip += length(&beside(&path, "gz"))?;
        row.brotli += length(&beside(&path, "br"))?;
    }
    Ok(row)
}

/// The languages that the site's gate was made in: each has a `sayso.<language>.js`.
fn languages(dist: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dist).with_context(|| format!("reading {}", dist.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let language = name
            .strip_prefix("sayso.")
            .and_then(|rest| rest.strip_suffix(".js"))
            .filter(|language| *language != "dev");
        found.extend(language.map(str::to_owned));
    }
    if found.is_empty() {
        bail!("{} has the gate in no language", dist.display());
    }
    found.sort();
    Ok(found)
}

fn length(path: &Path) -> Result<usize> {
    Ok(read(path)?.len())
}

impl Table {
    /// Fails when something is heavier than it may be.
    pub(crate) fn check(&self) -> Result<()> {
        let over: Vec<String> = self
            .0
            .iter()
            .filter(|row| row.brotli > row.limit)
            .map(|row| {
                format!(
                    "{} is {} bytes over its budget",
                    row.name,
                    row.brotli - row.limit
                )
            })
            .collect();
        if over.is_empty() {
            return Ok(());
        }
        bail!(
            "{}; make it smaller, the budgets are a promise to visitors",
            over.join(", ")
        )
    }

    /// The same as JSON, for programs.
    pub(crate) fn json(&self) -> serde_json::Value {
        self.0
            .iter()
            .map(|row| {
                serde_json::json!({
                    "name": row.name,
                    "raw": row.raw,
                    "gzip": row.gzip,
                    "brotli": row.brotli,
                    "limit": row.limit,
                })
            })
            .collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = "-".repeat(66);
        writeln!(
            f,
            "{:<26}{:>10}{:>10}{:>10}{:>10}",
            "bytes", "raw", "gzip", "brotli", "budget"
        )?;
        writeln!(f, "{line}")?;
        for row in &self.0 {
            let mark = if row.brotli > row.limit {
                "  too big"
            } else {
                ""
            };
            writeln!(
                f,
                "{:<26}{:>10}{:>10}{:>10}{:>10}{mark}",
                row.name, row.raw, row.gzip, row.brotli, row.limit
            )?;
        }
        write!(f, "{line}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_kept_to_the_byte() {
        let row = |brotli| Size {
            name: "gate".to_owned(),
            raw: 20_000,
            gzip: 7_000,
            brotli,
            limit: 6_000,
        };
        assert!(Table(vec![row(6_000)]).check().is_ok());
        let error = Table(vec![row(6_001)]).check().expect_err("is over");
        assert!(
            error.to_string().contains("gate is 1 bytes over"),
            "{error}"
        );
    }
}
