//! What the tests of the command share: the binary, the vectors, folders, other languages' interpreters.

#![allow(dead_code, reason = "every test file takes what it needs")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot read its own files has to stop"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A file of the vectors.
pub(crate) fn vectors(name: &str) -> Value {
    let path = workspace().join("vectors").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The case of this name in `receipt.json`.
pub(crate) fn case(vectors: &Value, name: &str) -> Value {
    vectors["cases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["name"] == name)
        .unwrap()
        .clone()
}

/// What is asked of a refused case's witnesses, as arguments: all that are known, and how many of them.
pub(crate) fn demanded(vectors: &Value, refused: &Value) -> Vec<String> {
    let mut arguments: Vec<String> = vectors["witnesses"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|key| ["--witness".to_owned(), key.as_str().unwrap().to_owned()])
        .collect();
    let quorum = refused["quorum"].as_u64().unwrap_or(0);
    arguments.extend(["--quorum".to_owned(), quorum.to_string()]);
    arguments
}

/// What the command said and how it ended.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs the built binary.
pub(crate) fn sayso<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Said {
    Command::new(env!("CARGO_BIN_EXE_sayso"))
        .args(arguments)
        .output()
        .unwrap()
        .into()
}

/// A folder with a receipt and keys in it, for one run of `sayso verify`.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Verifies a file with keys, both given as they lie on disk.
    pub(crate) fn verify(&self, file: impl AsRef<[u8]>, keys: impl AsRef<[u8]>) -> Said {
        self.verify_with(file, keys, &[])
    }

    /// The same with more on the command line.
    pub(crate) fn verify_with(
        &self,
        file: impl AsRef<[u8]>,
        keys: impl AsRef<[u8]>,
        more: &[&str],
    ) -> Said {
        let (file, keys) = (self.put("receipt.json", file), self.put("keys.json", keys));
        let mut arguments = vec![
            "verify".as_ref(),
            file.as_os_str(),
            "--keys".as_ref(),
            keys.as_os_str(),
        ];
        arguments.extend(more.iter().map(std::ffi::OsStr::new));
        sayso(arguments)
    }
}

/// A Python that has jwcrypto, or why there is none.
pub(crate) fn python() -> Result<&'static Path, &'static str> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOUND
        .get_or_init(find_python)
        .as_deref()
        .map_err(String::as_str)
}

/// The folder to import npm `jose` from, or why there is none.
pub(crate) fn jose() -> Result<&'static Path, &'static str> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOUND
        .get_or_init(find_jose)
        .as_deref()
        .map_err(String::as_str)
}

/// Says that a test was skipped and what it needs; with `SAYSO_STRICT=1` that is a failure.
pub(crate) fn skipped(test: &str, reason: &str) {
    let said = format!("SKIPPED {test}: {reason}");
    assert!(
        std::env::var("SAYSO_STRICT").as_deref() != Ok("1"),
        "{said}"
    );
    println!("{said}");
}

fn checkers() -> PathBuf {
    // The binary lies in target/<profile>/, whatever the target folder is called.
    Path::new(env!("CARGO_BIN_EXE_sayso"))
        .ancestors()
        .nth(2)
        .unwrap()
        .join("checkers")
}

fn find_python() -> Result<PathBuf, String> {
    if let Some(python) = std::env::var_os("SAYSO_PYTHON") {
        return Ok(python.into());
    }
    let folder = checkers().join("python");
    let python = folder.join("bin/python");
    let pinned = "import importlib.metadata as m; assert m.version('jwcrypto') == '1.6.1'";
    if run(Command::new(&python).args(["-c", pinned])).is_ok() {
        return Ok(python);
    }
    let remedy =
        "no Python with venv and pip, or no way to fetch jwcrypto (apt-get install python3-venv)";
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        .and_then(|()| {
            let pip = [
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ];
            run(Command::new(&python)
                .args(pip)
                .arg(workspace().join("vectors/requirements.txt")))
        })
        .map_err(|error| format!("{remedy}: {error}"))?;
    Ok(python)
}

fn find_jose() -> Result<PathBuf, String> {
    if let Some(folder) = std::env::var_os("SAYSO_JOSE") {
        return Ok(folder.into());
    }
    let folder = checkers().join("npm");
    let manifest =
        fs::read_to_string(folder.join("node_modules/jose/package.json")).unwrap_or_default();
    if !manifest.contains("\"version\": \"6.2.17\"") {
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let install = [
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--save-exact",
            "jose@6.2.17",
            "--prefix",
        ];
        run(Command::new("npm").args(install).arg(&folder)).map_err(|error| {
            format!("no Node.js with npm, or no way to fetch jose (apt-get install npm): {error}")
        })?;
    }
    Ok(folder)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let message = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Ok(())
    } else {
        Err(message.trim().to_owned())
    }
}
