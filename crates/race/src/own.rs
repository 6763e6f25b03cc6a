//! Sayso as a site has it: the built binary's files and snippets for the demo's configuration, and the server behind.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::{Child, Command};

use crate::file::File;
use crate::wait::until;

/// What the server of the product says of `sayso.js`, which keeps its name.
const AN_HOUR: &str = "public, max-age=3600";

/// The binary over a site of its own.
#[derive(Debug)]
pub(crate) struct Own {
    program: PathBuf,
    sites: PathBuf,
    folder: PathBuf,
}

/// A running `sayso serve`; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    _process: Child,
}

impl Own {
    /// The demo's configuration with the origin that is measured, in `folder`.
    pub(crate) fn new(program: &Path, demo: &Path, folder: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(demo).with_context(|| demo.display().to_string())?;
        let mut found = false;
        let lines: Vec<_> = text
            .lines()
            .map(|line| {
                let origins = line.starts_with("origins = ");
                found |= origins;
                if origins {
                    "origins = [\"https://localhost:*\"]"
                } else {
                    line
                }
            })
            .collect();
        ensure!(found, "{} names no origins", demo.display());
        let sites = folder.join("sites");
        std::fs::create_dir_all(sites.join("demo"))?;
        std::fs::write(sites.join("demo/sayso.toml"), lines.join("\n"))?;
        Ok(Self {
            program: program.to_owned(),
            sites,
            folder: folder.to_owned(),
        })
    }

    /// What `sayso snippet` prints.
    pub(crate) async fn snippet(&self, options: &[&str]) -> Result<String> {
        self.run(&[&["snippet", "--lang", "en"], options].concat())
            .await
    }

    /// What `sayso build` writes, under the paths that the server would serve it at.
    pub(crate) async fn files(&self) -> Result<HashMap<String, File>> {
        let out = self.folder.join("dist");
        self.run(&["build", "--out", &out.to_string_lossy()])
            .await?;
        let mut files = HashMap::new();
        let gate = std::fs::read(out.join("sayso.en.js"))?;
        let gate = File::new("sayso.js", &gate).kept(AN_HOUR);
        files.insert("/sayso/sayso.js".to_owned(), gate);
        for entry in std::fs::read_dir(out.join("a"))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // No visit loads these: they are the page that checks receipts.
            if !name.starts_with("verify") {
                let file = File::new(&name, &std::fs::read(entry.path())?);
                files.insert(format!("/sayso/a/{name}"), file);
            }
        }
        Ok(files)
    }

    /// Starts the server that takes the receipts, with an empty ledger.
    pub(crate) async fn serve(&self) -> Result<Running> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let log = self.folder.join("sayso.log");
        let file = std::fs::File::create(&log)?;
        let mut process = Command::new(&self.program)
            .arg("serve")
            .arg("--sites")
            .arg(&self.sites)
            .arg("--data")
            .arg(self.folder.join("data"))
            .args(["--listen", &address.to_string()])
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        until("sayso serve to answer", async || {
            if let Some(status) = process.try_wait()? {
                let said = std::fs::read_to_string(&log).unwrap_or_default();
                bail!("sayso serve ended with {status}: {said}");
            }
            Ok(tokio::net::TcpStream::connect(address).await.is_ok())
        })
        .await?;
        Ok(Running {
            address,
            _process: process,
        })
    }

    async fn run(&self, arguments: &[&str]) -> Result<String> {
        let (command, options) = arguments.split_first().context("a command")?;
        let work = Command::new(&self.program)
            .arg(command)
            .arg("--sites")
            .arg(&self.sites)
            .args(["--site", "demo"])
            .args(options)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(Duration::from_secs(60), work)
            .await
            .with_context(|| format!("sayso {command} does not end"))??;
        ensure!(
            output.status.success(),
            "sayso {command}: {}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
        Ok(String::from_utf8(output.stdout)?)
    }
}
