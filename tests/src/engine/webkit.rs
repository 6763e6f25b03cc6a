//! WebKitGTK: WebKitWebDriver on a free port, the MiniBrowser on a screen that is not there.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use sayso_machine::on_path;
use serde_json::json;
use thirtyfour::prelude::*;

use super::{Leftovers, Session};
use crate::process::Process;
use crate::{Result, until};

/// How a person gets it.
pub(super) const REMEDY: &str =
    "WebKitWebDriver, its MiniBrowser or Xvfb not found (apt-get install webkit2gtk-driver xvfb)";

/// Where distributions put the browser: below a library folder, in one of these.
const FOLDERS: [&str; 3] = ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"];

/// Where the browser, its driver and its screen lie.
#[derive(Debug)]
pub(crate) struct Installed {
    driver: PathBuf,
    browser: PathBuf,
    screen: PathBuf,
}

impl Installed {
    pub(super) fn find() -> Option<Self> {
        Some(Self {
            driver: on_path("WebKitWebDriver")?,
            browser: mini_browser()?,
            screen: on_path("Xvfb")?,
        })
    }

    pub(super) async fn start(&self, folder: &Path, language: &str) -> Result<Session> {
        let arguments = [
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1400x1100x24",
            "-nolisten",
            "tcp",
        ];
        let mut screen = Process::start(&self.screen, &arguments, &folder.join("xvfb.log"))?;
        let display: u32 = until("the screen to name its number", async || {
            screen.check()?;
            Ok(screen
                .output()
                .lines()
                .find_map(|line| line.trim().parse().ok()))
        })
        .await?;

        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(&self.driver);
        command
            .arg(format!("--port={port}"))
            .env("DISPLAY", format!(":{display}"))
            .env_remove("WAYLAND_DISPLAY")
            .env("HOME", folder)
            .env("LANGUAGE", language)
            .env("LC_ALL", "C.UTF-8")
            // Its sandbox needs rights that containers do not have; the only pages here are ours.
            .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
            .env("NO_AT_BRIDGE", "1")
            .env("GIO_USE_VFS", "local")
            .env("GSETTINGS_BACKEND", "memory");
        let mut process = Process::spawn(command, &folder.join("webkitwebdriver.log"))?;
        let address = format!("http://127.0.0.1:{port}");
        until("WebKitWebDriver to answer", async || {
            process.check()?;
            let answer = reqwest::get(format!("{address}/status")).await?;
            Ok(answer.status().is_success().then_some(()))
        })
        .await?;

        let mut capabilities = Capabilities::new();
        capabilities.set("acceptInsecureCerts", true)?;
        let options = json!({ "binary": self.browser, "args": ["--automation"] });
        capabilities.set("webkitgtk:browserOptions", options)?;
        let driver = WebDriver::new(address, capabilities).await?;
        driver.set_window_rect(0, 0, 1280, 900).await?;
        // The browser ends with its screen.
        let leftovers = Leftovers {
            browser: None,
            _driver: process,
            _screen: Some(screen),
        };
        Ok(Session { driver, leftovers })
    }
}

fn mini_browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("SAYSO_MINIBROWSER") {
        return Some(PathBuf::from(named)).filter(|file| file.is_file());
    }
    let libraries: Vec<PathBuf> = ["/usr/lib", "/usr/libexec", "/usr/lib64"]
        .iter()
        .flat_map(|folder| {
            let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
            std::iter::once(PathBuf::from(folder)).chain(below.map(|entry| entry.path()))
        })
        .collect();
    FOLDERS.iter().find_map(|folder| {
        libraries
            .iter()
            .map(|library| library.join(folder).join("MiniBrowser"))
            .find(|file| file.is_file())
    })
}
