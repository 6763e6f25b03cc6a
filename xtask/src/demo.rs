//! `cargo xtask demo`: build everything, serve the demo site, stop everything again.

mod child;
mod ready;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use self::child::Child;
use crate::dist;
use crate::native::{self, Binaries};
use crate::repo::Repo;

/// How long a program may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// What `cargo xtask demo` understands.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The demo site's port on 127.0.0.1; sayso itself gets the next one.
    #[arg(long, default_value_t = 8787, value_parser = clap::value_parser!(u16).range(1..65535))]
    port: u16,
}

/// Serves until Ctrl-C, SIGTERM, or the end of one of the two programs.
pub(crate) fn run(repo: &Repo, options: &Options) -> Result<()> {
    let site = local(options.port);
    let upstream = local(options.port + 1);
    free(site)?;
    free(upstream)?;

    // From here on a stop is a stop in good order; a build in between is ended by the terminal itself.
    dist::pieces(repo)?;
    let binaries = native::build(repo)?;

    let (stop, stopped) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Nobody listens any more once the programs are being stopped.
        let _ = stop.send(());
    })
    .context("listening for Ctrl-C")?;

    let mut children = start(repo, &binaries, site, upstream)?;
    let outcome = serve(repo, &mut children, &stopped, site, upstream);
    // The site first: it talks to sayso.
    for child in children.iter_mut().rev() {
        child.stop();
    }
    outcome
}

fn start(
    repo: &Repo,
    binaries: &Binaries,
    site: SocketAddr,
    upstream: SocketAddr,
) -> Result<Vec<Child>> {
    let mut sayso = Command::new(&binaries.sayso);
    sayso
        .current_dir(&repo.root)
        .args([
            "serve",
            "--sites",
            "sites",
            "--data",
            ".sayso/demo",
            "--listen",
        ])
        .arg(upstream.to_string());
    let mut demo = Command::new(&binaries.demo);
    demo.current_dir(&repo.root)
        .arg("--listen")
        .arg(site.to_string())
        .arg("--upstream")
        .arg(format!("http://{upstream}"))
        .args(["--pages", "www/demo"]);
    Ok(vec![
        Child::start("sayso", sayso)?,
        Child::start("the demo site", demo)?,
    ])
}

/// Waits for both, says what to open, then waits for the end.
fn serve(
    repo: &Repo,
    children: &mut [Child],
    stopped: &mpsc::Receiver<()>,
    site: SocketAddr,
    upstream: SocketAddr,
) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut waiting = vec![
        ("sayso", upstream, "/sayso/readyz"),
        ("the demo site", site, "/"),
    ];
    while !waiting.is_empty() {
        waiting.retain(|(_, address, path)| !ready::answers(*address, path));
        if rest(children, stopped, Duration::from_millis(50))? {
            return Ok(());
        }
        if let (true, Some((name, address, path))) = (Instant::now() > deadline, waiting.first()) {
            bail!(
                "{name} does not answer http://{address}{path} after {} s",
                PATIENCE.as_secs()
            );
        }
    }
    println!(
        "\n  Open   http://{site}\n  Mail   {}\n  Data   {}\n  Stop   Ctrl-C\n",
        repo.root.join(".sayso/demo/demo/mail").display(),
        repo.root.join(".sayso/demo").display(),
    );
    while !rest(children, stopped, Duration::from_millis(200))? {}
    println!("\nstopping");
    Ok(())
}

/// Waits a little; true when asked to stop, an error when a program ended by itself.
fn rest(children: &mut [Child], stopped: &mpsc::Receiver<()>, time: Duration) -> Result<bool> {
    if stopped.recv_timeout(time).is_ok() {
        return Ok(true);
    }
    for child in children {
        if let Some(status) = child.ended()? {
            // Ctrl-C reaches the programs and us at once, in any order.
            if stopped.recv_timeout(Duration::from_millis(200)).is_ok() {
                return Ok(true);
            }
            bail!(
                "{} ended by itself with {status}; its last lines above say why",
                child.name()
            );
        }
    }
    Ok(false)
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))
}

/// A taken port is found before minutes are spent on building.
fn free(address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "{address} is taken by another program, perhaps another demo; stop that one, or choose another port: `cargo xtask demo --port 9000`"
        ),
        Err(error) => Err(error).with_context(|| format!("listening on {address}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_way_out() {
        let taken = TcpListener::bind(local(0)).expect("some port is free");
        let address = taken.local_addr().expect("is bound");
        let error = free(address).expect_err("is taken").to_string();
        assert!(
            error.contains(&address.to_string()) && error.contains("--port"),
            "{error}"
        );
        drop(taken);
        assert!(free(address).is_ok());
    }
}
