//! The site under test: the demo's configuration, open to one generator's whole rate.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The site's id.
pub const ID: &str = "demo";
/// The origin that every request names.
pub const ORIGIN: &str = "http://127.0.0.1:1";

/// The configuration's text.
pub fn text() -> String {
    let demo = include_str!("../../../sites/demo/sayso.toml");
    // All that is sent comes from one address.
    format!("{demo}\n[limits]\nper_network = \"unlimited\"\n")
}

/// Writes a folder of sites below `folder`, and gives its path.
pub fn write(folder: &Path) -> Result<PathBuf> {
    let sites = folder.join("sites");
    let site = sites.join(ID);
    std::fs::create_dir_all(&site).with_context(|| format!("making {}", site.display()))?;
    std::fs::write(site.join("sayso.toml"), text())
        .with_context(|| format!("writing {}", site.display()))?;
    Ok(sites)
}
