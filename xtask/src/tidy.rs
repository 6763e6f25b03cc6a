//! `cargo xtask tidy`: the house rules that no other tool checks. Also a test of this package.
//!
//! A rule is a function from a file to findings; each finding ends with how to mend it.

mod file;
mod link;
mod locale;
mod manifest;
mod source;
mod text;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::repo::Repo;

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: PathBuf,
    line: usize,
    /// What is wrong and how to mend it.
    text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.text)
    }
}

/// Checks the checkout and prints every finding.
pub(crate) fn run(repo: &Repo) -> Result<()> {
    let findings = check(&repo.root)?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("one thing to tidy, named above with its remedy"),
        n => bail!("{n} things to tidy, each named above with its remedy"),
    }
}

fn check(root: &Path) -> Result<Vec<Finding>> {
    let files = file::all(root)?;
    let mut findings = Vec::new();
    for file in &files {
        text::check(file, &mut findings);
        source::check(file, &mut findings);
        manifest::check(file, &mut findings);
        link::check(file, &files, &mut findings);
    }
    locale::check(&files, &mut findings);
    findings.sort();
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("xtask lies in the root");
        let findings = check(root).expect("every file can be read");
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "\n{}", lines.join("\n"));
    }
}
