//! Firefox: geckodriver on a free port, a fresh profile.

use std::path::{Path, PathBuf};

use sayso_machine::on_path;
use serde_json::json;
use thirtyfour::prelude::*;
use tokio::sync::OnceCell;

use super::{Killed, Leftovers, Session};
use crate::process::Process;
use crate::world::{copy, results};
use crate::{Result, until};

/// How a person gets it.
pub(super) const REMEDY: &str = "Firefox or geckodriver not found (apt-get install firefox-esr; cargo install --locked geckodriver, or \
     SAYSO_GECKODRIVER names it)";

/// Where the browser and its driver lie.
#[derive(Debug)]
pub(crate) struct Installed {
    driver: PathBuf,
    browser: PathBuf,
}

/// What a first start makes of an empty profile.
static FIRST: OnceCell<PathBuf> = OnceCell::const_new();

impl Installed {
    pub(super) fn find() -> Option<Self> {
        let named = std::env::var_os("SAYSO_GECKODRIVER").map(PathBuf::from);
        Some(Self {
            driver: named
                .filter(|file| file.is_file())
                .or_else(|| on_path("geckodriver"))?,
            browser: ["firefox-esr", "firefox"]
                .iter()
                .find_map(|name| on_path(name))?,
        })
    }

    pub(super) async fn start(&self, folder: &Path, language: &str) -> Result<Session> {
        let first = FIRST.get_or_try_init(async || self.first_start().await);
        let profile = folder.join("profile");
        copy(first.await?, &profile)?;
        self.start_with(&profile, folder, language).await
    }

    /// The profile after a start that visited nothing. A browser that is started for the first time compiles its own
    /// scripts and makes its databases; with those of another first start it takes less than half of the time.
    async fn first_start(&self) -> Result<PathBuf> {
        let age = std::fs::metadata(&self.browser)?
            .modified()?
            .duration_since(std::time::UNIX_EPOCH)?
            .as_secs();
        let kept = results().join(format!("firefox-{age}"));
        if kept.is_dir() {
            return Ok(kept);
        }
        println!("  the first start of Firefox, for {}", kept.display());
        std::fs::create_dir_all(results())?;
        let folder = tempfile::Builder::new()
            .prefix("firefox-")
            .tempdir_in(results())?;
        let profile = folder.path().join("profile");
        std::fs::create_dir(&profile)?;
        let session = self.start_with(&profile, folder.path(), "en").await?;
        session.driver.quit().await?;
        std::mem::forget(session.leftovers.browser);
        // Another test program may have been faster.
        match std::fs::rename(&profile, &kept) {
            Err(error) if !kept.is_dir() => Err(error.into()),
            _ => Ok(kept),
        }
    }

    async fn start_with(&self, profile: &Path, folder: &Path, language: &str) -> Result<Session> {
        let arguments = [
            "--port=0",
            // For a protocol that nobody speaks here; its usual port would be taken by the test beside this one.
            "--websocket-port=0",
        ];
        let mut process =
            Process::start(&self.driver, &arguments, &folder.join("geckodriver.log"))?;
        let port: u16 = until("geckodriver to name its port", async || {
            process.check()?;
            let output = process.output();
            Ok(output
                .split_once("Listening on 127.0.0.1:")
                .and_then(|(_, rest)| rest.lines().next())
                .and_then(|port| port.trim().parse().ok()))
        })
        .await?;

        let mut capabilities = Capabilities::new();
        capabilities.set("browserName", "firefox")?;
        capabilities.set("acceptInsecureCerts", true)?;
        let options = json!({
            "binary": self.browser,
            "args": ["-headless", "--width=1280", "--height=985", "-profile", profile],
            "prefs": {
                "intl.accept_languages": language,
                // A download ends in a folder of the test's, without a question.
                "browser.download.folderList": 2,
                "browser.download.dir": folder.join("downloads"),
                "browser.helperApps.neverAsk.saveToDisk": "application/json",
                // Nothing but the test: no other window, no process in reserve, no service of Mozilla's.
                "browser.sessionstore.resume_from_crash": false,
                "datareporting.policy.dataSubmissionEnabled": false,
                "dom.ipc.processPrelaunch.enabled": false,
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
                "toolkit.cosmeticAnimations.enabled": false,
            },
        });
        capabilities.set("moz:firefoxOptions", options)?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await?;
        // geckodriver, killed, leaves its browser behind.
        let number = driver
            .capabilities()
            .get("moz:processID")
            .and_then(serde_json::Value::as_u64)
            .and_then(|number| u32::try_from(number).ok());
        let leftovers = Leftovers {
            browser: number.map(Killed::Number),
            _driver: process,
            _screen: None,
        };
        Ok(Session { driver, leftovers })
    }
}
