//! Files that a page hands to its visitor.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::world::World;
use crate::{Engine, Result, until};

impl World {
    /// Presses what says this and gives the file that comes of it.
    pub async fn download(&self, label: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join("downloads");
        std::fs::create_dir_all(&folder)?;
        let behaviour =
            json!({ "behavior": "allow", "downloadPath": folder, "eventsEnabled": false });
        match self.engine {
            Engine::Chromium => {
                self.browser
                    .cdp("Browser.setDownloadBehavior", behaviour)
                    .await?;
            }
            // The profile says so.
            Engine::Firefox => std::fs::create_dir_all(&folder)?,
            Engine::WebKit => return Err("WebKit's driver has no word for downloads".into()),
        }
        let before = files(&folder)?;
        self.browser.click_text(label).await?;
        until("the downloaded file", async || {
            let new = files(&folder)?
                .into_iter()
                .find(|file| !before.contains(file));
            Ok(new.filter(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "json")
            }))
        })
        .await
    }

    /// The public keys of the site, as a file.
    pub async fn jwks(&self) -> Result<PathBuf> {
        let text = reqwest::get(self.demo.url("/sayso/v1/jwks.json"))
            .await?
            .error_for_status()?
            .text()
            .await?;
        let file = self.folder.path().join("jwks.json");
        std::fs::write(&file, text)?;
        Ok(file)
    }

    /// Opens the history and waits until the newest receipt in it is countersigned.
    pub async fn history(&self) -> Result {
        self.browser.js("sayso.open('history')").await?;
        self.browser.seen("dialog[open]").await?;
        self.browser
            .until_js(
                "the receipt to be countersigned",
                "deep('dialog')[0]?.textContent.includes('Countersigned')",
            )
            .await
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?)
}
