//! Chromium: chromedriver on a free port, a fresh profile.

use std::path::{Path, PathBuf};

use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use super::{Killed, Leftovers, Session};
use crate::process::{Process, on_path};
use crate::{Result, until};

/// How a person gets it.
pub(super) const REMEDY: &str =
    "chromium and chromedriver not found (apt-get install chromium chromium-driver)";

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    // The omnibox's own pages would be loaded with every window.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
    "--window-size=1280,900",
];

/// Where the browser and its driver lie.
#[derive(Debug)]
pub(crate) struct Installed {
    driver: PathBuf,
    browser: PathBuf,
}

impl Installed {
    pub(super) fn find() -> Option<Self> {
        Some(Self {
            driver: on_path("chromedriver")?,
            browser: NAMES.iter().find_map(|name| on_path(name))?,
        })
    }

    pub(super) async fn start(&self, folder: &Path, language: &str) -> Result<Session> {
        let mut process = Process::start(
            &self.driver,
            &["--port=0"],
            &folder.join("chromedriver.log"),
        )?;
        let port: u16 = until("chromedriver to name its port", async || {
            process.check()?;
            let output = process.output();
            Ok(output
                .split_once("started successfully on port ")
                .and_then(|(_, rest)| rest.split_once('.'))
                .and_then(|(port, _)| port.parse().ok()))
        })
        .await?;

        let profile = folder.join("profile");
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities.set_binary(&self.browser.to_string_lossy())?;
        for flag in FLAGS {
            capabilities.add_arg(flag)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
        capabilities.add_arg(&format!("--lang={language}"))?;
        capabilities.add_arg(&format!("--accept-lang={language}"))?;
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        capabilities.set("acceptInsecureCerts", true)?;
        // chromedriver, killed, leaves its browser behind.
        let leftovers = Leftovers {
            browser: Some(Killed::Profile(profile)),
            _driver: process,
            _screen: None,
        };
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await?;
        Ok(Session { driver, leftovers })
    }
}
