//! Chromium, under whatever name it is installed, and how it starts without a window and without errands of its own.

use std::path::PathBuf;

/// What it may be called.
pub const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// What every start of it says.
pub const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    // The omnibox's own pages would be loaded with every window, beside the page that is looked at.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
];

/// Where it lies.
pub fn find() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| crate::on_path(name))
}
