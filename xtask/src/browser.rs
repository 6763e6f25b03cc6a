//! Finding the browser that end-to-end tests drive, and installing it where that is ours to do.

use std::path::Path;
use std::process::Command;

use crate::process;

/// A browser with its driver, both tried.
pub(crate) struct Browser {
    /// What it says of itself, such as `Chromium 156.0.8078.79`.
    pub(crate) version: String,
    /// What the driver says of itself.
    pub(crate) driver: String,
}

/// How a person gets it.
pub(crate) const REMEDY: &str =
    "install Chromium and its driver, on Debian: apt-get install chromium chromium-driver";

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Looks on the PATH.
pub(crate) fn find() -> Option<Browser> {
    Some(Browser {
        version: NAMES
            .iter()
            .find_map(|name| process::version(name, "--version"))?,
        driver: process::version("chromedriver", "--version")?,
    })
}

/// Looks on the PATH, and asks apt-get when it is not there and `may_install` says so.
pub(crate) fn find_or_install(may_install: bool) -> Option<Browser> {
    if let Some(found) = find() {
        return Some(found);
    }
    if may_install && apt_get(&["chromium", "chromium-driver"]) {
        return find();
    }
    None
}

/// Installs Debian packages when we are root on a Debian; says so, and returns whether it worked.
pub(crate) fn apt_get(packages: &[&str]) -> bool {
    let root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || !Path::new("/usr/bin/apt-get").exists() {
        return false;
    }
    println!("installing {}", packages.join(", "));
    let run = |arguments: &[&str]| {
        process::run(
            Command::new("/usr/bin/apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["-q", "-y"])
                .args(arguments),
        )
    };
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(packages);
    let outcome = run(&["update"]).and_then(|()| run(&install));
    if let Err(error) = &outcome {
        eprintln!("{error:#}");
    }
    outcome.is_ok()
}
