//! Finding the browsers that end-to-end tests drive, and installing them where that is ours to do.

mod gecko;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::Result;
use sayso_machine::{chromium, on_path};

use crate::process;
use crate::repo::Repo;

/// One browser engine with its driver.
pub(crate) struct Engine {
    /// Its name, for people.
    pub(crate) name: &'static str,
    /// How a person gets it.
    pub(crate) remedy: &'static str,
    /// The Debian packages that it comes in.
    packages: &'static [&'static str],
    /// Programs that all have to be there; of each, one of its names.
    programs: &'static [&'static [&'static str]],
}

const CHROMIUM: Engine = Engine {
    name: "Chromium",
    remedy: "install Chromium and its driver, on Debian: apt-get install chromium chromium-driver",
    packages: &["chromium", "chromium-driver"],
    programs: &[chromium::NAMES, &["chromedriver"]],
};

const FIREFOX: Engine = Engine {
    name: "Firefox",
    remedy: "install Firefox, on Debian: apt-get install firefox-esr; and its driver: cargo install --locked geckodriver",
    packages: &["firefox-esr"],
    // Its driver comes from elsewhere: see `gecko`.
    programs: &[&["firefox-esr", "firefox"]],
};

const WEBKIT: Engine = Engine {
    name: "WebKit",
    remedy: "install WebKitGTK's driver and a screen, on Debian: apt-get install webkit2gtk-driver xvfb",
    packages: &["webkit2gtk-driver", "xvfb"],
    programs: &[&["WebKitWebDriver"], &["Xvfb"]],
};

/// Every engine that the tests know.
const ALL: [&Engine; 3] = [&CHROMIUM, &FIREFOX, &WEBKIT];

impl Engine {
    fn is_there(&self) -> bool {
        self.programs
            .iter()
            .all(|names| names.iter().any(|name| on_path(name).is_some()))
    }
}

/// The Debian packages that are missing for them.
pub(crate) fn packages() -> Vec<&'static str> {
    let absent = ALL.iter().filter(|engine| !engine.is_there());
    absent.flat_map(|engine| engine.packages).copied().collect()
}

/// Firefox's driver; builds it if it must and may.
pub(crate) fn gecko(repo: &Repo, may_build: bool) -> Result<Option<PathBuf>> {
    gecko::Place::of(repo).find_or_build(may_build)
}

/// Engines that the tests can drive, and those that they cannot.
pub(crate) fn find(gecko: bool) -> (Vec<&'static Engine>, Vec<&'static Engine>) {
    ALL.iter()
        .partition(|engine| engine.is_there() && (gecko || engine.name != FIREFOX.name))
}

/// Debian's installer takes one at a time.
static APT: Mutex<()> = Mutex::new(());

/// Installs Debian packages when we are root on a Debian; says so, and returns whether it worked.
pub(crate) fn apt_get(packages: &[&str]) -> bool {
    let root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || !Path::new("/usr/bin/apt-get").exists() {
        return false;
    }
    let _one = APT.lock();
    println!("installing {}", packages.join(", "));
    let run = |arguments: &[&str]| {
        process::output(
            Command::new("/usr/bin/apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(["-q", "-y"])
                .args(arguments),
        )
    };
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(packages);
    let outcome = run(&["update"]).and_then(|_| run(&install));
    match &outcome {
        Ok(_) => println!("installed {}", packages.join(", ")),
        Err(error) => eprintln!("{error:#}"),
    }
    outcome.is_ok()
}
