//! The three browser engines: what each needs, where it is found, and how a session in it begins.

mod chromium;
mod firefox;
mod webkit;

use std::fmt;
use std::path::Path;

use thirtyfour::WebDriver;

use crate::Result;
use crate::process::Process;

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, through chromedriver and its own protocol.
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
    /// WebKitGTK's MiniBrowser, through WebKitWebDriver, on a screen of its own.
    WebKit,
}

/// An engine that this machine has, ready to be started.
#[derive(Debug)]
pub(crate) enum Installed {
    Chromium(chromium::Installed),
    Firefox(firefox::Installed),
    WebKit(webkit::Installed),
}

/// A browser that was started.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) driver: WebDriver,
    /// What must not outlive the test, the browser's own process included where its driver may leave it behind.
    pub(crate) leftovers: Leftovers,
}

/// The processes of a browser, ended in this order when dropped.
#[derive(Debug)]
pub(crate) struct Leftovers {
    pub(crate) browser: Option<Killed>,
    pub(crate) _driver: Process,
    pub(crate) _screen: Option<Process>,
}

/// A process that is not our child, killed when dropped if it is there still.
#[derive(Debug)]
pub(crate) enum Killed {
    /// Its number.
    Number(u32),
    /// The folder of its profile, whose lock names it.
    Profile(std::path::PathBuf),
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// Its name in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// Looks for what it needs, in the environment and on the PATH; the error says how to get it.
    pub(crate) fn find(self) -> std::result::Result<Installed, &'static str> {
        match self {
            Self::Chromium => chromium::Installed::find()
                .map(Installed::Chromium)
                .ok_or(chromium::REMEDY),
            Self::Firefox => firefox::Installed::find()
                .map(Installed::Firefox)
                .ok_or(firefox::REMEDY),
            Self::WebKit => webkit::Installed::find()
                .map(Installed::WebKit)
                .ok_or(webkit::REMEDY),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        })
    }
}

impl Installed {
    /// Which one it is.
    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Chromium(_) => Engine::Chromium,
            Self::Firefox(_) => Engine::Firefox,
            Self::WebKit(_) => Engine::WebKit,
        }
    }

    /// Starts a browser that knows nothing yet; profile and logs lie in `folder`.
    pub(crate) async fn start(&self, folder: &Path, language: &str) -> Result<Session> {
        match self {
            Self::Chromium(installed) => installed.start(folder, language).await,
            Self::Firefox(installed) => installed.start(folder, language).await,
            Self::WebKit(installed) => installed.start(folder, language).await,
        }
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let number = match self {
            Self::Number(number) => Some(*number),
            Self::Profile(folder) => std::fs::read_link(folder.join("SingletonLock"))
                .ok()
                .and_then(|lock| lock.to_string_lossy().rsplit('-').next()?.parse().ok()),
        };
        if let Some(number) = number {
            let _ = std::process::Command::new("kill")
                .args(["-KILL", &number.to_string()])
                .stderr(std::process::Stdio::null())
                .status();
        }
    }
}

/// Makes three tests of one scenario, an `async fn(&mut World) -> Result` beside it: `scenario::chromium`,
/// `scenario::firefox` and `scenario::webkit`, all over https. A second argument is the [`Setup`](crate::Setup).
///
/// ```text
/// engines!(no_is_remembered);
/// async fn no_is_remembered(world: &mut World) -> Result {
///     world.visit("/").await?;
///     world.answer("refuse-all").await
/// }
/// ```
#[macro_export]
macro_rules! engines {
    ($scenario:ident) => {
        $crate::engines!($scenario, $crate::Setup::default());
    };
    ($scenario:ident, $setup:expr) => {
        mod $scenario {
            use super::*;

            #[test]
            fn chromium() {
                ($setup)
                    .within($crate::Engine::Chromium)
                    .run(super::$scenario);
            }

            #[test]
            fn firefox() {
                ($setup)
                    .within($crate::Engine::Firefox)
                    .run(super::$scenario);
            }

            #[test]
            fn webkit() {
                ($setup)
                    .within($crate::Engine::WebKit)
                    .run(super::$scenario);
            }
        }
    };
}
