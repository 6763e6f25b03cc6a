//! Chromium: chromedriver on a free port, a fresh profile.

use std::path::{Path, PathBuf};

use sayso_machine::{chromium, on_path};
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use super::{Killed, Leftovers, Session};
use crate::process::Process;
use crate::{Result, until};

/// How a person gets it.
pub(super) const REMEDY: &str =
    "chromium and chromedriver not found (apt-get install chromium chromium-driver)";

/// What a test adds to how Chromium always starts.
const WINDOW: &str = "--window-size=1280,900";

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
            browser: chromium::find()?,
        })
    }

    pub(super) async fn start(&self, folder: &Path, language: &str) -> Result<Session> {
        let begin = || {
            Process::start(
                &self.driver,
                &["--port=0"],
                &folder.join("chromedriver.log"),
            )
        };
        let mut process = begin()?;
        let port: u16 = until("chromedriver to name its port", async || {
            if let Err(ended) = process.check() {
                // It takes a port that is free for IPv6 and wants the same for IPv4, where somebody may have it.
                if !process.output().contains("already in use") {
                    return Err(ended);
                }
                process = begin()?;
            }
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
        for flag in chromium::FLAGS {
            capabilities.add_arg(flag)?;
        }
        capabilities.add_arg(WINDOW)?;
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
