//! The compiled tests: built once, run one executable after the other, counted.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::length::AT_LENGTH;
use super::lint::Linter;
use crate::native::Binaries;
use crate::process::shown;
use crate::repo::Repo;
use crate::summary::Count;

/// The package whose tests need a browser and everything built.
const END_TO_END: &str = "sayso-tests";

/// One executable full of tests.
struct Tests {
    package: String,
    target: String,
    /// Where its package lies; cargo runs tests there.
    folder: PathBuf,
    program: PathBuf,
}

/// Everything that `build` made.
pub(super) struct Suite {
    tests: Vec<Tests>,
    programs: Vec<(String, PathBuf)>,
    /// What the tests find in their environment.
    variables: Vec<(&'static str, PathBuf)>,
    /// Looks at our own code while it is compiled.
    linter: Linter,
}

impl Suite {
    /// Nothing yet.
    pub(super) fn new(repo: &Repo) -> Self {
        Self {
            tests: Vec::new(),
            programs: Vec::new(),
            variables: Vec::new(),
            linter: Linter::find(repo),
        }
    }

    /// Builds libraries, programs and tests in one run; after an error what could be built is there all the same. This
    /// tool is apart: together with it, the libraries that both use would be compiled once more.
    pub(super) fn build(&mut self, repo: &Repo) -> Result<()> {
        let ours = self.compile(repo, &["--workspace", "--exclude", "xtask"]);
        self.compile(repo, &["--package", "xtask"]).and(ours)
    }

    fn compile(&mut self, repo: &Repo, packages: &[&str]) -> Result<()> {
        let mut cargo = self.linter.cargo(repo);
        cargo
            .args([
                "build",
                "--all-targets",
                "--keep-going",
                "--message-format=json",
            ])
            .args(packages)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = cargo
            .spawn()
            .with_context(|| format!("starting {}", shown(&cargo)))?;
        let lines = BufReader::new(child.stdout.take().context("cargo's output")?).lines();
        for line in lines {
            let message: Value =
                serde_json::from_str(&line?).context("reading cargo's messages")?;
            self.linter.note(&message);
            self.note(&message);
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("{} ended with {status}", shown(&cargo));
        }
        Ok(())
    }

    /// Takes the executables out of one of cargo's messages.
    fn note(&mut self, message: &Value) {
        let Some(program) = message["executable"].as_str().map(PathBuf::from) else {
            return;
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let target = &message["target"];
        let kinds: Vec<String> = target["kind"]
            .as_array()
            .into_iter()
            .flatten()
            .map(&text)
            .collect();
        let name = text(&target["name"]);
        if message["profile"]["test"] != true {
            if kinds.iter().any(|kind| kind == "bin") {
                self.programs.push((name, program));
            }
            return;
        }
        // Benchmarks and examples are compiled, not run.
        if kinds
            .iter()
            .any(|kind| kind == "bench" || kind == "example")
        {
            return;
        }
        let manifest = PathBuf::from(text(&message["manifest_path"]));
        self.tests.push(Tests {
            package: package(&text(&message["package_id"])),
            target: name,
            folder: manifest.parent().map(PathBuf::from).unwrap_or_default(),
            program,
        });
    }

    /// Whether what was compiled is as it should be.
    pub(super) fn lints(&self) -> Result<()> {
        self.linter.verdict()
    }

    /// Whether anything looks at the code while it is compiled.
    pub(super) fn is_linted(&self) -> bool {
        self.linter.is_there()
    }

    /// The programs that were built along with the tests.
    pub(super) fn binaries(&self) -> Result<Binaries> {
        let find = |name: &str| {
            let found = self.programs.iter().find(|(own, _)| own == name);
            found
                .map(|(_, path)| path.clone())
                .with_context(|| format!("no program `{name}` was built"))
        };
        Ok(Binaries {
            sayso: find("sayso")?,
            demo: find("sayso-demo")?,
        })
    }

    /// Adds to what the tests find in their environment.
    pub(super) fn variables(&mut self, more: impl IntoIterator<Item = (&'static str, PathBuf)>) {
        self.variables.extend(more);
    }

    /// Runs all tests that need no browser.
    pub(super) fn native(&self, repo: &Repo, filter: Option<&str>) -> Result<Count> {
        let arguments: Vec<&str> = filter.into_iter().collect();
        self.run(repo, &arguments, &[], |tests| tests.package != END_TO_END)
    }

    /// Runs the tests that drive a browser: all of them `at_length`, or where one is asked for by name.
    pub(super) fn end_to_end(
        &self,
        repo: &Repo,
        filter: Option<&str>,
        at_length: bool,
    ) -> Result<Count> {
        // Browsers are waited for more than they compute: one test more than there are processors.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = [("RUST_TEST_THREADS", (cores + 1).to_string().into())];
        let mut arguments: Vec<&str> = filter.into_iter().collect();
        if filter.is_none() && !at_length {
            arguments.extend(AT_LENGTH.iter().flat_map(|name| ["--skip", *name]));
        }
        self.run(repo, &arguments, &threads, |tests| {
            tests.package == END_TO_END
        })
    }

    /// Runs the examples in the documentation comments of every library, against the libraries that are built already.
    pub(super) fn documentation(&self, repo: &Repo, filter: Option<&str>) -> Result<Count> {
        let mut cargo = self.linter.cargo(repo);
        cargo
            .args([
                "test",
                "--quiet",
                "--doc",
                "--workspace",
                "--exclude",
                "xtask",
                "--",
            ])
            .args(filter);
        watch("documentation", repo, &mut cargo)
    }

    fn run(
        &self,
        repo: &Repo,
        arguments: &[&str],
        more: &[(&'static str, PathBuf)],
        wanted: fn(&Tests) -> bool,
    ) -> Result<Count> {
        let sayso = self.binaries().map(|binaries| binaries.sayso);
        let mut count = Count::default();
        for tests in self.tests.iter().filter(|tests| wanted(tests)) {
            let mut command = tests.command(repo);
            let variables = self.variables.iter().chain(more);
            command.envs(variables.map(|(name, value)| (name, value)));
            if let Ok(sayso) = &sayso {
                command.env("SAYSO_BIN", sayso);
            }
            // Skipped scenarios say so in their output, which is shown only on request.
            command.arg("--show-output").args(arguments);
            count += watch(&tests.name(), repo, &mut command)?;
        }
        Ok(count)
    }
}

impl Tests {
    fn command(&self, repo: &Repo) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("INSTA_WORKSPACE_ROOT", &repo.root);
        if std::env::var_os("CI").is_some() {
            command.env("INSTA_UPDATE", "no");
        }
        command
    }

    fn name(&self) -> String {
        if self.package.replace('-', "_") == self.target {
            self.package.clone()
        } else {
            format!("{}: {}", self.package, self.target)
        }
    }
}

/// Runs a test program, shows its verdicts as they come, its words only if it fails, and counts.
fn watch(name: &str, repo: &Repo, command: &mut Command) -> Result<Count> {
    println!("--- {name}");
    let log = repo.target.join("test-errors.txt");
    let errors =
        std::fs::File::create(&log).with_context(|| format!("writing {}", log.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .with_context(|| format!("starting {}", shown(command)))?;
    let mut count = Count::default();
    let mut words = String::new();
    let (mut quiet, mut skipped) = (false, 0);
    for line in BufReader::new(child.stdout.take().context("the tests' output")?).lines() {
        let line = line?;
        if line.starts_with("test ") && line.contains(" ... ") {
            println!("{line}");
        }
        if line.starts_with("SKIPPED ") {
            println!("{line}");
            skipped += 1;
        }
        count += read(&line);
        if line == "successes:" || line == "failures:" {
            quiet = line == "successes:";
        }
        if !quiet {
            words.push_str(&line);
            words.push('\n');
        }
    }
    // The harness counts as passed what says itself that it was skipped.
    count.passed = count.passed.saturating_sub(skipped);
    count.skipped += skipped;
    let status = child.wait()?;
    if !status.success() {
        println!("{words}");
        print!("{}", std::fs::read_to_string(&log).unwrap_or_default());
        // A crash takes its count with it.
        if count.failed == 0 {
            count.failed = 1;
        }
    }
    Ok(count)
}

/// What one line of a test program's output adds.
fn read(line: &str) -> Count {
    let mut count = Count::default();
    let Some(result) = line.strip_prefix("test result: ") else {
        return count;
    };
    for part in result.split([';', '.']) {
        let mut words = part.split_whitespace();
        if let (Some(Ok(number)), Some(kind)) =
            (words.next().map(str::parse::<usize>), words.next())
        {
            match kind {
                "passed" => count.passed = number,
                "failed" => count.failed = number,
                "ignored" => count.skipped = number,
                _ => {}
            }
        }
    }
    count
}

/// The package's name from cargo's id of it: `path+file:///a/b#name@1.0.0`, or `path+file:///a/name#1.0.0`.
fn package(id: &str) -> String {
    let (place, rest) = id.split_once('#').unwrap_or((id, ""));
    match rest.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => place.rsplit('/').next().unwrap_or(place).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_the_harness() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.03s";
        let count = read(line);
        assert_eq!((count.passed, count.failed, count.skipped), (12, 3, 1));
        assert_eq!(read("test a ... ok"), Count::default());
    }

    #[test]
    fn packages_are_told_by_either_form_of_id() {
        assert_eq!(
            package("path+file:///x/tests#sayso-tests@0.0.1"),
            "sayso-tests"
        );
        assert_eq!(package("path+file:///x/xtask#0.0.1"), "xtask");
    }
}
