//! The real binary over a data folder of its own, and requests to it over plain sockets.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::workspace;

/// A debug build compresses its pieces when it starts, which takes a while beside a running compiler.
const START: Duration = Duration::from_secs(60);

/// A running `sayso serve`; killed when dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    pub(crate) folder: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free();
        let log = File::create(folder.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_sayso"))
            .arg("serve")
            .arg("--sites")
            .arg(workspace().join("sites"))
            .arg("--data")
            .arg(folder.path().join("data"))
            .args(["--log", "json", "--listen", &address.to_string()])
            // With a line for every answer, also for those that went as they should.
            .env("SAYSO_LOG", "debug")
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            address,
            folder,
        };
        let started = Instant::now();
        while !server.has("readyz") {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {}", server.log());
            assert!(started.elapsed() < START, "not ready: {}", server.log());
        }
        server
    }

    /// Waits until a path below the base is there.
    pub(crate) fn wait_for(&self, path: &str) {
        let started = Instant::now();
        while !self.has(path) {
            assert!(started.elapsed() < START, "no {path}: {}", self.log());
        }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The body of a GET below the base.
    pub(crate) fn get(&self, path: &str) -> String {
        self.send(&format!("GET /sayso/{path} HTTP/1.1\r\n"), "")
    }

    /// The body of what answers a post of text from the site's own page.
    pub(crate) fn post(&self, path: &str, body: &str) -> String {
        let head = format!(
            "POST /sayso/{path} HTTP/1.1\r\nOrigin: {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n",
            self.origin(),
            body.len()
        );
        self.send(&head, body)
    }

    fn send(&self, head: &str, body: &str) -> String {
        let answer = self.exchange(head, body).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}\n{body}");
        body.to_owned()
    }

    fn exchange(&self, head: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        let host = self.address;
        write!(
            stream,
            "{head}Host: {host}\r\nConnection: close\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    fn has(&self, path: &str) -> bool {
        self.exchange(&format!("GET /sayso/{path} HTTP/1.1\r\n"), "")
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}
