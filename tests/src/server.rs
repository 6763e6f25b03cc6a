//! The real `sayso` binary, started, stopped and started again.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::process::Process;
use crate::{Result, until_within};

/// A debug build compresses its pieces when it starts, which takes a while beside a running compiler.
const START: Duration = Duration::from_secs(60);

/// A `sayso serve` over a data folder that outlives its restarts.
#[derive(Debug)]
pub struct Server {
    program: PathBuf,
    sites: PathBuf,
    data: PathBuf,
    log: PathBuf,
    port: u16,
    process: Option<Process>,
}

impl Server {
    /// Starts the binary on a free port with the sites in `sites`; data and log lie in `folder`.
    pub(crate) async fn start(sites: &Path, folder: &Path) -> Result<Self> {
        let mut server = Self {
            program: program()?,
            sites: sites.to_owned(),
            data: folder.join("data"),
            log: folder.join("sayso.log"),
            port: free_port()?,
            process: None,
        };
        server.resume().await?;
        Ok(server)
    }

    /// The origin it listens on.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The binary, for its other commands.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Kills it, as a machine does that loses its power.
    pub fn stop(&mut self) {
        println!("  stop the server");
        self.process = None;
    }

    /// Starts it on the same port and data, and returns when it says that it is ready.
    pub async fn resume(&mut self) -> Result {
        let listen = format!("127.0.0.1:{}", self.port);
        let arguments = [
            "serve".as_ref(),
            "--sites".as_ref(),
            self.sites.as_os_str(),
            "--data".as_ref(),
            self.data.as_os_str(),
            "--listen".as_ref(),
            listen.as_ref(),
        ];
        let mut process = Process::start(&self.program, &arguments, &self.log)?;
        let ready = format!("{}/sayso/readyz", self.origin());
        until_within(START, "sayso to be ready", async || {
            process.check()?;
            let answer = reqwest::get(&ready).await?;
            Ok(answer.status().is_success().then_some(()))
        })
        .await
        .map_err(|error| format!("{error}\n{}", process.output()))?;
        self.process = Some(process);
        Ok(())
    }
}

/// The binary under test: `SAYSO_BIN`, else the debug build of this workspace.
fn program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("SAYSO_BIN") {
        return Ok(program.into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || workspace().join("target"),
        |folder| workspace().join(folder),
    );
    let program = target.join("debug").join("sayso");
    if program.is_file() {
        return Ok(program);
    }
    Err(format!(
        "{} is missing: run `cargo xtask test`, which builds it, or set SAYSO_BIN",
        program.display()
    )
    .into())
}

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
