//! The real binary as a child process: started, asked to stop, killed, stopped in its tracks, looked at from outside.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sayso_core::crypto::Jwks;

use crate::http::{Connection, get};
use crate::receipt::Shown;
use crate::wait::until;

/// A debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// After so many refusals a server that has just started is taken at its word that it is not ready.
const MANY: u32 = 100;
/// How much of a log is worth repeating.
const LAST_WORDS: usize = 2_000;

/// How a server is run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The binary.
    pub program: PathBuf,
    /// The folder of sites.
    pub sites: PathBuf,
    /// The data folder.
    pub data: PathBuf,
    /// Where its output is appended.
    pub log: PathBuf,
    /// What is logged, as in `SAYSO_LOG`.
    pub level: String,
    /// How many writes may be under way, unless it is as many as ever.
    pub writes: Option<usize>,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    started: Duration,
}

/// What the machine has spent on a process so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// Processor time, in seconds.
    pub cpu: f64,
    /// The most memory it ever had, in bytes.
    pub peak: u64,
    /// The memory it has now, in bytes.
    pub now: u64,
}

/// What became of an attempt to start.
#[derive(Debug)]
pub enum Start {
    /// It is ready.
    Ready(Server),
    /// It runs, and says again and again that it cannot keep what it is given.
    Unready(Server),
    /// It ended by itself.
    Refused(ExitStatus),
}

impl Setup {
    /// The binary over a new folder of sites, with data and log in `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        Ok(Self {
            program: program()?,
            sites: crate::site::write(folder)?,
            data: folder.join("data"),
            log: folder.join("sayso.log"),
            level: "warn".to_owned(),
            writes: None,
        })
    }

    /// The same with its data elsewhere.
    pub fn over(mut self, data: &Path) -> Self {
        self.data = data.to_owned();
        self
    }

    /// The folder with the site's data.
    pub fn site(&self) -> PathBuf {
        self.data.join(crate::site::ID)
    }

    /// Starts it; an end instead of readiness is an error.
    pub async fn start(&self) -> Result<Server> {
        match self.try_start().await? {
            Start::Ready(server) => Ok(server),
            Start::Unready(_) => bail!("sayso runs and is not ready:\n{}", self.log()),
            Start::Refused(status) => bail!("sayso ended with {status}:\n{}", self.log()),
        }
    }

    /// Starts it, and returns when it is ready or has ended.
    pub async fn try_start(&self) -> Result<Start> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let output = File::options().create(true).append(true).open(&self.log)?;
        let begin = Instant::now();
        let mut child = Command::new(&self.program)
            .arg("serve")
            .arg("--sites")
            .arg(&self.sites)
            .arg("--data")
            .arg(&self.data)
            .arg("--listen")
            .arg(address.to_string())
            .args(self.writes.map(|count| format!("--writes={count}")))
            .env("SAYSO_LOG", &self.level)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let mut connection = Connection::new(address);
        let request = get("readyz");
        let mut refusals = 0;
        let outcome = until(PATIENCE, "sayso to be ready", async || {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(Err(status)));
            }
            let Ok(answer) = connection.exchange(&request).await else {
                return Ok(None);
            };
            refusals += u32::from(answer.status == 503);
            Ok(match answer.status {
                200 => Some(Ok(true)),
                _ if refusals > MANY => Some(Ok(false)),
                _ => None,
            })
        })
        .await;
        match outcome {
            Ok(Ok(ready)) => {
                let server = Server {
                    child,
                    address,
                    log: self.log.clone(),
                    started: begin.elapsed(),
                };
                Ok(match ready {
                    true => Start::Ready(server),
                    false => Start::Unready(server),
                })
            }
            Ok(Err(status)) => Ok(Start::Refused(status)),
            Err(error) => {
                end(&mut child);
                Err(error.context(self.log()))
            }
        }
    }

    /// The last of what was logged.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let start = log.len().saturating_sub(LAST_WORDS);
        log.get(start..).unwrap_or(&log).to_owned()
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long it took to become ready.
    pub fn started(&self) -> Duration {
        self.started
    }

    /// What a GET below the site's base answers.
    pub async fn get(&self, path: &str) -> Result<(u16, Vec<u8>)> {
        let mut connection = Connection::new(self.address);
        let answer = connection.exchange(&get(path)).await?;
        Ok((answer.status, answer.body.to_vec()))
    }

    /// What receipts have to name.
    pub async fn shown(&self) -> Result<Shown> {
        let (_, body) = self.get("sayso.js?lang=en").await?;
        let script = String::from_utf8_lossy(&body);
        let (_, late) = self.get(Shown::late(&script)?).await?;
        Shown::read(&format!("{script}\n{}", String::from_utf8_lossy(&late)))
    }

    /// The site's published keys.
    pub async fn keys(&self) -> Result<Jwks> {
        let (_, body) = self.get("v1/jwks.json").await?;
        serde_json::from_slice(&body).context("reading the published keys")
    }

    /// Whether it says that it can keep what it is given.
    pub async fn is_ready(&self) -> bool {
        matches!(self.get("readyz").await, Ok((200, _)))
    }

    /// Kills it as a lost machine would (SIGKILL), and waits until it is gone.
    pub fn kill(mut self) {
        end(&mut self.child);
    }

    /// Asks it to stop (SIGTERM), and waits until it has.
    pub fn stop(mut self) -> Result<ExitStatus> {
        self.signal(Signal::SIGTERM)?;
        self.child.wait().context("waiting for sayso to stop")
    }

    /// An error with its log if it has ended although nobody asked it to.
    pub fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                bail!("sayso ended with {status}:\n{log}")
            }
        }
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), signal).context("signalling sayso")
    }

    /// What it has cost so far.
    pub fn spent(&self) -> Result<Spent> {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()));
        let stat = std::fs::read_to_string(process.join("stat"))?;
        // The name, the second field, may hold anything but the last closing bracket.
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |at: usize| -> f64 {
            fields
                .get(at)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0.0)
        };
        let status = std::fs::read_to_string(process.join("status"))?;
        let memory = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            number.unwrap_or(0u64) * 1024
        };
        // Fields 14 and 15 of proc(5), counted in hundredths of a second on every Linux.
        Ok(Spent {
            cpu: (ticks(11) + ticks(12)) / 100.0,
            peak: memory("VmHWM:"),
            now: memory("VmRSS:"),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // Both fail only if it is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

/// `SAYSO_BIN`, else the binary built beside this one.
fn program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("SAYSO_BIN") {
        return Ok(program.into());
    }
    let own = std::env::current_exe().context("finding this program")?;
    // A test lies one folder deeper than the programs.
    let found = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("sayso"))
        .find(|program| program.is_file());
    found.with_context(|| {
        format!(
            "there is no sayso beside {}: run `cargo build --package sayso-cli`, or set SAYSO_BIN",
            own.display()
        )
    })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
